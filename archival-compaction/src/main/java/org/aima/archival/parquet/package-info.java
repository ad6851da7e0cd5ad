/** Archive files: their schema, how they are written, read whole, and read by one page. */
@NullMarked
package org.aima.archival.parquet;

import org.jspecify.annotations.NullMarked;
