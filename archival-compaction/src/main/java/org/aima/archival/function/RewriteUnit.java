package org.aima.archival.function;

import org.aima.archival.core.ArchivedFile;

/**
 * Files that are rewritten and published together.
 *
 * @param slice under which the new files are numbered; no other unit of the run has it
 * @param manifest number of a manifest of this run whose follow-up work is to be finished, 0 to
 *     rewrite
 */
public record RewriteUnit(int slice, long manifest, ArchivedFile[] files)
        implements java.io.Serializable {}
