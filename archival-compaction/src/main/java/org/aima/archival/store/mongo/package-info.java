/** Live results, summaries, tombstones and the archive's head in MongoDB. */
@NullMarked
package org.aima.archival.store.mongo;

import org.jspecify.annotations.NullMarked;
