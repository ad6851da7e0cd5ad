/** What the job asks of MongoDB and the object store, in its own words. */
@NullMarked
package org.aima.archival.store;

import org.jspecify.annotations.NullMarked;
