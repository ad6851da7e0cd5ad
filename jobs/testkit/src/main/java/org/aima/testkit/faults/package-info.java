/** Faults put between a client and a server. */
@NullMarked
package org.aima.testkit.faults;

import org.jspecify.annotations.NullMarked;
