package org.aima.backfill;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.backfill.core.Difference;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.Placement;
import org.aima.backfill.core.RowComparison;
import org.aima.backfill.core.RowDigest;
import org.aima.backfill.core.RowMapper;
import org.aima.backfill.core.SchemaMapping;
import org.aima.backfill.file.FileRows;
import org.aima.backfill.file.ImportFile;
import org.aima.backfill.file.ImportFiles;
import org.aima.backfill.file.ImportedRow;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.s3.S3ObjectStore;
import org.jspecify.annotations.Nullable;

/** What an import does outside its graph: plan, slices, index, verify, cut-over. */
final class ImportSteps {
    private static final long SLICE_BYTES = 16L << 20;
    private static final int NAMED = 20;

    private final Configuration configuration;
    private final BackfillStores stores;
    private final ProgressLines progress = ProgressLines.ofProcess();

    ImportSteps(Configuration configuration) {
        this.configuration = configuration;
        this.stores = BackfillStores.of(configuration);
    }

    private ObjectStore objects() {
        return new S3ObjectStore(StoreOptions.s3(configuration));
    }

    private FileRows.@Nullable Format format() {
        return switch (configuration.get(ImportOptions.FORMAT)) {
            case AUTO -> null;
            case PARQUET -> FileRows.Format.PARQUET;
            case NDJSON -> FileRows.Format.NDJSON;
            case NPY -> FileRows.Format.NPY;
        };
    }

    /** Looks at the files and says what would be written where; reads a little of each file. */
    StepResult plan() {
        String collection = configuration.get(ImportOptions.COLLECTION);
        try (EmbeddingStore store = stores.vectors();
                ObjectStore objects = objects()) {
            List<String> files = files(objects);
            long bytes = 0;
            for (String name : files) {
                bytes += ImportFiles.open(name, objects).length();
            }
            boolean exists = store.describe(collection).isPresent();
            EmbeddingSchema schema =
                    exists
                            ? store.describe(collection).orElseThrow()
                            : newSchema(store, collection, files, objects);
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("exists", exists);
            result.put("collection", schema.name());
            result.put("files", files);
            result.put("dimension", schema.vector().dimension());
            progress.tell(
                    String.format(
                            Locale.ROOT,
                            "%,d files, %,d MB, into %s collection %s of dimension %d",
                            files.size(),
                            bytes >> 20,
                            exists ? "the" : "the new",
                            schema.name(),
                            schema.vector().dimension()));
            return new StepResult(
                    result,
                    List.of(
                            Figure.count("plan.files", files.size()),
                            Figure.count("plan.bytes", bytes),
                            Figure.count("plan.dimension", schema.vector().dimension()),
                            Figure.fact("plan.target", schema.name()),
                            Figure.count("plan.eta_seconds", 20 + Math.round(bytes / 8e6))));
        } catch (IOException e) {
            throw AimaException.failed("cannot look at the files: " + e.getMessage(), e);
        }
    }

    private List<String> files(ObjectStore objects) {
        List<String> files = new ArrayList<>();
        for (String name : ImportFiles.list(configuration.get(ImportOptions.FROM), objects)) {
            boolean ids = name.endsWith(".ids.npy") || name.endsWith(".ids.txt");
            if (!ids && (format() != null || FileRows.Format.of(name) != null)) {
                files.add(name);
            }
        }
        if (files.isEmpty()) {
            throw AimaException.usage(
                    "no file at "
                            + configuration.get(ImportOptions.FROM)
                            + " is .parquet, .ndjson(.gz), .jsonl(.gz) or .npy; give format=");
        }
        return files;
    }

    /** Fields of a new collection: those of another one, or of the data model. */
    private EmbeddingSchema newSchema(
            EmbeddingStore store, String collection, List<String> files, ObjectStore objects) {
        String like = configuration.get(ImportOptions.LIKE);
        String base = collection.replaceAll("_v[0-9]+$", "");
        EmbeddingSchema model = null;
        for (String name : List.of(like, base)) {
            if (model == null && !name.equals(EmbeddingBackfillOptions.NONE)) {
                model = store.describe(name).orElse(null);
            }
        }
        if (model == null && !like.equals(EmbeddingBackfillOptions.NONE)) {
            throw AimaException.usage("there is no collection " + like + " to be like");
        }
        int dimension = configuration.get(ImportOptions.DIMENSION);
        if (dimension == 0) {
            dimension = dimension(files, objects, model);
        }
        List<Field> fields = new ArrayList<>();
        if (model == null) {
            fields.add(new Field("embedding_id", Type.VARCHAR, 100, 0, true, false));
            fields.add(new Field("embedding", Type.FLOAT_VECTOR, 0, dimension, false, false));
            for (String name : List.of("person_id", "media_id", "result_id")) {
                fields.add(new Field(name, Type.VARCHAR, 100, 0, false, false));
            }
            fields.add(new Field("confidence", Type.FLOAT, 0, 0, false, false));
            fields.add(new Field("timestamp", Type.INT64, 0, 0, false, false));
        } else {
            for (Field f : model.fields()) {
                fields.add(
                        f.type() == Type.FLOAT_VECTOR
                                ? new Field(
                                        f.name(), f.type(), 0, dimension, false, f.partitionKey())
                                : f);
            }
        }
        int shards = configuration.get(EmbeddingBackfillOptions.SHARDS);
        return new EmbeddingSchema(
                collection, fields, shards > 0 ? shards : model == null ? 1 : model.shards());
    }

    /** The commonest dimension among the first rows of the files. */
    private int dimension(
            List<String> files, ObjectStore objects, @Nullable EmbeddingSchema model) {
        EmbeddingSchema any =
                model != null
                        ? model
                        : new EmbeddingSchema(
                                "any",
                                List.of(
                                        new Field(
                                                "embedding_id", Type.VARCHAR, 100, 0, true, false),
                                        new Field(
                                                "embedding",
                                                Type.FLOAT_VECTOR,
                                                0,
                                                1,
                                                false,
                                                false)),
                                1);
        Map<Integer, Integer> seen = new TreeMap<>();
        for (String name : files) {
            try {
                ImportFile file = ImportFiles.open(name, objects);
                FileRows.Format of = ImportReader.formatOf(name, format());
                FileRows.Slice first = FileRows.slices(of, file, SLICE_BYTES).get(0);
                try (FileRows rows = FileRows.open(of, file, first, any, objects)) {
                    ImportedRow row = rows.next();
                    for (int i = 0; i < 50 && row != null; i++) {
                        if (row.reason().isEmpty() && row.row().vector().length > 0) {
                            seen.merge(row.row().vector().length, 1, Integer::sum);
                        }
                        row = rows.next();
                    }
                }
            } catch (IOException | IndexOutOfBoundsException e) {
                progress.tell(name + " cannot be read: " + e.getMessage());
            }
        }
        return seen.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow(
                        () ->
                                AimaException.usage(
                                        "no file shows a vector whose dimension could be taken; give"
                                                + " dimension="));
    }

    /** The mapper of a run whose plan is known. */
    RowMapperFactory mappers(Map<String, Object> plan) {
        String collection = RepartitionRun.text(plan, "collection");
        try (EmbeddingStore store = stores.vectors();
                ObjectStore objects = objects()) {
            EmbeddingSchema schema =
                    store.describe(collection)
                            .orElseGet(
                                    () ->
                                            newSchema(
                                                    store,
                                                    collection,
                                                    texts(plan.get("files")),
                                                    objects));
            EmbeddingBackfillSettings settings = settings();
            boolean exists = Boolean.TRUE.equals(plan.get("exists"));
            return settings.mappers(
                    schema, exists ? schema : settings.targetSchema(schema, schema.name(), 0));
        }
    }

    private EmbeddingBackfillSettings settings() {
        String without = configuration.get(EmbeddingBackfillOptions.WITHOUT_MEDIA);
        return new EmbeddingBackfillSettings(
                PartitionScheme.parse(configuration.get(ImportOptions.PARTITION_BY)),
                SchemaMapping.IDENTITY,
                without.equals("reject") ? "" : without);
    }

    static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> items
                ? items.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Makes the collection where it is new and freezes the slices of all files. */
    StepResult freeze(RunContext run, StepJournal notes, WriteGuard guard) {
        guard.check();
        Map<String, Object> plan = notes.resultOf(RepartitionRun.PLAN);
        RowMapperFactory mappers = mappers(plan);
        try (EmbeddingStore store = stores.vectors();
                ObjectStore objects = objects();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId())) {
            store.createCollection(mappers.target());
            long frozen;
            if (notes.notes().get("ranges") instanceof Number known) {
                frozen = known.longValue();
            } else {
                List<CopyJournal.Range> ranges = new ArrayList<>();
                for (String name : texts(plan.get("files"))) {
                    for (FileRows.Slice slice : slices(name, objects)) {
                        ranges.add(
                                CopyJournal.Range.frozen(
                                        ranges.size(),
                                        slice.file(),
                                        Long.toString(slice.start()),
                                        Long.toString(slice.end()),
                                        List.of()));
                    }
                }
                journal.clear();
                journal.freeze(ranges);
                frozen = ranges.size();
                notes.note(Map.of("ranges", frozen));
            }
            return new StepResult(
                    Map.of("ranges", frozen), List.of(Figure.count("ranges", frozen)));
        }
    }

    private List<FileRows.Slice> slices(String name, ObjectStore objects) {
        try {
            return FileRows.slices(
                    ImportReader.formatOf(name, format()),
                    ImportFiles.open(name, objects),
                    SLICE_BYTES);
        } catch (IOException e) {
            // A file that cannot be cut is read whole, and then found to be broken.
            return List.of(new FileRows.Slice(name, 0, 1));
        }
    }

    ImportReader reader(String runId, RowMapperFactory mappers) {
        return new ImportReader(stores.documents(), objects(), runId, mappers, format());
    }

    StepResult index(RunContext run, StepJournal notes, WriteGuard guard) {
        guard.check();
        Map<String, Object> plan = notes.resultOf(RepartitionRun.PLAN);
        String collection = RepartitionRun.text(plan, "collection");
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId())) {
            progress.tell("sealing " + collection);
            store.flush(collection);
            String field = store.describe(collection).orElseThrow().vector().name();
            if (!store.indexes(collection).containsKey(field)) {
                Index usual =
                        new Index(
                                field,
                                "HNSW",
                                "COSINE",
                                Map.of("M", "16", "efConstruction", "200"));
                store.createIndex(
                        collection, EmbeddingBackfillSettings.index(configuration, usual, field));
            }
            progress.tell("loading " + collection);
            store.load(collection);
            Map<String, Long> sums = new TreeMap<>();
            for (CopyJournal.Range range : journal.ranges()) {
                range.counts().forEach((name, count) -> sums.merge(name, count, Long::sum));
            }
            sums.remove("push_backs");
            sums.remove("slow_answers");
            List<Figure> figures = new ArrayList<>();
            sums.forEach((name, sum) -> figures.add(Figure.count(name, sum)));
            return new StepResult(Map.of(), figures);
        }
    }

    /** Reads the files again and compares every row with what the collection holds. */
    Verification verify(RunContext run, Map<String, Object> plan) {
        RowMapperFactory mappers = mappers(plan);
        String collection = RepartitionRun.text(plan, "collection");
        boolean existed = Boolean.TRUE.equals(plan.get("exists"));
        Map<Difference.Kind, Long> counts = new EnumMap<>(Difference.Kind.class);
        List<String> named = new ArrayList<>();
        long expected = 0;
        long found;
        Map<String, Long> rejected = new TreeMap<>();
        try (EmbeddingStore store = stores.vectors();
                ObjectStore objects = objects();
                DocumentStore documents = stores.documents();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId());
                RowComparison comparison =
                        new RowComparison(
                                Files.createTempDirectory("aima-import-"),
                                store.count(collection, null, null))) {
            RowMapper mapper = mappers.create();
            RowDigest digest = new RowDigest(mappers.target());
            MediaLookup media = new MediaLookup(documents, mappers.paths());
            Set<String> keys = new HashSet<>();
            List<CopyJournal.Range> ranges = journal.ranges();
            for (CopyJournal.Range range : ranges) {
                progress.show(range.number(), ranges.size(), "slices of files read");
                expected +=
                        expect(range, mapper, digest, media, objects, comparison, rejected, keys);
            }
            boolean byKey = mappers.scheme().byKey();
            new PageScan(
                            stores::vectors,
                            configuration.get(EmbeddingBackfillOptions.THREADS),
                            progress)
                    .scan(
                            collection,
                            PageScan.scalars(mappers.target()),
                            true,
                            store.count(collection, null, null),
                            "rows of " + collection + " read",
                            () -> {
                                RowDigest own = new RowDigest(mappers.target());
                                return (partition, rows) -> {
                                    for (EmbeddingRow row : rows) {
                                        // What was there before is not this run's business.
                                        if (!existed || keys.contains(row.id())) {
                                            comparison.find(
                                                    row.id(),
                                                    byKey ? "" : partition,
                                                    own.content(row));
                                        }
                                    }
                                };
                            });
            found = comparison.foundRows();
            counts.putAll(
                    comparison.compare(
                            d -> {
                                if (named.size() < NAMED) {
                                    named.add(
                                            d.kind().name().toLowerCase(Locale.ROOT)
                                                    + " '"
                                                    + d.key()
                                                    + "'");
                                }
                            }));
        } catch (IOException e) {
            throw AimaException.failed("cannot read the files back: " + e.getMessage(), e);
        }
        return new Verification(
                List.of(
                        new Check(
                                "every imported row equal by key and content",
                                counts.isEmpty(),
                                String.format(
                                                Locale.ROOT,
                                                "%,d rows in the files, %,d keys found, rejected %s",
                                                expected,
                                                found,
                                                rejected)
                                        + (counts.isEmpty() ? "" : "; " + counts + ": " + named))));
    }

    private long expect(
            CopyJournal.Range range,
            RowMapper mapper,
            RowDigest digest,
            MediaLookup media,
            ObjectStore objects,
            RowComparison comparison,
            Map<String, Long> rejected,
            Set<String> keys) {
        long expected = 0;
        try (FileRows rows =
                FileRows.open(
                        ImportReader.formatOf(range.partition(), format()),
                        ImportFiles.open(range.partition(), objects),
                        ImportReader.slice(range),
                        mapper.source(),
                        objects)) {
            List<EmbeddingRow> batch = new ArrayList<>();
            ImportedRow row = rows.next();
            while (row != null) {
                if (row.reason().isEmpty()) {
                    batch.add(row.row());
                } else {
                    rejected.merge(row.reason(), 1L, Long::sum);
                }
                row = rows.next();
                if (batch.size() == 1_000 || row == null) {
                    List<MediaFacts> facts = media.of(batch);
                    for (int i = 0; i < batch.size(); i++) {
                        Placement placement = mapper.map(batch.get(i), facts.get(i));
                        if (placement.rejected()) {
                            rejected.merge(placement.reason(), 1L, Long::sum);
                        } else {
                            expected++;
                            keys.add(placement.row().id());
                            comparison.expect(
                                    placement.row().id(),
                                    placement.partition(),
                                    digest.content(placement.row()));
                        }
                    }
                    batch.clear();
                }
            }
        } catch (IOException e) {
            rejected.merge("broken_file", 1L, Long::sum);
        }
        return expected;
    }

    /** Points the alias to the collection, if one is given. */
    StepResult cutOver(StepJournal notes, WriteGuard guard) {
        guard.check();
        String alias = configuration.get(ImportOptions.ALIAS);
        if (alias.equals(EmbeddingBackfillOptions.NONE)) {
            return StepResult.nothing();
        }
        String collection = RepartitionRun.text(notes.resultOf(RepartitionRun.PLAN), "collection");
        try (EmbeddingStore store = stores.vectors()) {
            String before =
                    notes.notes().get("before") instanceof String noted
                            ? noted
                            : store.describe(alias).map(EmbeddingSchema::name).orElse("");
            if (before.equals(alias)) {
                throw new RunRefusedException(
                        alias
                                + " is a collection's own name; repartition it once, then it is an alias"
                                + " that can be moved");
            }
            notes.note(Map.of("before", before));
            store.pointAlias(alias, collection);
            return new StepResult(
                    Map.of("alias", alias, "before", before),
                    List.of(Figure.fact("alias", alias + " leads to " + collection)));
        }
    }
}
