package org.aima.dossier.core;

import java.util.Locale;

/** What a dossier lists or counts. */
public enum ItemKind {
    PERSON,
    CO_APPEARANCE,
    SPEECH,
    OBJECT,
    SCENE,
    TAG;

    /** Whether items of this kind become events of the dossier when they pass their threshold. */
    public boolean isEvent() {
        return this == CO_APPEARANCE || this == SPEECH || this == OBJECT || this == SCENE;
    }

    /** As documents name it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
