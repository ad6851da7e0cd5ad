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

    /** Whether its graph never ends by itself, so that its state has to outlive every version. */
    default boolean endless() {
        return false;
    }

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

    /**
     * The phases of a run in order; each is in the ledger before the next begins, and a run that is
     * taken up again goes on with the first that is not done. By default the graph and its
     * read-back.
     *
     * @throws AimaException usage, when a plan is asked for that would be a graph without end
     */
    default List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        if (planOnly && endless()) {
            throw AimaException.usage(
                    name() + " is endless and has no plan of its own; its configuration is right");
        }
        return RunPhases.plain(planOnly);
    }

    /**
     * Does one phase of kind {@link RunPhase.Kind#STEP}. It may be interrupted anywhere and is then
     * done again, so it must be idempotent; writes to stores check the run's fence.
     *
     * @throws org.aima.jobs.error.RunRefusedException when a gate says no; the run then ends as
     *     refused
     */
    default StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal journal) {
        throw new IllegalArgumentException(name() + " has no step " + phase);
    }

    /** Adds sources, topology and sinks to the environment; never executes. */
    void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run);

    /** The same for one of several graphs of a course. */
    default void define(
            String phase,
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run) {
        define(environment, configuration, run);
    }

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
