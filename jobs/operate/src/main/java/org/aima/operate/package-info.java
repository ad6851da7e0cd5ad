/** The one command that plans, runs, watches and verifies. */
@NullMarked
package org.aima.operate;

import org.jspecify.annotations.NullMarked;
