package org.aima.archival.store;

import java.io.Serializable;

/** Opens stores where they are used; holds references to secrets, never secrets. */
public record StoreFactories(ArchiveFactory archive, LiveFactory live) implements Serializable {

    /** Opens the archive. */
    @FunctionalInterface
    public interface ArchiveFactory extends Serializable {
        ArchiveStore open();
    }

    /** Opens MongoDB. */
    @FunctionalInterface
    public interface LiveFactory extends Serializable {
        LiveResults open();
    }
}
