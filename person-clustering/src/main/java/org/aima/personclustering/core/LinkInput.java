package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/** What linking takes in beside the vectors: exactly one of the two is set. */
public record LinkInput(@Nullable NeighbourBlock neighbours, @Nullable LinkRule rule) {

    public static LinkInput of(NeighbourBlock neighbours) {
        return new LinkInput(neighbours, null);
    }

    public static LinkInput of(LinkRule rule) {
        return new LinkInput(null, rule);
    }
}
