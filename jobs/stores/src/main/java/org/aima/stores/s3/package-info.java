/** S3 and what speaks it: objects. */
@NullMarked
package org.aima.stores.s3;

import org.jspecify.annotations.NullMarked;
