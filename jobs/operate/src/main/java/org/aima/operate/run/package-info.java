/** The course of a run from check to report. */
@NullMarked
package org.aima.operate.run;

import org.jspecify.annotations.NullMarked;
