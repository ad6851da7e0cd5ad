/** What every implementation of a port must do: run once on the fake, once on the real server. */
@NullMarked
package org.aima.testkit.contract;

import org.jspecify.annotations.NullMarked;
