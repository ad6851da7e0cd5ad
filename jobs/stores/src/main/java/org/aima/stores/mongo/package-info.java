/** MongoDB: documents, the run ledger and sinks. */
@NullMarked
package org.aima.stores.mongo;

import org.jspecify.annotations.NullMarked;
