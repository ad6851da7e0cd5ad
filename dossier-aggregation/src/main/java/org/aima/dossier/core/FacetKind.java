package org.aima.dossier.core;

/** What a facet of a medium is about, and so what its subject names. */
public enum FacetKind {
    /** All results of an analysis type. */
    TYPE,
    /** A person's face. */
    SCREEN,
    /** A person's voice. */
    SPEECH,
    /** An object class. */
    OBJECT,
    /** A scene's description. */
    SCENE,
    /** A tag that results carry. */
    TAG,
    /** The time spans that a person's document keeps of a medium, also of archived results. */
    REMEMBERED
}
