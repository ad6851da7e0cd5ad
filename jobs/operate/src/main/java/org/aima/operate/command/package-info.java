/** The verbs of the command line. */
@NullMarked
package org.aima.operate.command;

import org.jspecify.annotations.NullMarked;
