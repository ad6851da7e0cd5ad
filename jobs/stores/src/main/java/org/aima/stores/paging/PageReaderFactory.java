package org.aima.stores.paging;

import java.io.Serializable;

/** Opens a reader where it is used; holds references to secrets, never secrets. */
@FunctionalInterface
public interface PageReaderFactory<T> extends Serializable {

    PageReader<T> open();
}
