package org.aima.archival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.function.CrashHook;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.jobs.pipeline.Verification;
import org.aima.testkit.flink.MiniCluster;
import org.aima.testkit.servers.RealStores;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job on real stores: nothing lost, nothing doubled, nothing deleted that was not verified. */
class ArchiveITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private static final int RESULTS = 1_000;

    @TempDir Path directory;

    private ArchiveWorld world;

    @BeforeEach
    void fill() {
        world = new ArchiveWorld(STORES, "archive", directory).fill(RESULTS);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void assertArchived() {
        Map<String, String> old = world.old();
        assertThat(old).hasSizeGreaterThan(RESULTS / 4).hasSizeLessThan(RESULTS);
        assertThat(world.archived()).isEqualTo(old);
        Map<String, String> both = new TreeMap<>(world.live());
        assertThat(both).doesNotContainKeys(old.keySet().toArray(String[]::new));
        both.putAll(old);
        assertThat(both).isEqualTo(world.originals());
        assertThat(world.summarised()).isEqualTo(old.size());
    }

    @Test
    void whatIsOldMovesAndComesBackAsItWas() throws Exception {
        world.beginLedger("run-1");
        world.run(new ArchiveAction(), "run-1");
        assertArchived();
        Map<String, Object> figures = world.figures("run-1");
        assertThat(figures)
                .containsEntry("read", (long) world.old().size())
                .containsEntry("written", (long) world.old().size())
                .containsEntry("unchanged", 0L);
        assertThat(world.verify(new ArchiveAction(), "run-1").checks()).allMatch(c -> c.passed());

        world.run(new RestoreAction(), "restore-1", "all=true", "cutoff=-");
        assertThat(world.liveAsArchived()).isEqualTo(world.originals());
        assertThat(world.summarised()).isZero();
        Map<String, String> once = world.live();
        assertThat(once.values()).anyMatch(hex -> hex.contains("726573746f7265645f66726f6d"));
        world.run(new RestoreAction(), "restore-2", "all=true", "cutoff=-");
        assertThat(world.live()).isEqualTo(once);

        // Held: the next archive run leaves them.
        world.beginLedger("run-2");
        world.run(new ArchiveAction(), "run-2");
        assertThat(world.live()).isEqualTo(once);
        assertThat(world.figures("run-2"))
                .containsEntry("held.restored", (long) world.old().size());
    }

    @Test
    void whatWasRestoredIsArchivedAgainAfterItsHold() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        world.run(new RestoreAction(), "restore-1", "all=true", "restore.hold=0s", "cutoff=-");
        world.run(new ArchiveAction(), "run-2");
        assertThat(world.live().keySet()).doesNotContainAnyElementsOf(world.old().keySet());
        assertThat(world.summarised()).isEqualTo(world.old().size());
        // Of a result's two rows the later one is restored.
        String id = world.old().keySet().iterator().next();
        world.run(new RestoreAction(), "restore-2", "result_id=" + id, "cutoff=-");
        assertThat(world.live().get(id)).contains(hex("run-2")).doesNotContain(hex("run-1"));
        // The older rows go with the next compaction, and what is restored now stays marked.
        world.run(new CompactAction(), "compact");
        assertThat(world.archived()).isEqualTo(world.old());
        assertThat(world.summarised()).isEqualTo(world.old().size() - 1);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void restoreNeverOverwritesANewerDocument() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        String id = world.old().keySet().iterator().next();
        world.collection(MongoLiveResults.RESULTS)
                .insertOne(new Document("result_id", id).append("newer", true));
        world.run(new RestoreAction(), "restore-1", "result_id=" + id, "cutoff=-");
        assertThat(
                        world.collection(MongoLiveResults.RESULTS)
                                .find(new Document("result_id", id))
                                .first())
                .containsEntry("newer", true);
    }

    /** Each attempt is cut off a step further than the one before; then one passes. */
    @ParameterizedTest
    @CsvSource({"1, 7", "8, 14"})
    void aRunCutOffAtOnePointAfterTheOtherEndsTheSame(int first, int last) throws Exception {
        for (int point = first; point <= last; point++) {
            int reached = point;
            world.crashAt(point);
            assertThatThrownBy(() -> world.run(new ArchiveAction(), "run-1"))
                    .hasStackTraceContaining("crash hook at point " + reached);
            assertThat(world.crashed()).as("point %d was reached", point).isTrue();
            // Whatever happened, every document is in one of the two places.
            Map<String, String> both = new TreeMap<>(world.live());
            both.putAll(world.archived());
            assertThat(both).isEqualTo(world.originals());
            if (point < CrashHook.AFTER_COMMIT) {
                assertThat(world.live()).isEqualTo(world.originals());
            }
        }
        world.run(new ArchiveAction(), "run-1");
        assertArchived();
        assertThat(world.verify(new ArchiveAction(), "run-1").checks()).allMatch(c -> c.passed());
        try (ArchiveStore archive = world.archive()) {
            assertThat(archive.chain().manifests()).hasSize(1);
        }
    }

    @Test
    void anAttemptRepeatedAfterTheCommitDoesNotTouchWhatWasPublished() throws Exception {
        // As when a worker dies during deletion: what it had read is read again, and less is left.
        StreamExecutionEnvironment again = world.defined(new ArchiveAction(), "run-1");
        world.crashAt(CrashHook.AFTER_FIRST_DELETE);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "run-1"))
                .hasStackTraceContaining("crash hook");
        String id =
                world.live().keySet().stream().filter(world.old()::containsKey).findFirst().get();
        world.collection(MongoLiveResults.RESULTS).deleteOne(new Document("result_id", id));
        again.execute("run-1");
        assertArchived();
        assertThat(world.verify(new ArchiveAction(), "run-1").checks()).allMatch(c -> c.passed());
    }

    @Test
    void aFileThatIsNotTheOneOfTheManifestDeletesNothing() throws Exception {
        world.crashAt(CrashHook.AFTER_COMMIT);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "run-1"))
                .hasStackTraceContaining("crash hook");
        Map<String, byte[]> sound = new TreeMap<>();
        List<ArchivedFile> victims;
        try (ArchiveStore archive = world.archive()) {
            List<ArchivedFile> files = List.copyOf(archive.chain().live());
            victims = files.subList(1, 5);
            for (ArchivedFile file : victims) {
                sound.put(
                        file.key(),
                        archive.objects().get(world.bucket(), file.key()).orElseThrow());
            }
            byte[] whole = sound.get(victims.get(0).key());
            put(archive, victims.get(0), Arrays.copyOf(whole, whole.length / 2));
            byte[] flipped = sound.get(victims.get(1).key()).clone();
            flipped[flipped.length / 3] ^= 1;
            put(archive, victims.get(1), flipped);
            put(
                    archive,
                    victims.get(2),
                    archive.objects().get(world.bucket(), files.get(0).key()).orElseThrow());
            archive.objects().delete(world.bucket(), victims.get(3).key());
        }
        world.beginLedger("run-1");
        world.run(new ArchiveAction(), "run-1");
        long left = world.live().keySet().stream().filter(world.old()::containsKey).count();
        assertThat(left).isEqualTo(victims.stream().mapToLong(ArchivedFile::rows).sum());
        String damaged = String.valueOf(world.figures("run-1").get("damaged"));
        Verification verification = world.verify(new ArchiveAction(), "run-1");
        for (ArchivedFile victim : victims) {
            assertThat(damaged).contains(victim.key());
            assertThat(verification.checks())
                    .anyMatch(c -> !c.passed() && c.detail().contains(victim.key()));
            assertThat(
                            world.collection("dead_letters")
                                    .find(new Document("key", victim.key()))
                                    .first())
                    .isNotNull();
        }

        // Brought back from a copy, the run goes on.
        try (ArchiveStore archive = world.archive()) {
            victims.forEach(v -> put(archive, v, sound.get(v.key())));
        }
        world.run(new ArchiveAction(), "run-1");
        assertArchived();
    }

    private void put(ArchiveStore archive, ArchivedFile file, byte[] bytes) {
        archive.objects().put(world.bucket(), file.key(), bytes);
    }

    @Test
    void changedDocumentsStayAndRemovedOnesAreNamed() throws Exception {
        // Before any subtask deletes: at BEFORE_DELETE another one may be ahead.
        world.crashAt(CrashHook.AFTER_COMMIT);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "run-1"))
                .hasStackTraceContaining("crash hook");
        List<String> ids = List.copyOf(world.old().keySet());
        world.collection(MongoLiveResults.RESULTS)
                .updateOne(
                        new Document("result_id", ids.get(0)),
                        new Document("$set", new Document("confidence", 0.75)));
        // A type alone: equal as numbers, not as documents.
        world.collection(MongoLiveResults.RESULTS)
                .updateOne(
                        new Document("result_id", ids.get(1)),
                        new Document("$set", new Document("metadata.int32", 7L)));
        world.collection(MongoLiveResults.RESULTS).deleteOne(new Document("result_id", ids.get(2)));
        world.beginLedger("run-1");
        world.run(new ArchiveAction(), "run-1");
        assertThat(world.live()).containsKeys(ids.get(0), ids.get(1)).doesNotContainKey(ids.get(2));
        assertThat(world.live().keySet().stream().filter(world.old()::containsKey)).hasSize(2);
        assertThat(world.figures("run-1")).containsEntry("changed", 2L);
        assertThat(
                        world.collection("dead_letters")
                                .countDocuments(new Document("reason", "document_changed")))
                .isEqualTo(2);
        assertThat(world.summarised()).isEqualTo(world.old().size() - 2);
    }

    @Test
    void ofTwoArchiversOneWins() throws Exception {
        // Submitted, then paused past its lease; the winner has committed when it wakes up, and not
        // yet deleted anything.
        StreamExecutionEnvironment paused = world.defined(new ArchiveAction(), "paused");
        world.crashAt(CrashHook.AFTER_COMMIT);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "winner"))
                .hasStackTraceContaining("crash hook");
        assertThatThrownBy(() -> paused.execute("paused"))
                .hasStackTraceContaining("another run has published");
        assertThat(world.live()).isEqualTo(world.originals());
        world.run(new ArchiveAction(), "winner");
        assertArchived();
        try (ArchiveStore archive = world.archive()) {
            assertThat(archive.chain().manifests())
                    .extracting(Manifest::run)
                    .containsExactly("winner");
        }
    }

    @Test
    void anArchiverWhoseLeaseWasTakenWritesNothing() throws Exception {
        StreamExecutionEnvironment paused = world.defined(new ArchiveAction(), "paused");
        world.collection("run_leases")
                .insertOne(
                        new Document("_id", "s3://" + world.bucket())
                                .append("run_id", "other")
                                .append("fence", 2L));
        assertThatThrownBy(() -> paused.execute("paused"))
                .hasStackTraceContaining("run other has taken over");
        assertThat(world.live()).isEqualTo(world.originals());
        try (ArchiveStore archive = world.archive()) {
            assertThat(archive.chain().manifests()).isEmpty();
        }
    }

    @Test
    void whoeverCommittedFinishesBeforeOthersBegin() throws Exception {
        world.crashAt(CrashHook.AFTER_FIRST_DELETE);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "run-1"))
                .hasStackTraceContaining("crash hook");
        assertThatThrownBy(() -> world.defined(new ArchiveAction(), "run-2"))
                .hasMessageContaining("aima resume run-1");
    }

    @Test
    void aMissingManifestIsNoticedAndNamed() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        try (ArchiveStore archive = world.archive()) {
            archive.objects().delete(world.bucket(), Manifest.keyOf(1));
        }
        assertThatThrownBy(() -> world.defined(new ArchiveAction(), "run-2"))
                .hasMessageContaining(Manifest.keyOf(1));
        assertThat(world.verify(new ArchiveAction(), "run-1").passed()).isFalse();
    }

    @Test
    void aChangedManifestIsNoticed() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        try (ArchiveStore archive = world.archive()) {
            byte[] bytes = archive.objects().get(world.bucket(), Manifest.keyOf(1)).orElseThrow();
            String changed = new String(bytes).replace("\"fence\" : 1", "\"fence\" : 2");
            archive.objects().put(world.bucket(), Manifest.keyOf(1), changed.getBytes());
        }
        assertThatThrownBy(() -> world.defined(new ArchiveAction(), "run-2"))
                .hasMessageContaining("not the one that was published");
    }

    @Test
    void readersSeeEachRowOnceWhileSmallFilesBecomeLargeOnes() throws Exception {
        world.close();
        world = new ArchiveWorld(STORES, "archive", directory).smallFiles(400, 8);
        Map<String, String> before = world.archived();
        assertThat(before).hasSize(400 * 8);
        String[] sizes = {"file.target-mib=1", "compact.group-mib=2"};
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<Integer> reads =
                reader.submit(
                        () -> {
                            int times = 0;
                            for (; !over.get(); times++) {
                                assertThat(world.archived()).isEqualTo(before);
                            }
                            return times;
                        });
        try {
            // Cut off after the first group was published, its summaries not yet moved.
            world.crashAt(CrashHook.REWRITE_AFTER_COMMIT);
            assertThatThrownBy(() -> world.run(new CompactAction(), "compact", sizes))
                    .hasStackTraceContaining("crash hook");
            int published;
            try (ArchiveStore archive = world.archive()) {
                published = groups(archive.chain()).size();
            }
            world.beginLedger("compact");
            world.run(new CompactAction(), "compact", sizes);
            over.set(true);
            assertThat(reads.get()).isPositive();
            assertThat(world.archived()).isEqualTo(before);
            assertThat(world.summarised()).isEqualTo(before.size());
            ManifestChain chain;
            try (ArchiveStore archive = world.archive()) {
                chain = archive.chain();
                assertThat(groups(chain)).hasSizeGreaterThan(published);
                // Replaced files stay for whoever still reads them.
                assertThat(archive.objects().list(world.bucket(), "analysis_results/"))
                        .hasSizeGreaterThanOrEqualTo(400 + chain.live().size());
            }
            // Each group ends with one that may be smaller.
            assertThat(chain.live().stream().filter(f -> f.bytes() < 1 << 20).count())
                    .isLessThanOrEqualTo(groups(chain).size());
            assertThat(chain.live().stream().mapToLong(ArchivedFile::bytes).max().orElseThrow())
                    .isBetween(1L << 20, 3L << 19);
            world.run(new CleanAction(), "clean", "compact.grace=0s", "clean.age-floor=0s");
            try (ArchiveStore archive = world.archive()) {
                assertThat(archive.objects().list(world.bucket(), "analysis_results/"))
                        .hasSize(chain.live().size());
            }
            String id = before.keySet().iterator().next();
            world.run(new RestoreAction(), "restore", "result_id=" + id, "cutoff=-");
            assertThat(world.liveAsArchived()).containsExactly(Map.entry(id, before.get(id)));
        } finally {
            over.set(true);
            reader.shutdownNow();
        }
    }

    private static List<Manifest> groups(ManifestChain chain) {
        return chain.manifests().stream().filter(m -> m.kind() == Manifest.Kind.COMPACT).toList();
    }

    @Test
    void orphansGoOnlyPastTheirAgeAndNeverWhenNamed() throws Exception {
        world.crashAt(CrashHook.BEFORE_COMMIT);
        assertThatThrownBy(() -> world.run(new ArchiveAction(), "crashed"))
                .hasStackTraceContaining("crash hook");
        world.run(new ArchiveAction(), "run-1");
        try (ArchiveStore archive = world.archive()) {
            int all = archive.objects().list(world.bucket(), "analysis_results/").size();
            int live = archive.chain().live().size();
            assertThat(all).isEqualTo(2 * live);
            world.run(new CleanAction(), "clean-1", "clean.age-floor=1000d");
            assertThat(archive.objects().list(world.bucket(), "analysis_results/")).hasSize(all);
            world.run(new CleanAction(), "clean-2", "clean.age-floor=0s");
            assertThat(archive.objects().list(world.bucket(), "analysis_results/"))
                    .containsExactlyInAnyOrderElementsOf(
                            archive.chain().live().stream().map(ArchivedFile::key).toList());
        }
        assertArchived();
    }

    @Test
    void whatIsExpiredIsGone() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        world.beginLedger("expire");
        world.run(new ExpireAction(), "expire", "retention.types=face_detection=P18M", "cutoff=-");
        Map<String, String> kept = world.archived();
        assertThat(kept).hasSizeLessThan(world.old().size());
        Map<String, String> gone = new TreeMap<>(world.old());
        gone.keySet().removeAll(kept.keySet());
        assertThat(gone).isNotEmpty();
        assertThat(((Number) world.figures("expire").get("rows.dropped")).longValue())
                .isEqualTo(gone.size());
        assertThat(world.summarised()).isEqualTo(kept.size());
    }
}
