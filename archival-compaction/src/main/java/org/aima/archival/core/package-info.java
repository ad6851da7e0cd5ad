/** What an archive is and what may be done to it, in plain Java. */
@NullMarked
package org.aima.archival.core;

import org.jspecify.annotations.NullMarked;
