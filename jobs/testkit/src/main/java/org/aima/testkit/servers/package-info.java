/** Real servers for tests: given by the environment, else started and stopped by this JVM. */
@NullMarked
package org.aima.testkit.servers;

import org.jspecify.annotations.NullMarked;
