/** Errors an operator can act on, and the exit code each one means. */
@NullMarked
package org.aima.jobs.error;

import org.jspecify.annotations.NullMarked;
