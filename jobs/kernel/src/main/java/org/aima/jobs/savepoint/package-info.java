/** What a savepoint holds, what a graph expects to find, and whether the two fit. */
@NullMarked
package org.aima.jobs.savepoint;

import org.jspecify.annotations.NullMarked;
