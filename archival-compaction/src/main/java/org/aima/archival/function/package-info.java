/** Flink operators: order, counters and stores around the decisions of core. */
@NullMarked
package org.aima.archival.function;

import org.jspecify.annotations.NullMarked;
