/** Files that an export writes. */
@NullMarked
package org.aima.dossier.file;

import org.jspecify.annotations.NullMarked;
