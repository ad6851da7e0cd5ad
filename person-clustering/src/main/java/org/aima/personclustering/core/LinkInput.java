package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/** What linking takes in beside the vectors: exactly one of the four is set. */
public record LinkInput(
        @Nullable NeighbourBlock neighbours,
        @Nullable NamedNeighbours named,
        @Nullable CellMerges linked,
        @Nullable LinkRule rule) {

    public static LinkInput of(NeighbourBlock neighbours) {
        return new LinkInput(neighbours, null, null, null);
    }

    public static LinkInput of(NamedNeighbours named) {
        return new LinkInput(null, named, null, null);
    }

    public static LinkInput of(CellMerges linked) {
        return new LinkInput(null, null, linked, null);
    }

    public static LinkInput of(LinkRule rule) {
        return new LinkInput(null, null, null, rule);
    }
}
