package org.aima.backfill.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;

/**
 * Searches the serving collection at a steady pace and notes how long each answer took: what people
 * who search feel of a copy.
 */
public final class SearchProbe implements AutoCloseable {
    private static final int NEIGHBOURS = 10;

    private final EmbeddingStore store;
    private final String collection;
    private final List<float[]> vectors;
    private final Map<String, String> params;
    private final List<Double> millis = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param store is closed with the probe
     * @param vectors to search with in turn; without any nothing is searched
     * @param pauseMillis between two searches
     */
    public SearchProbe(
            EmbeddingStore store,
            String collection,
            List<float[]> vectors,
            Map<String, String> params,
            long pauseMillis) {
        this.store = store;
        this.collection = collection;
        this.vectors = List.copyOf(vectors);
        this.params = Map.copyOf(params);
        this.thread = new Thread(() -> probe(pauseMillis), "backfill-search-probe");
        thread.setDaemon(true);
        if (!vectors.isEmpty()) {
            thread.start();
        }
    }

    private void probe(long pauseMillis) {
        for (int i = 0; !closed; i++) {
            try {
                add(search(vectors.get(i % vectors.size())));
                Thread.sleep(pauseMillis);
            } catch (StoreException e) {
                // A search that fails is no latency; the copy itself meets the same server.
                if (closed) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void add(double latency) {
        millis.add(latency);
    }

    /** Milliseconds of one search. */
    private double search(float[] vector) {
        long start = System.nanoTime();
        store.search(collection, List.of(vector), NEIGHBOURS, null, params);
        return (System.nanoTime() - start) / 1e6;
    }

    /** The latencies since the last call. */
    public synchronized List<Double> takeLatencies() {
        List<Double> taken = List.copyOf(millis);
        millis.clear();
        return taken;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        store.close();
    }
}
