package org.aima.stores.memory;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;

/** Objects in memory. */
public final class InMemoryObjectStore implements ObjectStore {
    private final Map<String, SortedMap<String, byte[]>> buckets = new TreeMap<>();
    private final Map<String, List<LifecycleRule>> lifecycles = new TreeMap<>();
    private final Map<String, Long> modified = new TreeMap<>();

    @Override
    public synchronized boolean bucketExists(String bucket) {
        return buckets.containsKey(bucket);
    }

    @Override
    public synchronized void createBucket(String bucket) {
        buckets.putIfAbsent(bucket, new TreeMap<>());
    }

    @Override
    public synchronized void setLifecycle(String bucket, List<LifecycleRule> rules) {
        of(bucket);
        lifecycles.put(bucket, List.copyOf(rules));
    }

    @Override
    public synchronized List<LifecycleRule> lifecycle(String bucket) {
        of(bucket);
        return lifecycles.getOrDefault(bucket, List.of());
    }

    @Override
    public synchronized void put(String bucket, String key, byte[] content) {
        of(bucket).put(key, content.clone());
        modified.put(bucket + "/" + key, System.currentTimeMillis());
    }

    @Override
    public synchronized boolean putIfAbsent(String bucket, String key, byte[] content) {
        boolean created = of(bucket).putIfAbsent(key, content.clone()) == null;
        if (created) {
            modified.put(bucket + "/" + key, System.currentTimeMillis());
        }
        return created;
    }

    @Override
    public synchronized Optional<byte[]> get(String bucket, String key) {
        return Optional.ofNullable(of(bucket).get(key)).map(byte[]::clone);
    }

    @Override
    public synchronized List<String> list(String bucket, String prefix) {
        return of(bucket).tailMap(prefix).keySet().stream()
                .takeWhile(k -> k.startsWith(prefix))
                .toList();
    }

    @Override
    public synchronized List<ListedObject> listObjects(String bucket, String prefix) {
        SortedMap<String, byte[]> objects = of(bucket);
        return list(bucket, prefix).stream()
                .map(
                        key ->
                                new ListedObject(
                                        key,
                                        objects.getOrDefault(key, new byte[0]).length,
                                        modified.getOrDefault(bucket + "/" + key, 0L)))
                .toList();
    }

    @Override
    public synchronized List<ObjectVersion> versions(String bucket, String prefix) {
        return list(bucket, prefix).stream()
                .map(key -> new ObjectVersion(key, "null", true, false))
                .toList();
    }

    @Override
    public synchronized void deleteVersion(String bucket, String key, String versionId) {
        of(bucket).remove(key);
    }

    @Override
    public List<PendingUpload> pendingUploads(String bucket, String prefix) {
        return List.of();
    }

    @Override
    public void abortUpload(String bucket, PendingUpload upload) {
        // An object is written in one piece here.
    }

    @Override
    public synchronized void copy(String bucket, String from, String to) {
        byte[] content = of(bucket).get(from);
        if (content == null) {
            throw new StoreException(Failure.FATAL, "no object " + from, null);
        }
        put(bucket, to, content);
    }

    @Override
    public synchronized void delete(String bucket, String key) {
        of(bucket).remove(key);
    }

    @Override
    public void close() {}

    private SortedMap<String, byte[]> of(String bucket) {
        SortedMap<String, byte[]> objects = buckets.get(bucket);
        if (objects == null) {
            throw new StoreException(Failure.FATAL, "no bucket " + bucket, null);
        }
        return objects;
    }
}
