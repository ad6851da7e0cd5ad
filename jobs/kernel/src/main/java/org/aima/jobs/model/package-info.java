/** Records that travel between jobs and stores. */
@NullMarked
package org.aima.jobs.model;

import org.jspecify.annotations.NullMarked;
