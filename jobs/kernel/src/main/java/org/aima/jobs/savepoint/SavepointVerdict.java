package org.aima.jobs.savepoint;

import java.util.List;

/**
 * Whether a job can take a savepoint over without losing anything, and why.
 *
 * @param bytes of state in the savepoint
 * @param compatible whether no finding is blocking
 * @param operators of the new graph
 */
public record SavepointVerdict(
        String savepoint,
        long checkpointId,
        long bytes,
        boolean compatible,
        List<Finding> findings,
        List<OperatorGraph.OperatorName> operators) {

    /**
     * One thing that was compared.
     *
     * @param operator its uid; for an operator that the graph lacks the id in the savepoint
     * @param state empty for the operator as a whole
     * @param blocking whether the job would fail or lose state
     */
    public record Finding(
            String operator, String state, Kind kind, boolean blocking, String detail) {}

    /** What a finding is about. */
    public enum Kind {
        /** The state is taken over as it is. */
        KEPT,
        /** The state is taken over and rewritten by the new serializer. */
        MIGRATED,
        /** The savepoint does not know the operator: it starts without state. */
        NEW_OPERATOR,
        /** The operator does not know the state yet. */
        NEW_STATE,
        /** The graph lacks an operator whose state the savepoint holds. */
        ORPHANED_OPERATOR,
        /** The function no longer declares a state that the savepoint holds. */
        LOST_STATE,
        /** A value state became a map state or the like. */
        KIND_CHANGED,
        /** The new serializer cannot read the old bytes. */
        SERIALIZER_CHANGED,
        /** The key's type or serializer changed, so that no row would be found. */
        KEY_CHANGED,
        /** The number of key groups changed. */
        MAX_PARALLELISM_CHANGED,
        /** More tasks than key groups. */
        PARALLELISM_TOO_HIGH,
        /** The function says nothing about its state. */
        NOT_DECLARED,
        /** A class that is needed to read the state is gone, or the file is damaged. */
        UNREADABLE,
        /** The state is given up because the operator said so. */
        DROPPED
    }

    /** The findings that forbid the start. */
    public List<Finding> blocking() {
        return findings.stream().filter(Finding::blocking).toList();
    }
}
