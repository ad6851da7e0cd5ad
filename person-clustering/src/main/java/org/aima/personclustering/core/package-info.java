/** The decisions of person clustering in plain Java: no Flink, no store. */
@NullMarked
package org.aima.personclustering.core;

import org.jspecify.annotations.NullMarked;
