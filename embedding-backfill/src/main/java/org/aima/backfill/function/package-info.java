/** Flink functions of the copy: place rows, write ranges, keep their journal. */
@NullMarked
package org.aima.backfill.function;

import org.jspecify.annotations.NullMarked;
