/** The cache of the online services in Redis. */
@NullMarked
package org.aima.stores.redis;

import org.jspecify.annotations.NullMarked;
