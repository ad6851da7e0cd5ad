package org.aima.jobs.launch;

import java.time.Duration;
import org.aima.jobs.pipeline.Operators;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Creates environments with the suite's guard rails: no Kryo, no automatic uids. */
public final class JobEnvironment {
    private static final int RESTARTS = 10;
    private static final Duration RESTART_DELAY = Duration.ofSeconds(2);

    private JobEnvironment() {}

    /** An environment for the given mode; parallelism is the default of every operator. */
    public static StreamExecutionEnvironment create(RuntimeExecutionMode mode, int parallelism) {
        Configuration configuration = new Configuration();
        configuration.set(ExecutionOptions.RUNTIME_MODE, mode);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.MAX_PARALLELISM, Operators.MAX_PARALLELISM);
        // Parallelism is the operator's choice: a run must not change its shape with its data.
        configuration.set(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, RESTART_DELAY);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(Operators.MAX_PARALLELISM);
        return environment;
    }
}
