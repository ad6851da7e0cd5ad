package org.aima.stores;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Objects in buckets; strongly consistent, every method throws {@link StoreException}. */
public interface ObjectStore extends AutoCloseable {

    boolean bucketExists(String bucket);

    /** Does nothing when it exists. */
    void createBucket(String bucket);

    /** Replaces the bucket's expiry rules; idempotent. */
    void setLifecycle(String bucket, List<LifecycleRule> rules);

    List<LifecycleRule> lifecycle(String bucket);

    /** Writes or replaces an object. */
    void put(String bucket, String key, byte[] content);

    /** Writes an object unless the key exists; atomic. Returns whether this call created it. */
    boolean putIfAbsent(String bucket, String key, byte[] content);

    Optional<byte[]> get(String bucket, String key);

    /** Size and tag of an object without reading it where the store can tell them. */
    default Optional<ObjectInfo> stat(String bucket, String key) {
        return get(bucket, key)
                .map(
                        content ->
                                new ObjectInfo(
                                        content.length,
                                        Integer.toHexString(Arrays.hashCode(content))));
    }

    /**
     * Bytes {@code offset} to {@code offset + length} of an object in one request; fewer where the
     * object ends, none behind its end. Empty when there is no such object.
     */
    default Optional<byte[]> getRange(String bucket, String key, long offset, int length) {
        return get(bucket, key)
                .map(
                        content ->
                                Arrays.copyOfRange(
                                        content,
                                        (int) Math.min(offset, content.length),
                                        (int) Math.min(offset + length, content.length)));
    }

    /** Writes or replaces an object by the content of a file; the file is not held in memory. */
    default void putFile(String bucket, String key, Path file) {
        try {
            put(bucket, key, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Writes an object into a file, replacing it, without holding it in memory. Returns false, and
     * writes nothing, when there is no such object.
     */
    default boolean download(String bucket, String key, Path file) {
        Optional<byte[]> content = get(bucket, key);
        try {
            if (content.isPresent()) {
                Files.write(file, content.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        return content.isPresent();
    }

    /** Objects under a prefix in ascending order of key, with when they were written. */
    List<ListedObject> listObjects(String bucket, String prefix);

    /**
     * Every version under a prefix, delete markers included. A store without versions lists its
     * objects, each as the latest.
     */
    List<ObjectVersion> versions(String bucket, String prefix);

    /** Removes one version for good; a version that is gone is no error. */
    void deleteVersion(String bucket, String key, String versionId);

    /** Uploads in parts that were begun and never finished. */
    List<PendingUpload> pendingUploads(String bucket, String prefix);

    /** Throws the parts of an unfinished upload away; one that is gone is no error. */
    void abortUpload(String bucket, PendingUpload upload);

    /** Keys under a prefix in ascending order. */
    List<String> list(String bucket, String prefix);

    /** Copies on the server. */
    void copy(String bucket, String from, String to);

    /** Missing keys are no error. */
    void delete(String bucket, String key);

    @Override
    void close();

    /** Objects under the prefix are deleted this many days after they were written. */
    record LifecycleRule(String id, String prefix, int expireAfterDays) {}

    /** An object of a listing; the time is the server's, epoch milliseconds. */
    record ListedObject(String key, long bytes, long modifiedMillis) {}

    /** One version of an object; {@code versionId} is {@code null} text where there are none. */
    record ObjectVersion(String key, String versionId, boolean latest, boolean deleteMarker) {}

    /** An unfinished upload in parts; the time is the server's, epoch milliseconds. */
    record PendingUpload(String key, String uploadId, long startedMillis) {}

    /**
     * What is known of an object without its content.
     *
     * @param tag names the content; one with a hyphen also names how it was uploaded
     */
    record ObjectInfo(long bytes, String tag) {

        /** Whether both hold the same content as far as sizes and tags tell. */
        public boolean sameContent(ObjectInfo other) {
            boolean comparable = !tag.contains("-") && !other.tag.contains("-");
            return bytes == other.bytes && (!comparable || tag.equals(other.tag));
        }
    }
}
