/** How long work tells a person how far it is. */
@NullMarked
package org.aima.operate.progress;

import org.jspecify.annotations.NullMarked;
