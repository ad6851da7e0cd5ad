/** Flink in tests: a mini cluster, graph assertions, a collecting sink, an in-memory source. */
@NullMarked
package org.aima.testkit.flink;

import org.jspecify.annotations.NullMarked;
