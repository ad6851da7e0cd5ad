package org.aima.personclustering.core;

/**
 * A new embedding on its way to a person.
 *
 * @param arrivedMillis when its event was written, epoch milliseconds
 * @param candidates persons one of whose exemplars it resembles, most similar first
 */
public record Arrival(Observation observation, long arrivedMillis, String[] candidates) {

    /** The space whose persons are asked. */
    public String space() {
        return observation.space();
    }

    /** Unique over both modalities. */
    public String key() {
        return observation.member().key();
    }
}
