/** The only code that creates a Flink environment or executes a job. */
@NullMarked
package org.aima.jobs.launch;

import org.jspecify.annotations.NullMarked;
