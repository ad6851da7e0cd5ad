/** Milvus: collections of embeddings. */
@NullMarked
package org.aima.stores.milvus;

import org.jspecify.annotations.NullMarked;
