/** The decisions of dossier aggregation in plain Java: no Flink, no store. */
@NullMarked
package org.aima.dossier.core;

import org.jspecify.annotations.NullMarked;
