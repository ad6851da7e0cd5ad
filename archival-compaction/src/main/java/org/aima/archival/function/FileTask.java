package org.aima.archival.function;

import org.aima.archival.core.ArchivedFile;

/**
 * A committed file whose documents may be deleted.
 *
 * @param manifest number of the manifest that names it
 * @param repeated whether an earlier attempt may have deleted some already
 */
public record FileTask(long manifest, boolean repeated, ArchivedFile file) {}
