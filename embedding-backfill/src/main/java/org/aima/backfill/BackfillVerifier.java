package org.aima.backfill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.aima.backfill.core.Difference;
import org.aima.backfill.core.NearestRows;
import org.aima.backfill.core.Placement;
import org.aima.backfill.core.RowDigest;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.RowFilter;
import org.jspecify.annotations.Nullable;

/**
 * Proves that a target holds what its source says: rows, partitions, bits, recall, filters.
 *
 * <p>While the source is still written to, a difference is forgiven only when the target's row is
 * one that this run wrote (so the source changed since) or the source's row is one it never wrote.
 */
final class BackfillVerifier {
    private static final int NAMED = 20;
    private static final int MILVUS_LIMIT = 16_384;

    private final Configuration configuration;
    private final Supplier<EmbeddingStore> sources;
    private final Supplier<EmbeddingStore> targets;
    private final Supplier<DocumentStore> documents;
    private final ProgressLines progress = ProgressLines.ofProcess();

    BackfillVerifier(
            Configuration configuration,
            Supplier<EmbeddingStore> sources,
            Supplier<EmbeddingStore> targets,
            Supplier<DocumentStore> documents) {
        this.configuration = configuration;
        this.sources = sources;
        this.targets = targets;
        this.documents = documents;
    }

    /**
     * Compares and checks.
     *
     * @param journal of the run whose catch-up is still to come; null when both must be equal now
     */
    Verification verify(
            String source, String target, RowMapperFactory mappers, @Nullable CopyJournal journal) {
        int k = configuration.get(EmbeddingBackfillOptions.NEIGHBOURS);
        try (EmbeddingStore from = sources.get();
                EmbeddingStore to = targets.get()) {
            List<float[]> queries =
                    SearchQuality.sample(
                                    from,
                                    source,
                                    configuration.get(EmbeddingBackfillOptions.QUERIES))
                            .stream()
                            .map(EmbeddingRow::vector)
                            .toList();
            String metric = metric(to, target);
            NearestRows exact = new NearestRows(queries, k, metric);
            CollectionComparison.Outcome outcome =
                    new CollectionComparison(
                                    sources,
                                    targets,
                                    documents,
                                    configuration.get(EmbeddingBackfillOptions.THREADS),
                                    progress)
                            .compare(
                                    source,
                                    target,
                                    mappers,
                                    configuration.get(EmbeddingBackfillOptions.SAMPLE_ROWS),
                                    exact);
            List<Difference> wrong = new ArrayList<>();
            Set<String> changed = new HashSet<>();
            split(outcome, journal, wrong, changed);
            List<Check> checks = new ArrayList<>();
            checks.add(rows(outcome, wrong, changed, from, to, source, target, mappers));
            checks.add(partitions(outcome, changed, to, target, mappers));
            checks.add(sample(outcome, changed, to, target, mappers));
            if (!queries.isEmpty()) {
                checks.add(recall(exact, queries, metric, from, to, source, target, mappers));
            }
            checks.add(filters(outcome, changed, from, to, source, target, mappers));
            return new Verification(checks);
        }
    }

    private static void split(
            CollectionComparison.Outcome outcome,
            @Nullable CopyJournal journal,
            List<Difference> wrong,
            Set<String> changed) {
        if (journal == null) {
            wrong.addAll(outcome.differences());
            return;
        }
        Set<Long> asked = new HashSet<>();
        for (Difference d : outcome.differences()) {
            asked.add(evidence(d));
        }
        Set<Long> written = journal.writtenAmong(asked, 0);
        for (Difference d : outcome.differences()) {
            boolean ours = written.contains(evidence(d));
            boolean forgiven = d.kind() == Difference.Kind.MISSING ? !ours : ours;
            if (forgiven) {
                changed.add(d.key());
            } else {
                wrong.add(d);
            }
        }
    }

    private static long evidence(Difference d) {
        return d.kind() == Difference.Kind.MISSING
                ? RowDigest.placed(d.expected(), d.expectedPartition())
                : RowDigest.placed(d.found(), d.foundPartition());
    }

    private static Check rows(
            CollectionComparison.Outcome outcome,
            List<Difference> wrong,
            Set<String> changed,
            EmbeddingStore from,
            EmbeddingStore to,
            String source,
            String target,
            RowMapperFactory mappers) {
        StringBuilder detail = new StringBuilder();
        detail.append(
                String.format(
                        Locale.ROOT,
                        "%,d expected, %,d found, %,d rejected, %,d changed in the source since",
                        outcome.expectedRows(),
                        outcome.foundRows(),
                        outcome.rejectedRows(),
                        changed.size()));
        if (!wrong.isEmpty()) {
            detail.append(String.format(Locale.ROOT, "; %,d differ: ", wrong.size()));
            List<String> named = new ArrayList<>();
            for (Difference d : wrong.subList(0, Math.min(NAMED, wrong.size()))) {
                named.add(describe(d, from, to, source, target, mappers));
            }
            detail.append(String.join("; ", named));
        }
        return new Check("every row equal by key and content", wrong.isEmpty(), detail.toString());
    }

    /** A difference in words, with the fields that differ. */
    static String describe(
            Difference d,
            EmbeddingStore from,
            EmbeddingStore to,
            String source,
            String target,
            RowMapperFactory mappers) {
        String key = "'" + d.key() + "'";
        return switch (d.kind()) {
            case MISSING -> key + " is missing (partition " + d.expectedPartition() + ")";
            case EXTRA -> key + " should not be there (partition " + d.foundPartition() + ")";
            case DOUBLED -> key + " is also in partition " + d.foundPartition();
            case MISPLACED ->
                    key
                            + " is in partition "
                            + d.foundPartition()
                            + " instead of "
                            + d.expectedPartition();
            case CHANGED ->
                    key
                            + " differs in "
                            + fields(d, from, to, source, target, mappers)
                            + (d.expectedPartition().equals(d.foundPartition())
                                    ? ""
                                    : " and is in partition " + d.foundPartition());
        };
    }

    private static String fields(
            Difference d,
            EmbeddingStore from,
            EmbeddingStore to,
            String source,
            String target,
            RowMapperFactory mappers) {
        List<EmbeddingRow> left = from.get(source, null, List.of(d.key()));
        List<EmbeddingRow> right =
                to.get(
                        target,
                        d.foundPartition().isEmpty() ? null : d.foundPartition(),
                        List.of(d.key()));
        if (left.isEmpty() || right.isEmpty()) {
            return "content";
        }
        // Fields that documents fill are not told here: their values are not at hand.
        EmbeddingRow wanted =
                mappers.create().map(left.get(0), org.aima.backfill.core.MediaFacts.UNKNOWN).row();
        List<String> names = new ArrayList<>();
        if (!sameBits(wanted.vector(), right.get(0).vector())) {
            int at = Arrays.mismatch(wanted.vector(), right.get(0).vector());
            names.add("embedding (component " + at + ")");
        }
        for (EmbeddingSchema.Field field : mappers.target().fields()) {
            Object a = wanted.fields().get(field.name());
            Object b = right.get(0).fields().get(field.name());
            if (a != null && !a.equals(b)) {
                names.add(field.name() + " ('" + b + "' instead of '" + a + "')");
            }
        }
        return names.isEmpty() ? "content" : String.join(", ", names);
    }

    private static boolean sameBits(float[] a, float[] b) {
        if (a.length != b.length) {
            return false;
        }
        for (int i = 0; i < a.length; i++) {
            if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
                return false;
            }
        }
        return true;
    }

    private Check partitions(
            CollectionComparison.Outcome outcome,
            Set<String> changed,
            EmbeddingStore to,
            String target,
            RowMapperFactory mappers) {
        List<String> wrong = new ArrayList<>();
        int counted = 0;
        if (mappers.scheme().byKey()) {
            long strong = to.count(target, null, null);
            counted = 1;
            if (strong != outcome.foundRows()) {
                wrong.add(
                        String.format(
                                Locale.ROOT,
                                "count(*) says %,d, %,d keys were read",
                                strong,
                                outcome.foundRows()));
            }
        } else {
            // As of one moment: each strong count of its own would wait for the server's clock.
            EmbeddingStore view = to.asOfNow();
            Set<String> partitions = to.partitions(target);
            for (String partition : partitions) {
                progress.show(++counted, partitions.size(), "partitions counted");
                long strong = view.count(target, partition, null);
                long read = outcome.found().getOrDefault(partition, 0L);
                long expected = outcome.expected().getOrDefault(partition, 0L);
                boolean off = changed.isEmpty() && strong != expected;
                if (strong != read || off) {
                    wrong.add(
                            String.format(
                                    Locale.ROOT,
                                    "%s: count(*) says %,d, %,d keys were read, %,d expected",
                                    partition,
                                    strong,
                                    read,
                                    expected));
                }
            }
        }
        return new Check(
                "strong count(*) of every partition",
                wrong.isEmpty(),
                counted
                        + " partitions"
                        + (wrong.isEmpty()
                                ? ""
                                : "; "
                                        + String.join(
                                                "; ",
                                                wrong.subList(0, Math.min(NAMED, wrong.size())))));
    }

    private static Check sample(
            CollectionComparison.Outcome outcome,
            Set<String> changed,
            EmbeddingStore to,
            String target,
            RowMapperFactory mappers) {
        Map<String, List<Placement>> byPartition = new HashMap<>();
        int compared = 0;
        for (Placement p : outcome.sample()) {
            if (!changed.contains(p.row().id())) {
                byPartition.computeIfAbsent(p.partition(), k -> new ArrayList<>()).add(p);
                compared++;
            }
        }
        List<String> wrong = new ArrayList<>();
        byPartition.forEach(
                (partition, placements) -> {
                    Map<String, EmbeddingRow> there = new HashMap<>();
                    to.get(
                                    target,
                                    partition.isEmpty() ? null : partition,
                                    placements.stream().map(p -> p.row().id()).toList())
                            .forEach(r -> there.put(r.id(), r));
                    for (Placement p : placements) {
                        if (!equal(p.row(), there.get(p.row().id()), mappers.target())) {
                            wrong.add("'" + p.row().id() + "'");
                        }
                    }
                });
        return new Check(
                "sampled rows equal bit for bit in all fields",
                wrong.isEmpty(),
                String.format(Locale.ROOT, "%,d rows", compared)
                        + (wrong.isEmpty()
                                ? ""
                                : "; different: "
                                        + wrong.subList(0, Math.min(NAMED, wrong.size()))));
    }

    private static boolean equal(
            EmbeddingRow wanted, @Nullable EmbeddingRow there, EmbeddingSchema schema) {
        if (there == null || !sameBits(wanted.vector(), there.vector())) {
            return false;
        }
        for (EmbeddingSchema.Field field : schema.fields()) {
            if (field.primary() || field.type() == Type.FLOAT_VECTOR) {
                continue;
            }
            Object a = wanted.fields().get(field.name());
            Object b = there.fields().get(field.name());
            if (a == null ? b != null && !isAbsent(b) : !a.equals(b)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAbsent(Object value) {
        return value.equals("")
                || value.equals(false)
                || value instanceof Number n && n.doubleValue() == 0;
    }

    private Check recall(
            NearestRows exact,
            List<float[]> queries,
            String metric,
            EmbeddingStore from,
            EmbeddingStore to,
            String source,
            String target,
            RowMapperFactory mappers) {
        int k = configuration.get(EmbeddingBackfillOptions.NEIGHBOURS);
        Map<String, String> params = EmbeddingBackfillSettings.searchParams(configuration);
        progress.tell("measuring recall with " + queries.size() + " searches");
        List<Set<String>> truth = exact.found();
        List<Set<String>> old = SearchQuality.neighbours(from, source, queries, k, params);
        List<Set<String>> fresh = SearchQuality.neighbours(to, target, queries, k, params);
        // A metric of its own makes other rows the nearest; then the source cannot be the measure.
        boolean comparable = metric.equals(metric(from, source));
        double ofOld = comparable ? NearestRows.recall(truth, old) : 0;
        double ofNew = NearestRows.recall(truth, fresh);
        double agree = NearestRows.recall(old, fresh);
        double loss = configuration.get(EmbeddingBackfillOptions.MAX_RECALL_LOSS);
        boolean passed = comparable ? ofNew >= ofOld - loss : ofNew >= 1 - Math.max(loss, 0.1);
        return new Check(
                "recall@" + k,
                passed,
                String.format(
                        Locale.ROOT,
                        "target %.4f, source %s against exact; target finds %.4f of the source's; %d"
                                + " searches; at most %.3f less is allowed",
                        ofNew,
                        comparable ? "%.4f".formatted(ofOld) : "not comparable",
                        agree,
                        queries.size(),
                        loss));
    }

    private static String metric(EmbeddingStore store, String collection) {
        return store.indexes(collection).values().stream()
                .map(EmbeddingSchema.Index::metric)
                .filter(m -> !m.isEmpty())
                .findFirst()
                .orElse("COSINE");
    }

    private Check filters(
            CollectionComparison.Outcome outcome,
            Set<String> changed,
            EmbeddingStore from,
            EmbeddingStore to,
            String source,
            String target,
            RowMapperFactory mappers) {
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        int wanted = configuration.get(EmbeddingBackfillOptions.FILTERS);
        List<String> names = PageScan.scalars(mappers.source());
        for (int i = 0; i < wanted && !names.isEmpty() && !outcome.sample().isEmpty(); i++) {
            String field = names.get(i % names.size());
            String there = mappers.mapping().renames().getOrDefault(field, field);
            Placement p = outcome.sample().get(i * 31 % outcome.sample().size());
            Object value = p.row().fields().get(there);
            if (mappers.mapping().drops().contains(field)
                    || value == null
                    || value.equals("")
                    || outcome.rejectedRows() > 0) {
                continue;
            }
            Set<String> left = matching(from, source, field, value);
            Set<String> right = matching(to, target, there, value);
            if (left.size() >= MILVUS_LIMIT || right.size() >= MILVUS_LIMIT) {
                continue;
            }
            asked++;
            left.removeAll(changed);
            right.removeAll(changed);
            if (!left.equals(right)) {
                wrong.add(field + " with '" + value + "': " + left.size() + " and " + right.size());
            }
        }
        return new Check(
                "filtered queries have the same answers",
                wrong.isEmpty(),
                asked + " filters" + (wrong.isEmpty() ? "" : "; different: " + wrong));
    }

    private static Set<String> matching(
            EmbeddingStore store, String collection, String field, Object value) {
        RowFilter filter;
        if (value instanceof Float || value instanceof Double) {
            // A decimal literal need not hit the stored bits: a narrow band does.
            double at = ((Number) value).doubleValue();
            filter =
                    RowFilter.of(
                            new RowFilter.Term(field, RowFilter.Comparison.AT_LEAST, at - 1e-4),
                            new RowFilter.Term(field, RowFilter.Comparison.BELOW, at + 1e-4));
        } else {
            filter = RowFilter.of(new RowFilter.Term(field, RowFilter.Comparison.EQUAL, value));
        }
        return new HashSet<>(store.keys(collection, filter, MILVUS_LIMIT));
    }
}
