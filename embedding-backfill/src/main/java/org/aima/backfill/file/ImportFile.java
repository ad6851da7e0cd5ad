package org.aima.backfill.file;

import java.io.IOException;

/** A file to import, read at any place; safe for one thread. */
public interface ImportFile {

    /** How dead letters and the journal name it. */
    String name();

    /** Bytes. */
    long length();

    /**
     * Bytes from an offset, at most {@code length}; fewer at the end, none behind it.
     *
     * @throws IOException when the file is gone or cannot be read
     */
    byte[] read(long offset, int length) throws IOException;
}
