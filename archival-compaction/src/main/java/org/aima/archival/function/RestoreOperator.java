package org.aima.archival.function;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.CanonicalBson;
import org.aima.archival.core.ErasedSubject;
import org.aima.archival.core.RestoreRule;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.S3InputFile;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Brings archived results back into MongoDB: never over a document that is there, never what was
 * erased. Repeating it changes nothing.
 */
public final class RestoreOperator extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<RestoreUnit, Figure> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH_ROWS = 1_000;
    private static final int BATCH_BYTES = 8 << 20;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final RunContext run;
    private final RestoreRule rule;
    private final CrashHook crash;
    private transient @Nullable ArchiveStore archive;
    private transient @Nullable LiveResults live;
    private transient @Nullable List<Found> batch;
    private transient int batchBytes;

    private record Found(String key, byte[] document, @Nullable String personId) {}

    public RestoreOperator(
            StoreFactories stores,
            WriteGuard guard,
            RunContext run,
            RestoreRule rule,
            CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.run = run;
        this.rule = rule;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        ArchiveStore store = stores.archive().open();
        archive = store;
        // The first request opens the connection; what is measured below is the read.
        store.objects().bucketExists(store.bucket());
        live = stores.live().open();
        batch = new ArrayList<>();
        batchBytes = 0;
    }

    @Override
    public void processElement(StreamRecord<RestoreUnit> record) throws Exception {
        RestoreUnit unit = record.getValue();
        ArchivedFile file = unit.file();
        if (file == null) {
            byPointer(List.of(unit.resultIds()));
        } else {
            search(file);
        }
        flush();
    }

    private void byPointer(List<String> resultIds) throws IOException {
        Map<String, List<SummaryBuilder.Pointer>> pointers = new LinkedHashMap<>();
        for (BsonDocument summary : Objects.requireNonNull(live).summariesOf(resultIds)) {
            for (String id : resultIds) {
                SummaryBuilder.Pointer pointer = SummaryBuilder.pointer(summary, id);
                if (pointer != null) {
                    pointers.computeIfAbsent(id, i -> new ArrayList<>()).add(pointer);
                }
            }
        }
        for (String id : resultIds) {
            SummaryBuilder.Pointer pointer = newest(id, pointers.getOrDefault(id, List.of()));
            if (pointer == null) {
                figure("read", 1);
                figure("rejected", 1);
                reject(id, "not_archived", "no summary names it");
                continue;
            }
            long start = System.nanoTime();
            byte[] document = Objects.requireNonNull(archive).document(pointer);
            figure("restore.ranged_reads", 1);
            figure("restore.ranged_read_micros", (System.nanoTime() - start) / 1_000);
            if (CanonicalBson.defect(document).isPresent()
                    || !id.equals(ResultFields.of(document).resultId())) {
                throw new IOException(
                        pointer.key()
                                + " row "
                                + pointer.row()
                                + " is not result "
                                + id
                                + ": the file was replaced; aima verify tells");
            }
            add(new Found(pointer.key(), document, null));
        }
    }

    /** Of rows of one result only one is not superseded by a later one. */
    private SummaryBuilder.@Nullable Pointer newest(
            String id, List<SummaryBuilder.Pointer> pointers) {
        if (pointers.size() == 1) {
            return pointers.get(0);
        }
        return pointers.stream()
                .filter(p -> !Objects.requireNonNull(live).superseded(p.key()).contains(id))
                .findFirst()
                .orElse(null);
    }

    private void search(ArchivedFile file) throws IOException {
        ArchiveStore store = Objects.requireNonNull(archive);
        if (rule.byId()) {
            S3InputFile input =
                    new S3InputFile(store.objects(), store.bucket(), file.key(), file.bytes());
            try (ArchiveFileReader reader =
                    ArchiveFileReader.matching(
                            input,
                            Set.copyOf(rule.results()),
                            Set.copyOf(rule.media()),
                            Set.copyOf(rule.persons()))) {
                take(file, reader);
            }
            return;
        }
        Path directory = WorkDirectory.of(this);
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "restore", ".parquet");
        try {
            ArchiveStore.Condition condition = store.fetch(file, local);
            if (condition != ArchiveStore.Condition.SOUND) {
                figure("files.damaged", 1);
                reject(
                        file.key(),
                        "file_" + condition.name().toLowerCase(java.util.Locale.ROOT),
                        "the file in the bucket is not the one of the manifest; nothing of it was"
                                + " restored");
                return;
            }
            try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
                take(file, reader);
            }
        } finally {
            Files.deleteIfExists(local);
        }
    }

    private void take(ArchivedFile file, ArchiveFileReader reader) throws IOException {
        Set<String> stale = Objects.requireNonNull(live).superseded(file.key());
        for (ArchiveRow row = reader.next(); row != null; row = reader.next()) {
            ResultFields fields = ResultFields.of(row.document());
            if (rule.wants(fields, row.personId()) && !stale.contains(fields.resultId())) {
                add(new Found(file.key(), row.document(), row.personId()));
            }
        }
    }

    private void add(Found found) {
        List<Found> open = Objects.requireNonNull(batch);
        open.add(found);
        batchBytes += found.document().length;
        if (open.size() >= BATCH_ROWS || batchBytes >= BATCH_BYTES) {
            flush();
        }
    }

    private void flush() {
        List<Found> open = Objects.requireNonNull(batch);
        if (open.isEmpty()) {
            return;
        }
        List<Found> allowed = withoutErased(open);
        figure("read", open.size());
        figure("rejected", open.size() - allowed.size());
        if (run.planOnly()) {
            figure("written", allowed.size());
        } else if (!allowed.isEmpty()) {
            insert(allowed);
            crash.reached(CrashHook.RESTORE_AFTER_FIRST_BATCH);
        }
        open.clear();
        batchBytes = 0;
    }

    private void insert(List<Found> found) {
        Fence.check(guard);
        LiveResults store = Objects.requireNonNull(live);
        List<Boolean> inserted =
                store.insertMissing(
                        found.stream()
                                .map(
                                        f ->
                                                RestoredFrom.of(
                                                                run.runId(),
                                                                f.key(),
                                                                run.submittedAtMillis(),
                                                                rule.holdUntilMillis(),
                                                                f.document())
                                                        .appendTo(f.document()))
                                .toList());
        long written = inserted.stream().filter(i -> i).count();
        figure("written", written);
        figure("unchanged", found.size() - written);
        // Also of those that were there: an attempt that was cut off may have inserted them.
        Map<String, Set<String>> keysById = new HashMap<>();
        for (Found f : found) {
            keysById.computeIfAbsent(
                            String.valueOf(ResultFields.of(f.document()).resultId()),
                            id -> new TreeSet<>())
                    .add(f.key());
        }
        Map<String, List<String>> bySummary = new HashMap<>();
        for (BsonDocument summary : store.summariesOf(keysById.keySet())) {
            List<String> here = new ArrayList<>();
            String key = summary.getString("file").getValue();
            for (var id : summary.getArray("result_ids")) {
                Set<String> keys = keysById.get(id.asString().getValue());
                if (keys != null && keys.contains(key)) {
                    here.add(id.asString().getValue());
                }
            }
            if (!here.isEmpty()) {
                bySummary.put(summary.getString("_id").getValue(), here);
            }
        }
        store.markRestored(bySummary, true);
    }

    private List<Found> withoutErased(List<Found> found) {
        Map<Found, List<String>> keys = new LinkedHashMap<>();
        Set<String> all = new TreeSet<>();
        for (Found f : found) {
            ResultFields fields = ResultFields.of(f.document());
            List<String> own = new ArrayList<>();
            own.add(
                    ErasedSubject.of(ErasedSubject.RESULT, String.valueOf(fields.resultId()))
                            .key());
            own.add(ErasedSubject.of(ErasedSubject.MEDIA, String.valueOf(fields.mediaId())).key());
            for (String person : new String[] {f.personId(), fields.ownPersonId()}) {
                if (person != null) {
                    own.add(ErasedSubject.of(ErasedSubject.PERSON, person).key());
                }
            }
            keys.put(f, own);
            all.addAll(own);
        }
        Set<String> erased = Objects.requireNonNull(live).entombed(all);
        List<Found> allowed = new ArrayList<>();
        keys.forEach(
                (f, own) -> {
                    if (own.stream().noneMatch(erased::contains)) {
                        allowed.add(f);
                    }
                });
        return allowed;
    }

    private void reject(String key, String reason, String detail) {
        output.collect(
                SelectOperator.REJECTS,
                new StreamRecord<>(
                        new Reject(
                                "s3:" + Objects.requireNonNull(archive).bucket(),
                                key,
                                reason,
                                detail,
                                "")));
    }

    private void figure(String name, long amount) {
        output.collect(new StreamRecord<>(Figure.count(name, amount)));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (archive != null) {
            archive.close();
            archive = null;
        }
        if (live != null) {
            live.close();
            live = null;
        }
        super.close();
    }
}
