package org.aima.jobs.pipeline;

import java.util.Map;

/** What a step reads of its run's earlier phases, and what it notes for itself while it works. */
public interface StepJournal {

    /** What another phase of this run left when it was done; empty before that. */
    Map<String, Object> resultOf(String phase);

    /** What earlier, interrupted attempts of this step noted; empty at the first. */
    Map<String, Object> notes();

    /**
     * Adds to the notes of this step; durable on return, idempotent.
     *
     * @throws org.aima.jobs.error.AimaException refused when the run lost its lease
     */
    void note(Map<String, Object> fields);
}
