/** Reports of a run for people and machines. */
@NullMarked
package org.aima.operate.report;

import org.jspecify.annotations.NullMarked;
