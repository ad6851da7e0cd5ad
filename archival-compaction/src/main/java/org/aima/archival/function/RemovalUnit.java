package org.aima.archival.function;

/**
 * An object to be removed.
 *
 * @param kind {@code orphan}, {@code replaced} or {@code upload}
 * @param uploadId of an unfinished upload, else empty
 */
public record RemovalUnit(String kind, String key, String uploadId, long bytes)
        implements java.io.Serializable {
    public static final String ORPHAN = "orphan";
    public static final String REPLACED = "replaced";
    public static final String UPLOAD = "upload";
}
