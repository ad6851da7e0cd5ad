package org.aima.dossier.function;

import java.io.Serializable;

/** Opens the shelf on a worker. */
@FunctionalInterface
public interface DossierShelfFactory extends Serializable {
    DossierShelf open();
}
