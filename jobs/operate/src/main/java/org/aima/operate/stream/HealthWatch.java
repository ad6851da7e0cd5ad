package org.aima.operate.stream;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import org.aima.operate.stream.StreamCluster.Vitals;

/**
 * Decides whether a version that was started is well: it runs, has completed a checkpoint since its
 * last restart, its records flow or its sources are known to be idle, and all that for a while.
 */
final class HealthWatch {
    private static final long EVERY_MILLIS = 500;

    private final StreamCluster cluster;
    private final Pace pace;
    private final PrintStream people;

    HealthWatch(StreamCluster cluster, Pace pace, PrintStream people) {
        this.cluster = cluster;
        this.pace = pace;
        this.people = people;
    }

    /** Empty when the job is well, else why it is not. */
    Optional<String> await(String flinkJob, Runnable meanwhile) {
        long start = pace.clock().millis();
        long since = -1;
        long restarts = 0;
        long checkpointsAtRestart = 0;
        String told = "";
        while (true) {
            meanwhile.run();
            Optional<String> state = cluster.state(flinkJob);
            if (state.isPresent() && StreamCluster.ended(state.get())) {
                return Optional.of("it ended as " + state.get() + ": " + cluster.failure(flinkJob));
            }
            Vitals vitals = cluster.vitals(flinkJob);
            long now = pace.clock().millis();
            if (vitals.restarts() > restarts) {
                restarts = vitals.restarts();
                checkpointsAtRestart = vitals.checkpoints();
                since = -1;
                if (restarts > pace.restarts()) {
                    return Optional.of(
                            "it restarted " + restarts + " times: " + cluster.failure(flinkJob));
                }
            }
            boolean runs = state.filter("RUNNING"::equals).isPresent();
            since = runs ? since < 0 ? now : since : -1;
            String missing = missing(runs, vitals, checkpointsAtRestart, now - since);
            if (missing.isEmpty()) {
                return Optional.empty();
            }
            if (!missing.equals(told)) {
                told = missing;
                people.println("  waiting: " + missing);
            }
            if (now - start > pace.deadline().toMillis()) {
                return Optional.of("within " + pace.deadline().toSeconds() + " s " + missing);
            }
            pace.sleep(Duration.ofMillis(EVERY_MILLIS));
        }
    }

    private String missing(boolean runs, Vitals vitals, long checkpointsAtRestart, long forMillis) {
        if (!runs) {
            return "it does not run";
        }
        if (vitals.checkpoints() <= checkpointsAtRestart) {
            return "it has completed no checkpoint";
        }
        boolean idle =
                pace.idle() || vitals.pending().isPresent() && vitals.pending().getAsLong() == 0;
        if (vitals.records() == 0 && !idle) {
            return "no record has passed its sources";
        }
        return forMillis >= pace.settle().toMillis()
                ? ""
                : "it has not run for " + pace.settle().toSeconds() + " s without a restart";
    }
}
