package org.aima.jobs.launch;

import java.time.Duration;
import org.aima.jobs.pipeline.Operators;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Creates environments with the suite's guard rails: no Kryo, no automatic uids. */
public final class JobEnvironment {
    private static final int RESTARTS = 10;
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(15);
    private static final Duration HEALTHY_AGAIN = Duration.ofMinutes(5);
    private static final double BACKOFF_GROWTH = 1.5;
    private static final Duration CHECKPOINTS = Duration.ofSeconds(10);
    private static final int TOLERATED_CHECKPOINT_FAILURES = 20;

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
        // One lost TaskManager fails many tasks. This strategy takes failures within one backoff
        // for
        // one; with a fixed delay two lost TaskManagers used up ten attempts.
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                FIRST_BACKOFF);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                LONGEST_BACKOFF);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER,
                BACKOFF_GROWTH);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                HEALTHY_AGAIN);
        if (mode == RuntimeExecutionMode.STREAMING) {
            configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINTS);
            configuration.set(
                    CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                    ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
            // A checkpoint that a slow store held up is tried again, it does not fail the job.
            configuration.set(
                    CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED_CHECKPOINT_FAILURES);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(Operators.MAX_PARALLELISM);
        return environment;
    }
}
