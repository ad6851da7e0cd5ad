/** Kafka: topics of events. */
@NullMarked
package org.aima.stores.kafka;

import org.jspecify.annotations.NullMarked;
