package org.aima.dossier.core;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * When a dossier is recounted: once it has been quiet for a while, at the latest when its first
 * change has waited for the longest time.
 */
public record Debounce(long quietMillis, long longestMillis) implements Serializable {

    /** What is known after another change. */
    public Waiting touch(@Nullable Waiting before, long nowMillis, long toldAtMillis) {
        return before == null
                ? new Waiting(nowMillis, nowMillis, toldAtMillis)
                : new Waiting(
                        before.firstMillis(),
                        nowMillis,
                        Math.min(before.oldestMillis(), toldAtMillis));
    }

    public long due(Waiting waiting) {
        return Math.min(waiting.lastMillis() + quietMillis, waiting.firstMillis() + longestMillis);
    }
}
