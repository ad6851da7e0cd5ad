/** Keeps dossiers up to date with what analysis found in their media. */
@NullMarked
package org.aima.dossier;

import org.jspecify.annotations.NullMarked;
