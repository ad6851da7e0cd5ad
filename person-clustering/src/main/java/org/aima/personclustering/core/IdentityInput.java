package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/** What identities are decided by beside the clusters: exactly one of the three is set. */
public record IdentityInput(
        @Nullable KnownIdentity known, @Nullable LinkRule rule, @Nullable SpeechEvidence speech) {

    public static IdentityInput of(KnownIdentity known) {
        return new IdentityInput(known, null, null);
    }

    public static IdentityInput of(LinkRule rule) {
        return new IdentityInput(null, rule, null);
    }

    public static IdentityInput of(SpeechEvidence speech) {
        return new IdentityInput(null, null, speech);
    }
}
