/** The job archival-compaction: its actions, options, settings and topologies. */
@NullMarked
package org.aima.archival;

import org.jspecify.annotations.NullMarked;
