package org.aima.operate.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.aima.stores.memory.InMemoryObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationRunnerTest {
    @TempDir Path directory;
    private final RecordingLedger ledger = new RecordingLedger();
    private final InMemoryEmbeddingStore vectors = new InMemoryEmbeddingStore();
    private final InMemoryObjectStore objects = new InMemoryObjectStore();
    private final List<String> opened = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private MigrationRunner runner() {
        return new MigrationRunner(
                ledger,
                new MigrationTargets(
                        () -> {
                            throw new StoreException(Failure.FATAL, "no mongo here", null);
                        },
                        () -> {
                            opened.add("vectors");
                            return vectors;
                        },
                        () -> {
                            opened.add("objects");
                            return objects;
                        }),
                lines::add);
    }

    private List<Migration> migrations(String... operationsOfEach) throws IOException {
        for (int i = 0; i < operationsOfEach.length; i++) {
            String[] typeAndOperations = operationsOfEach[i].split(" ", 2);
            Files.writeString(
                    directory.resolve("000" + (i + 1) + ".yaml"),
                    "version: %d\ndescription: number %d\ntype: %s\noperations: [%s]\n"
                            .formatted(i + 1, i + 1, typeAndOperations[0], typeAndOperations[1]));
        }
        return MigrationFile.readAll(directory, Map.of());
    }

    private static final String BUCKET_A = "object_storage {action: create_bucket, bucket: aaa}";
    private static final String BUCKET_B = "object_storage {action: create_bucket, bucket: bbb}";

    @Test
    void runsPendingOnesInOrderAndOpensOnlyWhatTheyNeed() throws IOException {
        MigrationReport report = runner().run(migrations(BUCKET_A, BUCKET_B), Integer.MAX_VALUE);

        assertThat(report.fromVersion()).isZero();
        assertThat(report.toVersion()).isEqualTo(2);
        assertThat(report.executed())
                .extracting(MigrationReport.Executed::version)
                .containsExactly(1, 2);
        assertThat(ledger.log).containsExactly("1 ok", "2 ok");
        assertThat(opened).containsExactly("objects");
        assertThat(objects.bucketExists("aaa")).isTrue();
        assertThat(objects.bucketExists("bbb")).isTrue();
    }

    @Test
    void stopsAtTheVersionAskedFor() throws IOException {
        runner().run(migrations(BUCKET_A, BUCKET_B), 1);

        assertThat(ledger.version).isEqualTo(1);
        assertThat(objects.bucketExists("bbb")).isFalse();
    }

    @Test
    void aFailingStepIsLoggedStopsAndLeavesTheVersion() throws IOException {
        String failing = "vector_db {action: create_partition, collection: v, partition: p}";
        List<Migration> migrations = migrations(BUCKET_A, failing, BUCKET_B);

        AimaException failure =
                catchThrowableOfType(
                        () -> runner().run(migrations, Integer.MAX_VALUE), AimaException.class);

        assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(failure).hasMessageContaining("0002.yaml").hasMessageContaining("partition p");
        assertThat(ledger.version).isEqualTo(1);
        assertThat(ledger.log).containsExactly("1 ok", "2 failed");
        assertThat(ledger.locked).isFalse();
        assertThat(objects.bucketExists("bbb")).isFalse();

        vectors.createCollection(
                new org.aima.stores.EmbeddingSchema(
                        "v",
                        List.of(
                                new org.aima.stores.EmbeddingSchema.Field(
                                        "e",
                                        org.aima.stores.EmbeddingSchema.Type.FLOAT_VECTOR,
                                        0,
                                        2,
                                        false,
                                        false)),
                        1));
        MigrationReport next = runner().run(migrations, Integer.MAX_VALUE);

        assertThat(next.fromVersion()).isEqualTo(1);
        assertThat(next.toVersion()).isEqualTo(3);
        assertThat(ledger.log).containsExactly("1 ok", "2 failed", "2 ok", "3 ok");
    }

    @Test
    void aDryRunTouchesNothing() throws IOException {
        MigrationReport report = runner().plan(migrations(BUCKET_A, BUCKET_B), Integer.MAX_VALUE);

        assertThat(report.dryRun()).isTrue();
        assertThat(report.toVersion()).isEqualTo(2);
        assertThat(report.executed()).hasSize(2);
        assertThat(opened).isEmpty();
        assertThat(ledger.version).isZero();
        assertThat(ledger.log).isEmpty();
        assertThat(ledger.locks).isZero();
    }

    @Test
    void aSecondRunnerIsRefused() throws IOException {
        ledger.locked = true;
        List<Migration> migrations = migrations(BUCKET_A);

        AimaException refused =
                catchThrowableOfType(
                        () -> runner().run(migrations, Integer.MAX_VALUE), AimaException.class);

        assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(objects.bucketExists("aaa")).isFalse();
    }

    @Test
    void nothingPendingNeedsNoLock() throws IOException {
        ledger.version = 7;

        MigrationReport report = runner().run(migrations(BUCKET_A), Integer.MAX_VALUE);

        assertThat(report.executed()).isEmpty();
        assertThat(ledger.locks).isZero();
        assertThat(lines).anyMatch(l -> l.contains("older than the stores"));
    }

    @Test
    void movesObjectsAndFinishesWhatWasLeftHalfDone() throws IOException {
        objects.createBucket("aaa");
        for (int i = 0; i < 5; i++) {
            objects.put("aaa", "old/" + i, ("content " + i).getBytes(StandardCharsets.UTF_8));
        }
        // Killed between copy and delete.
        objects.copy("aaa", "old/1", "new/1");
        // Killed after the delete.
        objects.copy("aaa", "old/2", "new/2");
        objects.delete("aaa", "old/2");
        objects.put("aaa", "other/1", new byte[1]);

        runner().run(
                        migrations(
                                "object_storage {action: move_prefix, bucket: aaa, from: old/, to:"
                                        + " new/}"),
                        Integer.MAX_VALUE);

        assertThat(objects.list("aaa", ""))
                .containsExactly("new/0", "new/1", "new/2", "new/3", "new/4", "other/1");
        assertThat(objects.get("aaa", "new/3"))
                .hasValue("content 3".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void neverOverwritesAnotherObjectWhenMoving() throws IOException {
        objects.createBucket("aaa");
        objects.put("aaa", "old/1", new byte[] {1});
        objects.put("aaa", "new/1", new byte[] {2});
        List<Migration> migrations =
                migrations(
                        "object_storage {action: move_prefix, bucket: aaa, from: old/, to: new/}");

        AimaException failure =
                catchThrowableOfType(
                        () -> runner().run(migrations, Integer.MAX_VALUE), AimaException.class);

        assertThat(failure).hasMessageContaining("other content");
        assertThat(objects.get("aaa", "old/1")).hasValue(new byte[] {1});
        assertThat(objects.get("aaa", "new/1")).hasValue(new byte[] {2});
    }

    @Test
    void setsLifecycles() throws IOException {
        objects.createBucket("aaa");

        runner().run(
                        migrations(
                                "object_storage {action: set_lifecycle, bucket: aaa, rules: [{id:"
                                        + " r, prefix: tmp/, expire_after_days: 7}]}"),
                        Integer.MAX_VALUE);

        assertThat(objects.lifecycle("aaa"))
                .containsExactly(new ObjectStore.LifecycleRule("r", "tmp/", 7));
    }

    @Test
    void anAliasIsNotTakenAwayByCreatingIt() throws IOException {
        String create =
                "vector_db {action: create_collection, collection: v1, dimension: 4}, {action:"
                        + " create_collection, collection: v2, dimension: 4}, {action:"
                        + " create_alias, alias: v, collection: v1}";
        String again = "vector_db {action: create_alias, alias: v, collection: v2}";
        List<Migration> migrations = migrations(create, again);

        AimaException failure =
                catchThrowableOfType(
                        () -> runner().run(migrations, Integer.MAX_VALUE), AimaException.class);

        assertThat(failure).hasMessageContaining("alter_alias");
        assertThat(vectors.describe("v").orElseThrow().name()).isEqualTo("v1");
    }

    /** Keeps the version and the log in memory. */
    private static final class RecordingLedger implements MigrationLedger {
        private int version;
        private boolean locked;
        private int locks;
        private final List<String> log = new ArrayList<>();

        @Override
        public int version() {
            return version;
        }

        @Override
        public void succeeded(Migration migration) {
            log.add(migration.version() + " ok");
            version = migration.version();
        }

        @Override
        public void failed(Migration migration, String error) {
            log.add(migration.version() + " failed");
        }

        @Override
        public Lock lock() {
            if (locked) {
                throw AimaException.refused("held by another runner");
            }
            locked = true;
            locks++;
            return new Lock() {
                @Override
                public void check() {}

                @Override
                public void close() {
                    locked = false;
                }
            };
        }
    }
}
