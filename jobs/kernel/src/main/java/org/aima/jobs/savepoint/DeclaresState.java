package org.aima.jobs.savepoint;

import java.util.List;
import org.apache.flink.api.common.state.StateDescriptor;

/**
 * A function that tells which state it keeps, so that a savepoint can be compared with it before
 * the job that runs is stopped.
 *
 * <p>The descriptors must be those that {@code open} and {@code initializeState} ask with: a state
 * that is kept but not declared here counts as lost when a savepoint holds it.
 */
public interface DeclaresState {

    /** State by key. */
    default List<StateDescriptor<?, ?>> keyedState() {
        return List.of();
    }

    /** List, union list and broadcast state of the operator. */
    default List<StateDescriptor<?, ?>> operatorState() {
        return List.of();
    }
}
