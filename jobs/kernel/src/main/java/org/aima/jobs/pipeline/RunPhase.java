package org.aima.jobs.pipeline;

/**
 * One phase of a run's course.
 *
 * @param name unique within the course; lower-case letters, digits and hyphens
 * @param kind who does it
 */
public record RunPhase(String name, Kind kind) {

    public RunPhase {
        if (!name.matches("[a-z][a-z0-9-]{0,39}")) {
            throw new IllegalArgumentException("'" + name + "' is not a phase's name");
        }
    }

    /** Who does a phase. */
    public enum Kind {
        /** {@link JobAction#step} in a process of the job's own, outside the cluster. */
        STEP,
        /** {@link JobAction#define} on the cluster. */
        GRAPH,
        /** {@link JobAction#verify}; what follows it is only done when every check passed. */
        VERIFY
    }

    public static RunPhase step(String name) {
        return new RunPhase(name, Kind.STEP);
    }

    public static RunPhase graph(String name) {
        return new RunPhase(name, Kind.GRAPH);
    }

    public static RunPhase verify(String name) {
        return new RunPhase(name, Kind.VERIFY);
    }
}
