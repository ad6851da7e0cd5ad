/** How a job is defined: actions, uids, operator naming, progress stages. */
@NullMarked
package org.aima.jobs.pipeline;

import org.jspecify.annotations.NullMarked;
