package org.aima.jobs.pipeline;

import java.util.List;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One thing a job does, for example {@code recluster}: its options, its graph, its proof. */
public interface JobAction {

    /** The word after the colon in {@code aima run JOB:ACTION}. */
    String name();

    /** Bounded or endless. */
    RuntimeExecutionMode mode();

    /** Every option that may be set for this action, stores included. */
    List<Option<?>> options();

    /**
     * Checks what a value alone cannot show: options that contradict each other, stores that cannot
     * be reached, collections that are missing. Reads only.
     */
    List<ConfigurationProblem> preflight(Configuration configuration);

    /** What the run changes; two runs of one target exclude each other. */
    String target(Configuration configuration);

    /** Opens the ledger the configuration points to. */
    RunLedger ledger(Configuration configuration);

    /** Adds sources, topology and sinks to the environment; never executes. */
    void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run);

    /**
     * Brings the stores back to what they were before a run; refuses when something else has
     * changed what the run wrote. Idempotent.
     *
     * @param run the run to undo, and the fence under which it is undone
     * @throws AimaException usage, when this action keeps nothing to undo by
     */
    default Undoing undo(Configuration configuration, RunContext run) {
        throw AimaException.usage(name() + " has no undo");
    }

    /** Reads the stores back after a run and says whether they hold what the run promised. */
    Verification verify(Configuration configuration, RunContext run);
}
