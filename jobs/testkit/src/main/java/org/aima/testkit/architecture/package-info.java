/** Rules of the code's structure, for each module's test to apply to its own classes. */
@NullMarked
package org.aima.testkit.architecture;

import org.jspecify.annotations.NullMarked;
