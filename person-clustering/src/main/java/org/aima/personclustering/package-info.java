/** Turns face and voice embeddings into persons with stable ids. */
@NullMarked
package org.aima.personclustering;

import org.jspecify.annotations.NullMarked;
