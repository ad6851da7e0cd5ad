package org.aima.personclustering.function;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.aima.personclustering.core.PersonSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is known, read again at an interval by a thread of its own.
 *
 * <p>When a reading fails, what was read before holds and the next reading tries again; its age is
 * a metric.
 */
final class PersonFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PersonFeed.class);
    private static final long LAST_READING_SECONDS = 20;

    private final PersonReader reader;
    private final ScheduledExecutorService thread;
    private volatile PersonSnapshot latest;

    /** Returns when everything was read once. */
    PersonFeed(PersonReader.Factory readers, long intervalMillis) {
        this.reader = readers.open();
        try {
            this.latest = reader.read(null);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
        this.thread =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread created = new Thread(task, "read persons");
                            created.setDaemon(true);
                            return created;
                        });
        thread.scheduleWithFixedDelay(
                this::refresh, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
    }

    private void refresh() {
        try {
            latest = reader.read(latest);
        } catch (RuntimeException e) {
            LOG.warn("persons could not be read again; those of {} hold", latest.readMillis(), e);
        }
    }

    PersonSnapshot latest() {
        return latest;
    }

    /** Since when nothing newer is known, in seconds. */
    long ageSeconds() {
        return (System.currentTimeMillis() - latest.readMillis()) / 1_000;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(LAST_READING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("reading persons does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reader.close();
    }
}
