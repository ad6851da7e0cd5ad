package org.aima.archival;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.Partition;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileLayout;
import org.aima.archival.parquet.FileSettings;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.FileSetWriter;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.Verification;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.s3.S3ObjectStore;
import org.aima.testkit.servers.RealStores;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.RawBsonDocument;

/** Results in a real MongoDB and an archive in a real object store, and runs of the job on them. */
final class ArchiveWorld implements AutoCloseable {
    static final Instant CUTOFF = Instant.parse("2025-10-01T00:00:00Z");
    static final String[] TYPES = {
        "face_detection",
        "speaker_diarization",
        "speech_recognition",
        "object_detection",
        "scene_analysis"
    };
    private static final Instant NEWEST = Instant.parse("2026-09-15T00:00:00Z");
    // Few months, so few files: each costs a run some tens of milliseconds at every step.
    private static final int[] DAYS_AGO = {10, 200, 400, 600};

    private final RealStores stores;
    private final String bucket;
    private final MongoClient client;
    private final MongoDatabase database;
    private final Path crashFile;
    private final Map<String, String> originals = new TreeMap<>();

    ArchiveWorld(RealStores stores, String bucket, Path directory) {
        this.stores = stores;
        this.bucket = stores.bucket(bucket);
        this.client = MongoConnections.open(stores.mongo());
        this.database = client.getDatabase(stores.mongo().database());
        this.crashFile = directory.resolve("crash");
        try (ArchiveStore archive = archive()) {
            archive.objects().createBucket(this.bucket);
            for (var version : archive.objects().versions(this.bucket, "")) {
                archive.objects().deleteVersion(this.bucket, version.key(), version.versionId());
            }
        }
        for (String name :
                List.of(
                        MongoLiveResults.RESULTS,
                        MongoLiveResults.SUMMARIES,
                        MongoLiveResults.TOMBSTONES,
                        MongoLiveResults.HEADS,
                        MongoLiveResults.SUPERSEDED,
                        "persons",
                        "dossiers",
                        "media_items",
                        "run_leases",
                        "job_runs",
                        "dead_letters")) {
            database.getCollection(name).drop();
        }
        collection(MongoLiveResults.RESULTS)
                .createIndex(new Document("result_id", 1), new IndexOptions().unique(true));
    }

    /** Fills MongoDB with awkward documents of all types, half of them old; ids are numbers. */
    ArchiveWorld fill(int results) {
        List<BsonDocument> documents = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            BsonDocument document =
                    AwkwardDocuments.result(
                            "r-%06d".formatted(i),
                            "m-%04d".formatted(i / 20),
                            TYPES[i % TYPES.length],
                            NEWEST.minus(DAYS_AGO[i / 20 % DAYS_AGO.length], ChronoUnit.DAYS)
                                    .plusSeconds(i));
            documents.add(document);
        }
        database.getCollection(MongoLiveResults.RESULTS, BsonDocument.class).insertMany(documents);
        originals.putAll(live());
        return this;
    }

    /**
     * An archive of small files of four partitions, with so many rows of some KiB in each; nothing
     * of it is live.
     */
    ArchiveWorld smallFiles(int files, int rows) throws IOException {
        Random noise = new Random(6);
        FileSettings settings = new FileSettings(64L << 20, 8L << 20, 64 << 10, 3);
        Path directory = Files.createTempDirectory("small");
        Path local = directory.resolve("file.parquet");
        try (ArchiveStore archive = archive();
                MongoLiveResults live = new MongoLiveResults(stores.mongo())) {
            List<ArchivedFile> written = new ArrayList<>();
            for (int f = 0; f < files; f++) {
                Instant day = CUTOFF.minus(f % 2 == 0 ? 20 : 50, ChronoUnit.DAYS);
                Partition partition = Partition.of(TYPES[f / 2 % 2], day.toEpochMilli());
                try (FileSetWriter writer =
                        new FileSetWriter(
                                archive,
                                directory,
                                "small",
                                partition,
                                f,
                                settings,
                                1 << 20,
                                step -> {})) {
                    for (int r = 0; r < rows; r++) {
                        byte[] random = new byte[4 << 10];
                        noise.nextBytes(random);
                        String id = "s-%06d".formatted(f * rows + r);
                        BsonDocument document =
                                AwkwardDocuments.result(
                                        id,
                                        "m-%04d".formatted(f % 37),
                                        partition.analysisType(),
                                        day.plusSeconds(f));
                        document.append("noise", new BsonBinary(random));
                        byte[] bytes = AwkwardDocuments.bytes(document);
                        writer.add(new ArchiveRow(bytes, null));
                        originals.put(id, HexFormat.of().formatHex(bytes));
                    }
                    written.addAll(writer.finish());
                }
                ArchivedFile file = written.get(written.size() - 1);
                assertThat(archive.fetch(file, local)).isEqualTo(ArchiveStore.Condition.SOUND);
                live.replaceSummaries(file.key(), summaries(file, local));
            }
            Manifest manifest =
                    new Manifest(
                            Manifest.FORMAT,
                            1,
                            Manifest.Kind.ARCHIVE,
                            "small",
                            1,
                            NEWEST.toString(),
                            "test",
                            "",
                            CUTOFF.toString(),
                            Map.of(),
                            Map.of(),
                            written,
                            List.of());
            live.noteHead(bucket, 1, archive.publish(manifest));
            archive.markDone(manifest, "{}");
        }
        Files.delete(local);
        Files.delete(directory);
        return this;
    }

    private static List<BsonDocument> summaries(ArchivedFile file, Path local) throws IOException {
        SummaryBuilder builder =
                new SummaryBuilder(file.key(), FileLayout.of(local).forSummaries());
        try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
            for (long row = 0; row < file.rows(); row++) {
                builder.add(row, reader.next().document(), null);
            }
        }
        return builder.build();
    }

    String bucket() {
        return bucket;
    }

    MongoCollection<Document> collection(String name) {
        return database.getCollection(name);
    }

    ArchiveStore archive() {
        return new ArchiveStore(new S3ObjectStore(stores.s3()), bucket, true);
    }

    /** Bytes of each live document, hexadecimal, by result id. */
    Map<String, String> live() {
        Map<String, String> live = new TreeMap<>();
        database.getCollection(MongoLiveResults.RESULTS, RawBsonDocument.class)
                .find()
                .forEach(
                        d ->
                                live.put(
                                        d.getString("result_id").getValue(),
                                        HexFormat.of().formatHex(MongoLiveResults.bytes(d))));
        return live;
    }

    /** As {@link #live}, without what restoring added. */
    Map<String, String> liveAsArchived() {
        Map<String, String> live = live();
        live.replaceAll(
                (id, hex) ->
                        HexFormat.of().formatHex(RestoredFrom.strip(HexFormat.of().parseHex(hex))));
        return live;
    }

    /** Documents of all live files, read from the object store; fails when one lies in two rows. */
    Map<String, String> archived() {
        Map<String, String> archived = new TreeMap<>();
        try (ArchiveStore archive = archive()) {
            Path local = Files.createTempFile("archived", ".parquet");
            for (ArchivedFile file : archive.chain().live()) {
                assertThat(archive.readBack(file, local)).isEqualTo(ArchiveStore.Condition.SOUND);
                try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
                    for (ArchiveRow row = reader.next(); row != null; row = reader.next()) {
                        String id =
                                new RawBsonDocument(row.document())
                                        .getString("result_id")
                                        .getValue();
                        String before = archived.put(id, HexFormat.of().formatHex(row.document()));
                        assertThat(before).as("%s lies in the archive twice", id).isNull();
                    }
                }
            }
            Files.delete(local);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return archived;
    }

    Map<String, String> originals() {
        return originals;
    }

    /** Results before the cut-off as they were. */
    Map<String, String> old() {
        Map<String, String> old = new TreeMap<>();
        originals.forEach(
                (id, hex) -> {
                    long time =
                            new RawBsonDocument(HexFormat.of().parseHex(hex))
                                    .getDateTime("timestamp")
                                    .getValue();
                    if (time < CUTOFF.toEpochMilli()) {
                        old.put(id, hex);
                    }
                });
        return old;
    }

    long summarised() {
        long count = 0;
        for (Document summary : collection(MongoLiveResults.SUMMARIES).find()) {
            count += ((Number) summary.get("count")).longValue();
        }
        return count;
    }

    /** Arms the crash hook. */
    void crashAt(int point) {
        try {
            Files.writeString(crashFile, Integer.toString(point), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    boolean crashed() {
        return !Files.exists(crashFile);
    }

    Configuration configuration(JobAction action, String... keyValues) {
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        List<String> all = new ArrayList<>();
        all.add("mongo.uri=" + stores.mongo().uri());
        all.add("mongo.database=" + stores.mongo().database());
        all.add("milvus.uri=" + stores.mongo().uri());
        all.add("s3.endpoint=" + stores.s3().endpoint());
        all.add("s3.access-key=" + stores.s3().accessKey());
        all.add("s3.secret-key=" + stores.s3().secretKey());
        all.add("archive.bucket=" + bucket);
        all.add("cutoff=" + CUTOFF);
        all.add("crash.file=" + crashFile);
        all.add("select.media-status=all");
        all.addAll(Arrays.asList(keyValues));
        return new ConfigurationLoader(options, System.getenv()).arguments(all).load();
    }

    /** Defines a run without executing it. */
    StreamExecutionEnvironment defined(JobAction action, String runId, String... keyValues) {
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), 2);
        action.define(
                environment,
                configuration(action, keyValues),
                new RunContext(
                        runId,
                        1,
                        false,
                        // Ages of objects are counted by the server's clock, which is not ours to
                        // set.
                        action instanceof CleanAction
                                ? Instant.now().plus(1, ChronoUnit.HOURS).toEpochMilli()
                                : NEWEST.toEpochMilli()));
        return environment;
    }

    /** Runs an action to its end. */
    void run(JobAction action, String runId, String... keyValues) throws Exception {
        defined(action, runId, keyValues).execute(runId);
    }

    Verification verify(JobAction action, String runId) {
        return action.verify(
                configuration(action), new RunContext(runId, 0, false, NEWEST.toEpochMilli()));
    }

    /** What a run left in the ledger; its document is made first, as the launcher does. */
    void beginLedger(String runId) {
        collection("job_runs")
                .updateOne(
                        new Document("_id", runId),
                        new Document("$set", new Document("lease", new Document("fence", 1L))),
                        new com.mongodb.client.model.UpdateOptions().upsert(true));
    }

    Map<String, Object> figures(String runId) {
        return org.aima.jobs.pipeline.RunSummary.figures(
                collection("job_runs").find(new Document("_id", runId)).first());
    }

    @Override
    public void close() {
        client.close();
    }
}
