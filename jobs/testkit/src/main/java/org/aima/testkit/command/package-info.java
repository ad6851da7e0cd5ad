/** Drives the operator's command and looks at what it started, as end-to-end tests do. */
@NullMarked
package org.aima.testkit.command;

import org.jspecify.annotations.NullMarked;
