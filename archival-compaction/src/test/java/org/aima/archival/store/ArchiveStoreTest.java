package org.aima.archival.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.Partition;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileSettings;
import org.aima.jobs.error.Failure;
import org.aima.jobs.error.RunRefusedException;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;
import org.aima.stores.memory.InMemoryObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits: once, by whoever came first, whatever the answer was. */
class ArchiveStoreTest {
    private static final String BUCKET = "archive";

    @TempDir Path directory;

    private static Manifest manifest(String run, long number, String previous) {
        return new Manifest(
                Manifest.FORMAT,
                number,
                Manifest.Kind.ARCHIVE,
                run,
                1,
                "2026-01-01T00:00:00Z",
                "test",
                previous,
                "",
                Map.of(),
                Map.of(),
                List.of(),
                List.of(run));
    }

    /** A store in memory whose conditional put misbehaves. */
    private static ObjectStore misbehaving(Misbehaviour how) {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        objects.createBucket(BUCKET);
        return (ObjectStore)
                java.lang.reflect.Proxy.newProxyInstance(
                        ArchiveStoreTest.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        (proxy, method, arguments) -> {
                            try {
                                return method.getName().equals("putIfAbsent")
                                        ? how.putIfAbsent(
                                                objects,
                                                (String) arguments[1],
                                                (byte[]) arguments[2])
                                        : method.invoke(objects, arguments);
                            } catch (java.lang.reflect.InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private interface Misbehaviour {
        boolean putIfAbsent(InMemoryObjectStore objects, String key, byte[] content);
    }

    @Test
    void aStoreThatIgnoresTheConditionIsFoundOut() {
        ObjectStore ignoring =
                misbehaving(
                        (objects, key, content) -> {
                            objects.put(BUCKET, key, content);
                            return true;
                        });
        assertThat(new ArchiveStore(ignoring, BUCKET, true).refusesSecondPut()).isFalse();
        ObjectStore unknowing =
                misbehaving(
                        (objects, key, content) -> {
                            throw new StoreException(Failure.FATAL, "501 not implemented", null);
                        });
        assertThat(new ArchiveStore(unknowing, BUCKET, true).refusesSecondPut()).isFalse();
        InMemoryObjectStore good = new InMemoryObjectStore();
        good.createBucket(BUCKET);
        assertThat(new ArchiveStore(good, BUCKET, true).refusesSecondPut()).isTrue();
        assertThat(good.list(BUCKET, "")).isEmpty();
    }

    @Test
    void anAnswerThatWasLostIsLookedUp() {
        ObjectStore losing =
                misbehaving(
                        (objects, key, content) -> {
                            objects.putIfAbsent(BUCKET, key, content);
                            throw new StoreException(Failure.TRANSIENT, "reset", null);
                        });
        ArchiveStore store = new ArchiveStore(losing, BUCKET, true);
        Manifest first = manifest("a", 1, "");
        assertThat(store.publish(first)).isEqualTo(Manifest.sha256(first.encode()));
        assertThat(store.chain().manifests()).containsExactly(first);
        // Another one with a lost answer finds that the number is taken.
        assertThatThrownBy(() -> store.publish(manifest("b", 1, "")))
                .isInstanceOf(RunRefusedException.class);
        assertThat(store.chain().manifests()).containsExactly(first);
    }

    @Test
    void aRequestThatWasLostIsRepeated() {
        int[] calls = {0};
        ObjectStore flaky =
                misbehaving(
                        (objects, key, content) -> {
                            if (calls[0]++ < 2) {
                                throw new StoreException(Failure.TRANSIENT, "503", null);
                            }
                            return objects.putIfAbsent(BUCKET, key, content);
                        });
        ArchiveStore store = new ArchiveStore(flaky, BUCKET, true);
        store.publish(manifest("a", 1, ""));
        assertThat(store.chain().head()).isEqualTo(1);
    }

    @Test
    void theLeaseOnlyModeStillRefusesWhatIsThere() {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        objects.createBucket(BUCKET);
        ArchiveStore store = new ArchiveStore(objects, BUCKET, false);
        store.publish(manifest("a", 1, ""));
        assertThatThrownBy(() -> store.publish(manifest("b", 1, "")))
                .isInstanceOf(RunRefusedException.class);
    }

    @Test
    void aChainThatBecameShorterIsRefused() {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        objects.createBucket(BUCKET);
        ArchiveStore store = new ArchiveStore(objects, BUCKET, true);
        String sha256 = store.publish(manifest("a", 1, ""));
        assertThat(store.trustedChain(Optional.of(new LiveResults.Head(1, sha256))).head())
                .isEqualTo(1);
        objects.delete(BUCKET, Manifest.keyOf(1));
        assertThatThrownBy(() -> store.trustedChain(Optional.of(new LiveResults.Head(1, sha256))))
                .hasMessageContaining(Manifest.keyOf(1));
    }

    @Test
    void keysOutsideTheDataPrefixAreNeverWritten() {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        objects.createBucket(BUCKET);
        ArchiveStore store = new ArchiveStore(objects, BUCKET, true);
        for (String key : List.of("_aima/manifests/1", "analysis_results/../x", "/x")) {
            assertThatThrownBy(() -> store.remove(key)).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void filesFollowFromTheRowsAlone() throws IOException {
        List<ArchiveRow> rows = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            rows.add(
                    new ArchiveRow(
                            AwkwardDocuments.bytes(
                                    AwkwardDocuments.result(
                                            "r" + i,
                                            "m" + i % 70,
                                            "t",
                                            Instant.parse("2025-03-01T00:00:00Z").plusSeconds(i))),
                            null));
        }
        List<ArchivedFile> files = write(rows, 1 << 28);
        assertThat(files).hasSizeGreaterThan(2);
        assertThat(files.stream().mapToLong(ArchivedFile::rows).sum()).isEqualTo(rows.size());
        // What is buffered counts uncompressed, which matters for files as small as these; it makes
        // all of them alike.
        long first = files.get(0).bytes();
        for (ArchivedFile file : files.subList(0, files.size() - 1)) {
            assertThat(file.bytes()).isBetween(first * 8 / 10, first * 12 / 10);
        }
        Collections.shuffle(rows, new Random(3));
        // Little memory: the rows are spilled and merged.
        assertThat(write(rows, 100_000)).isEqualTo(files);
    }

    private List<ArchivedFile> write(List<ArchiveRow> rows, long memory) throws IOException {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        objects.createBucket(BUCKET);
        try (FileSetWriter writer =
                new FileSetWriter(
                        new ArchiveStore(objects, BUCKET, true),
                        directory,
                        "run",
                        new Partition("t", 2025, 3),
                        0,
                        new FileSettings(80_000, 1 << 16, 1 << 13, 3),
                        memory,
                        step -> {})) {
            for (ArchiveRow row : rows) {
                writer.add(row);
            }
            return writer.finish();
        }
    }
}
