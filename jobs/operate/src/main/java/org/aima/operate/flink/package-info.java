/** Talks to a Flink cluster: submission and REST. */
@NullMarked
package org.aima.operate.flink;

import org.jspecify.annotations.NullMarked;
