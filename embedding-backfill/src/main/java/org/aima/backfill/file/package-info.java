/** Files of embeddings: Parquet, NDJSON and NumPy arrays, in a directory or an object store. */
@NullMarked
package org.aima.backfill.file;

import org.jspecify.annotations.NullMarked;
