/** Flink functions and operators: state, order and counters around core. */
@NullMarked
package org.aima.personclustering.function;

import org.jspecify.annotations.NullMarked;
