/** What operators are told in numbers: the names, and those that only the ledger knows. */
@NullMarked
package org.aima.operate.metrics;

import org.jspecify.annotations.NullMarked;
