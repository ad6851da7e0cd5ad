package org.aima.stores;

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
