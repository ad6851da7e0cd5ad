/** Ports: what the suite needs of its stores, in its own words. */
@NullMarked
package org.aima.stores;

import org.jspecify.annotations.NullMarked;
