package org.aima.jobs.launch;

import org.aima.jobs.config.Option;
import org.aima.jobs.pipeline.Operators;

/** Options every job has. */
public final class LaunchOptions {
    public static final Option<Integer> PARALLELISM =
            Option.integer("parallelism", "Subtasks of each parallel operator.")
                    .defaultsTo("2")
                    .require(
                            p -> p >= 1 && p <= Operators.MAX_PARALLELISM,
                            "give a whole number from 1 to " + Operators.MAX_PARALLELISM);

    private LaunchOptions() {}
}
