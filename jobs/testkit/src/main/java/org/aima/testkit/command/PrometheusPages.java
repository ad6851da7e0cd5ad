package org.aima.testkit.command;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;

/** Scrapes the cluster's metrics again and again, since those of a short job do not last. */
public final class PrometheusPages implements AutoCloseable {
    private static final long PAUSE_MILLIS = 200;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<String> addresses;
    private final Map<String, Set<String>> jobsByName = new ConcurrentSkipListMap<>();
    private final Thread thread = new Thread(this::scrape, "prometheus");
    private volatile boolean closed;

    /**
     * Begins to scrape.
     *
     * @param addresses joined by commas, as {@code stack env} prints them
     */
    public PrometheusPages(String addresses) {
        this.addresses = List.of(addresses.split(","));
        thread.setDaemon(true);
        thread.start();
    }

    private void scrape() {
        while (!closed) {
            addresses.forEach(this::scrape);
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void scrape(String address) {
        try {
            http.send(
                            HttpRequest.newBuilder(URI.create(address))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofLines())
                    .body()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(this::note);
        } catch (IOException ignored) {
            // A process that a test has killed answers again when it is back.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(String line) {
        int end = line.indexOf('{');
        String name = line.substring(0, end < 0 ? Math.max(0, line.indexOf(' ')) : end);
        int job = line.indexOf("job_name=\"");
        String of = job < 0 ? "" : line.substring(job + 10, line.indexOf('"', job + 10));
        jobsByName.merge(
                name,
                Set.of(of),
                (before, more) -> {
                    Set<String> all = new TreeSet<>(before);
                    all.addAll(more);
                    return all;
                });
    }

    /** The names seen so far, each with the jobs it was seen of; empty for the cluster's own. */
    public Map<String, Set<String>> seen() {
        return new TreeMap<>(jobsByName);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
