package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.ObjectStore.LifecycleRule;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link ObjectStore} does; each test has a prefix of its own in one bucket. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ObjectStoreContract {
    private @Nullable ObjectStore opened;
    private String bucket = "";

    /** A store, opened anew; the contract closes it. */
    protected abstract ObjectStore open();

    /** A bucket's name that nobody else uses. */
    protected abstract String bucket(String base);

    @BeforeAll
    void createBucket() {
        opened = open();
        bucket = bucket("shared");
        store().createBucket(bucket);
    }

    @AfterAll
    void close() {
        store().close();
    }

    private ObjectStore store() {
        ObjectStore store = opened;
        if (store == null) {
            throw new IllegalStateException("not open");
        }
        return store;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bucketExistsOnceCreated() {
        String other = bucket("created");
        assertThat(store().bucketExists(other)).isFalse();
        store().createBucket(other);
        store().createBucket(other);
        assertThat(store().bucketExists(other)).isTrue();
    }

    @Test
    void putIsReadBackAndReplaces() {
        store().put(bucket, "put/a", bytes("one"));
        store().put(bucket, "put/a", bytes("two"));
        assertThat(store().get(bucket, "put/a")).hasValue(bytes("two"));
    }

    @Test
    void emptyObjectIsAnObject() {
        store().put(bucket, "empty/a", new byte[0]);
        assertThat(store().get(bucket, "empty/a")).hasValue(new byte[0]);
        assertThat(store().list(bucket, "empty/")).containsExactly("empty/a");
    }

    @Test
    void everyByteComesBack() {
        byte[] content = new byte[1 << 20];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 >> 3);
        }
        store().put(bucket, "bytes/a", content);
        assertThat(store().get(bucket, "bytes/a")).hasValue(content);
    }

    @Test
    void contentIsCopiedNotShared() {
        byte[] content = bytes("one");
        store().put(bucket, "copied/a", content);
        content[0] = 'X';
        store().get(bucket, "copied/a").orElseThrow()[1] = 'X';
        assertThat(store().get(bucket, "copied/a")).hasValue(bytes("one"));
    }

    @Test
    void missingObjectIsEmpty() {
        assertThat(store().get(bucket, "missing/a")).isEmpty();
    }

    @Test
    void missingBucketIsFatal() {
        String missing = bucket("missing");
        for (Callable<?> call :
                List.<Callable<?>>of(
                        () -> store().get(missing, "a"),
                        () -> store().list(missing, ""),
                        () -> store().lifecycle(missing),
                        () -> store().putIfAbsent(missing, "a", bytes("x")))) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(call::call)
                    .matches(e -> e.failure() == Failure.FATAL);
        }
    }

    @Test
    void rangesAreCutAtTheEnd() {
        store().put(bucket, "range/a", bytes("0123456789"));
        assertThat(store().getRange(bucket, "range/a", 2, 3)).hasValue(bytes("234"));
        assertThat(store().getRange(bucket, "range/a", 8, 5)).hasValue(bytes("89"));
        assertThat(store().getRange(bucket, "range/a", 20, 5)).hasValue(new byte[0]);
        assertThat(store().getRange(bucket, "range/a", 3, 0)).hasValue(new byte[0]);
        assertThat(store().getRange(bucket, "range/missing", 0, 5)).isEmpty();
    }

    @Test
    void filesGoThereAndBack(@TempDir Path directory) throws IOException {
        byte[] content = new byte[3 << 20];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 17 >> 5);
        }
        Path from = Files.write(directory.resolve("from"), content);
        Path to = Files.write(directory.resolve("to"), bytes("what was there"));
        store().putFile(bucket, "file/a", from);
        assertThat(store().download(bucket, "file/missing", to)).isFalse();
        assertThat(to).hasBinaryContent(bytes("what was there"));
        assertThat(store().download(bucket, "file/a", to)).isTrue();
        assertThat(to).hasBinaryContent(content);
    }

    @Test
    void listingTellsSizesAndTimes() {
        long before = System.currentTimeMillis();
        store().put(bucket, "listed/b", bytes("four"));
        store().put(bucket, "listed/a", new byte[0]);
        List<ObjectStore.ListedObject> listed = store().listObjects(bucket, "listed/");
        assertThat(listed)
                .extracting(ObjectStore.ListedObject::key)
                .containsExactly("listed/a", "listed/b");
        assertThat(listed).extracting(ObjectStore.ListedObject::bytes).containsExactly(0L, 4L);
        // The server's clock has whole seconds and need not be this one.
        assertThat(listed).allMatch(o -> Math.abs(o.modifiedMillis() - before) < 15L * 60 * 1_000);
    }

    @Test
    void withoutVersioningEachObjectIsItsOnlyVersion() {
        store().put(bucket, "versions/a", bytes("one"));
        store().put(bucket, "versions/a", bytes("two"));
        assertThat(store().versions(bucket, "versions/"))
                .hasSize(1)
                .allMatch(v -> v.key().equals("versions/a") && v.latest() && !v.deleteMarker());
        store().versions(bucket, "versions/")
                .forEach(v -> store().deleteVersion(bucket, v.key(), v.versionId()));
        assertThat(store().get(bucket, "versions/a")).isEmpty();
        store().deleteVersion(bucket, "versions/a", "null");
    }

    @Test
    void noUploadIsPendingWhereNoneWasBegun() {
        assertThat(store().pendingUploads(bucket, "nothing-here/")).isEmpty();
    }

    @Test
    void putIfAbsentCreatesOnce() {
        assertThat(store().putIfAbsent(bucket, "absent/a", bytes("one"))).isTrue();
        assertThat(store().putIfAbsent(bucket, "absent/a", bytes("two"))).isFalse();
        assertThat(store().get(bucket, "absent/a")).hasValue(bytes("one"));
        store().delete(bucket, "absent/a");
        assertThat(store().putIfAbsent(bucket, "absent/a", bytes("three"))).isTrue();
    }

    @Test
    void putIfAbsentIsAtomicAmongThreads() throws Exception {
        int threads = 2;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 20; round++) {
                String key = "race/" + round;
                CyclicBarrier barrier = new CyclicBarrier(threads);
                List<Future<Boolean>> created = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    byte[] content = bytes("thread " + t);
                    created.add(
                            pool.submit(
                                    () -> {
                                        barrier.await();
                                        return store().putIfAbsent(bucket, key, content);
                                    }));
                }
                int winner = -1;
                int winners = 0;
                for (int t = 0; t < threads; t++) {
                    if (created.get(t).get()) {
                        winner = t;
                        winners++;
                    }
                }
                assertThat(winners).as("creators of %s", key).isEqualTo(1);
                assertThat(store().get(bucket, key)).hasValue(bytes("thread " + winner));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void listIsOrderedAndBoundByThePrefix() {
        for (String key :
                List.of("list/b", "list/a/2", "list/a/10", "list/a0", "listing", "list/C")) {
            store().put(bucket, key, bytes(key));
        }
        assertThat(store().list(bucket, "list/"))
                .containsExactly("list/C", "list/a/10", "list/a/2", "list/a0", "list/b");
        assertThat(store().list(bucket, "list/a/")).containsExactly("list/a/10", "list/a/2");
        assertThat(store().list(bucket, "list/a")).hasSize(3);
        assertThat(store().list(bucket, "list/none/")).isEmpty();
    }

    @Test
    void listIsCompleteBeyondOnePage() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1_010; i++) {
            keys.add("many/%04d".formatted(i));
        }
        keys.parallelStream().forEach(k -> store().put(bucket, k, new byte[0]));
        assertThat(store().list(bucket, "many/")).containsExactlyElementsOf(keys);
    }

    @Test
    void copyLeavesTheOriginal() {
        store().put(bucket, "copy/from", bytes("content"));
        store().copy(bucket, "copy/from", "copy/to");
        assertThat(store().get(bucket, "copy/to")).hasValue(bytes("content"));
        assertThat(store().get(bucket, "copy/from")).hasValue(bytes("content"));
    }

    @Test
    void copyOfAMissingObjectIsFatal() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().copy(bucket, "copy/none", "copy/nowhere"))
                .matches(e -> e.failure() == Failure.FATAL);
    }

    @Test
    void deleteForgivesMissingObjects() {
        store().put(bucket, "delete/a", bytes("x"));
        store().delete(bucket, "delete/a");
        assertThat(store().get(bucket, "delete/a")).isEmpty();
        assertThatCode(() -> store().delete(bucket, "delete/a")).doesNotThrowAnyException();
    }

    @Test
    void lifecycleIsReplacedAsAWhole() {
        String own = bucket("lifecycle");
        store().createBucket(own);
        assertThat(store().lifecycle(own)).isEmpty();
        LifecycleRule first = new LifecycleRule("first", "a/", 3);
        LifecycleRule second = new LifecycleRule("second", "b/", 30);
        store().setLifecycle(own, List.of(first, second));
        store().setLifecycle(own, List.of(first, second));
        assertThat(store().lifecycle(own)).containsExactlyInAnyOrder(first, second);
        store().setLifecycle(own, List.of(second));
        assertThat(store().lifecycle(own)).containsExactly(second);
        store().setLifecycle(own, List.of());
        assertThat(store().lifecycle(own)).isEmpty();
    }
}
