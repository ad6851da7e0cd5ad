package org.aima.backfill;

import java.io.Serializable;
import org.aima.backfill.file.FileRows;
import org.aima.stores.ObjectStore;
import org.aima.stores.s3.S3Address;
import org.aima.stores.s3.S3ObjectStore;
import org.jspecify.annotations.Nullable;

/** Where files are and what they are said to be, as it travels with the job graph. */
record ImportFormat(S3Address s3, ImportOptions.Format format) implements Serializable {

    ObjectStore objects() {
        return new S3ObjectStore(s3);
    }

    /** Null to tell it by the names. */
    FileRows.@Nullable Format wished() {
        return switch (format) {
            case AUTO -> null;
            case PARQUET -> FileRows.Format.PARQUET;
            case NDJSON -> FileRows.Format.NDJSON;
            case NPY -> FileRows.Format.NPY;
        };
    }
}
