/** Which runs a schedule owes: slots of time, what was missed of them, and their run ids. */
@NullMarked
package org.aima.operate.schedule;

import org.jspecify.annotations.NullMarked;
