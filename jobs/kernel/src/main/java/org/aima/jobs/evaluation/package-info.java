/** How well a clustering agrees with known identities. */
@NullMarked
package org.aima.jobs.evaluation;

import org.jspecify.annotations.NullMarked;
