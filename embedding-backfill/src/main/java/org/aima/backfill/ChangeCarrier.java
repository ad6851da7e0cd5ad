package org.aima.backfill;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.Placement;
import org.aima.backfill.core.RowDigest;
import org.aima.backfill.core.RowMapper;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.error.Failure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;

/**
 * Makes the target hold for given keys what the source holds now: changed rows are replaced,
 * deleted ones deleted, rows that belong elsewhere moved. Idempotent.
 */
final class ChangeCarrier {
    private static final int BATCH_KEYS = 500;

    private final EmbeddingStore store;
    private final DocumentStore documents;
    private final CopyJournal journal;
    private final WriteGuard guard;
    private final RowMapperFactory mappers;
    private final RowMapper mapper;
    private final MediaLookup media;
    private final RowDigest digest;
    private final String source;
    private final String target;
    private final Set<String> partitions;
    private final long atMillis;

    ChangeCarrier(
            EmbeddingStore store,
            DocumentStore documents,
            CopyJournal journal,
            WriteGuard guard,
            RowMapperFactory mappers,
            String source,
            String target,
            long atMillis) {
        this.store = store;
        this.documents = documents;
        this.journal = journal;
        this.guard = guard;
        this.mappers = mappers;
        this.mapper = mappers.create();
        this.media = new MediaLookup(documents, mappers.paths());
        this.digest = new RowDigest(mappers.target());
        this.source = source;
        this.target = target;
        this.partitions = new HashSet<>(store.partitions(target));
        this.atMillis = atMillis;
    }

    /** What was carried over. */
    record Carried(long written, long deleted, long rejected, long kept) {
        Carried plus(Carried more) {
            return new Carried(
                    written + more.written,
                    deleted + more.deleted,
                    rejected + more.rejected,
                    kept + more.kept);
        }
    }

    /**
     * Carries keys over from a source that is the truth.
     *
     * @param round a number of its own, from 1
     */
    Carried carry(Collection<String> keys, int round, ProgressLines progress) {
        return inBatches(keys, progress, batch -> carryBatch(batch, round));
    }

    /**
     * Carries keys over after readers and writers were given the target: what was written to the
     * target since is newer and stays.
     *
     * @param rounds so far; also the number under which this one is noted
     */
    Carried sweep(Collection<String> keys, int rounds, ProgressLines progress) {
        return inBatches(keys, progress, batch -> sweepBatch(batch, rounds));
    }

    private interface Step {
        Carried of(List<String> keys);
    }

    private static Carried inBatches(Collection<String> keys, ProgressLines progress, Step step) {
        List<String> all = new ArrayList<>(new HashSet<>(keys));
        Carried carried = new Carried(0, 0, 0, 0);
        for (int from = 0; from < all.size(); from += BATCH_KEYS) {
            carried =
                    carried.plus(
                            step.of(all.subList(from, Math.min(all.size(), from + BATCH_KEYS))));
            progress.show(from, all.size(), "changes carried over");
        }
        return carried;
    }

    private Carried carryBatch(List<String> keys, int round) {
        guard.check();
        Map<String, Placement> placed = new LinkedHashMap<>();
        List<Reject> rejects = new ArrayList<>();
        place(store.get(source, null, keys), placed, rejects);
        Set<String> gone = new HashSet<>(keys);
        gone.removeAll(placed.keySet());
        note(placed.values(), round);
        // Also rows that are replaced: the old one may lie in another partition.
        store.delete(target, null, keys);
        write(placed.values(), rejects);
        journal.reject(rejects, atMillis);
        return new Carried(placed.size(), gone.size() - rejects.size(), rejects.size(), 0);
    }

    private Carried sweepBatch(List<String> keys, int rounds) {
        guard.check();
        Map<String, Placement> placed = new LinkedHashMap<>();
        List<Reject> rejects = new ArrayList<>();
        place(store.get(source, null, keys), placed, rejects);
        Map<String, List<EmbeddingRow>> there = new HashMap<>();
        store.get(target, null, keys)
                .forEach(r -> there.computeIfAbsent(r.id(), k -> new ArrayList<>()).add(r));
        Map<String, Set<Long>> sourceHashes = new HashMap<>();
        Map<String, Set<Long>> targetHashes = new HashMap<>();
        Set<Long> asked = new HashSet<>();
        placed.forEach(
                (key, p) -> {
                    long hash = RowDigest.placed(digest.content(p.row()), p.partition());
                    sourceHashes.put(key, Set.of(hash));
                    asked.add(hash);
                });
        Set<String> places = mappers.scheme().byKey() ? Set.of("") : partitions;
        there.forEach(
                (key, rows) -> {
                    Set<Long> hashes = new HashSet<>();
                    for (EmbeddingRow row : rows) {
                        long content = digest.content(row);
                        places.forEach(p -> hashes.add(RowDigest.placed(content, p)));
                    }
                    targetHashes.put(key, hashes);
                    asked.addAll(hashes);
                });
        Set<Long> ours = journal.writtenAmong(asked, rounds);
        List<Placement> carried = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        long kept = 0;
        long deleted = 0;
        for (String key : keys) {
            boolean inTarget = there.containsKey(key);
            boolean targetIsOurs =
                    inTarget
                            && targetHashes.getOrDefault(key, Set.of()).stream()
                                    .anyMatch(ours::contains);
            Placement wanted = placed.get(key);
            boolean sourceWasCarried =
                    wanted != null
                            && sourceHashes.getOrDefault(key, Set.of()).stream()
                                    .allMatch(ours::contains);
            if (inTarget && !targetIsOurs || !inTarget && sourceWasCarried) {
                // Written or deleted by those who use the target: newer than the source.
                kept++;
            } else if (wanted != null && !sourceWasCarried) {
                carried.add(wanted);
                replaced.add(key);
            } else if (wanted == null && targetIsOurs) {
                replaced.add(key);
                deleted++;
            }
        }
        note(carried, rounds);
        store.delete(target, null, replaced);
        write(carried, rejects);
        journal.reject(rejects, atMillis);
        return new Carried(carried.size(), deleted, rejects.size(), kept);
    }

    private void place(
            List<EmbeddingRow> rows, Map<String, Placement> placed, List<Reject> rejects) {
        List<MediaFacts> facts = media.of(rows);
        for (int i = 0; i < rows.size(); i++) {
            Placement placement = mapper.map(rows.get(i), facts.get(i));
            if (placement.rejected()) {
                rejects.add(
                        new Reject(
                                "milvus:" + source,
                                rows.get(i).id(),
                                placement.reason(),
                                placement.detail(),
                                rows.get(i).fields().toString()));
            } else {
                placed.put(rows.get(i).id(), placement);
            }
        }
    }

    private void note(Collection<Placement> placements, int round) {
        long[] hashes =
                placements.stream()
                        .mapToLong(p -> RowDigest.placed(digest.content(p.row()), p.partition()))
                        .toArray();
        if (hashes.length > 0) {
            journal.noteWritten(-round, UUID.randomUUID().toString(), hashes);
        }
    }

    private void write(Collection<Placement> placements, List<Reject> rejects) {
        Map<String, List<EmbeddingRow>> byPartition = new LinkedHashMap<>();
        placements.forEach(
                p ->
                        byPartition
                                .computeIfAbsent(p.partition(), k -> new ArrayList<>())
                                .add(p.row()));
        byPartition.forEach(
                (partition, rows) -> {
                    if (!partition.isEmpty() && partitions.add(partition)) {
                        store.createPartition(target, partition);
                    }
                    upsert(partition, rows, rejects);
                });
    }

    private void upsert(String partition, List<EmbeddingRow> rows, List<Reject> rejects) {
        try {
            store.upsert(target, partition, rows);
        } catch (StoreException e) {
            if (e.failure() == Failure.TRANSIENT) {
                throw e;
            }
            if (rows.size() == 1) {
                rejects.add(
                        new Reject(
                                "milvus:" + source,
                                rows.get(0).id(),
                                "refused_by_store",
                                String.valueOf(e.getMessage()),
                                rows.get(0).fields().toString()));
                return;
            }
            int half = rows.size() / 2;
            upsert(partition, rows.subList(0, half), rejects);
            upsert(partition, rows.subList(half, rows.size()), rejects);
        }
    }

    /** Frees what was opened for this carrier. */
    void close() {
        store.close();
        documents.close();
        guard.close();
    }
}
