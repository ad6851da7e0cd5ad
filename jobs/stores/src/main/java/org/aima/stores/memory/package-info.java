/** Stores in memory for tests of logic; they pass the contracts of the real ones. */
@NullMarked
package org.aima.stores.memory;

import org.jspecify.annotations.NullMarked;
