package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/** Something known about a result id: a document, or a person that lists it. */
public record ResultInput(String resultId, @Nullable Detection result, @Nullable String personId) {

    public static ResultInput of(Detection result) {
        return new ResultInput(result.resultId(), result, null);
    }
}
