/** Where rows go, whether they arrived, and how fast they may travel: plain Java. */
@NullMarked
package org.aima.backfill.core;

import org.jspecify.annotations.NullMarked;
