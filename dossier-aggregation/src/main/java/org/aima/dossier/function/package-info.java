/** Flink functions and operators: state, order and counters around core. */
@NullMarked
package org.aima.dossier.function;

import org.jspecify.annotations.NullMarked;
