/** Worlds: directories of documents and embeddings that are loaded, dumped, made and scored. */
@NullMarked
package org.aima.operate.world;

import org.jspecify.annotations.NullMarked;
