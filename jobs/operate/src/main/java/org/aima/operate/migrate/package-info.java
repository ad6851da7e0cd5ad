/** Versioned migrations of the three kinds of store, from files to a recorded version. */
@NullMarked
package org.aima.operate.migrate;

import org.jspecify.annotations.NullMarked;
