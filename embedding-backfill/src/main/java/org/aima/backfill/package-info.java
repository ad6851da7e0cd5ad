/** embedding-backfill: repartition, import and metadata of embedding collections. */
@NullMarked
package org.aima.backfill;

import org.jspecify.annotations.NullMarked;
