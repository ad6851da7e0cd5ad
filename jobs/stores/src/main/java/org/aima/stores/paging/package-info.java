/** A bounded Flink source over key ranges that resumes after the last key it emitted. */
@NullMarked
package org.aima.stores.paging;

import org.jspecify.annotations.NullMarked;
