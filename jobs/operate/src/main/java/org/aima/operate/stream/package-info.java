/**
 * Endless jobs: their versions, savepoints, health, and the change from one version to the next.
 */
@NullMarked
package org.aima.operate.stream;

import org.jspecify.annotations.NullMarked;
