/** The places in which an erased person or medium is looked for. */
@NullMarked
package org.aima.archival.store.places;

import org.jspecify.annotations.NullMarked;
