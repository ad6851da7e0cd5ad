/** Typed options, layered sources and the errors that name file, key, value and remedy. */
@NullMarked
package org.aima.jobs.config;

import org.jspecify.annotations.NullMarked;
