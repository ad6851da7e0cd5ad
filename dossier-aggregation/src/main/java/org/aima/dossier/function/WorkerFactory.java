package org.aima.dossier.function;

import java.io.Serializable;

/** Opens on a worker what cannot be part of the job graph. */
@FunctionalInterface
public interface WorkerFactory<T> extends Serializable {
    T open();
}
