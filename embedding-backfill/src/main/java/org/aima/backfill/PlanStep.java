package org.aima.backfill;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.aima.backfill.core.CopyPlan;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.RowMapper;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.StepResult;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;

/**
 * Says what a repartition would do: partitions, rows, bytes, time, and how names are switched.
 * Reads every row's scalar fields once, writes nothing.
 */
final class PlanStep {
    private static final int PROBED_PAGES = 4;
    private static final int NAMED = 100;

    private final Configuration configuration;
    private final BackfillStores stores;
    private final EmbeddingBackfillSettings settings;
    private final ProgressLines progress = ProgressLines.ofProcess();

    PlanStep(Configuration configuration) {
        this.configuration = configuration;
        this.stores = BackfillStores.of(configuration);
        this.settings = EmbeddingBackfillSettings.of(configuration);
    }

    /**
     * The plan.
     *
     * @throws RunRefusedException when the server cannot hold it, with a proposal, or a value does
     *     not fit
     */
    StepResult plan(RunContext run) {
        try (EmbeddingStore store = stores.vectors()) {
            String addressed = configuration.get(EmbeddingBackfillOptions.SOURCE);
            EmbeddingSchema source =
                    store.describe(addressed)
                            .orElseThrow(
                                    () ->
                                            AimaException.failed(
                                                    "there is no collection " + addressed, null));
            boolean alias = !source.name().equals(addressed);
            String target = target(store, source.name());
            EmbeddingSchema wanted =
                    settings.targetSchema(
                            source, target, configuration.get(EmbeddingBackfillOptions.SHARDS));
            Census census = census(store, source, wanted);
            CopyPlan plan =
                    CopyPlan.of(
                            settings.scheme(),
                            census.groupList(),
                            census.without.get(),
                            settings.withoutMedia(),
                            4L * source.vector().dimension() + census.bytesOfScalars(),
                            wanted.shards(),
                            limits(store, target));
            if (!plan.refusal().isEmpty()) {
                throw new RunRefusedException(plan.refusal());
            }
            if (!census.tooLong.isEmpty()) {
                throw new RunRefusedException(
                        "the longest values do not fit: "
                                + census.tooLong
                                + "; raise fields.max-length");
            }
            double readRate = readRate(store, source);
            Map<String, Double> eta =
                    CopyPlan.eta(
                            plan.total(),
                            readRate,
                            copyRate(readRate),
                            source.vector().dimension());
            return result(addressed, alias, source, target, plan, readRate, eta);
        }
    }

    private StepResult result(
            String addressed,
            boolean alias,
            EmbeddingSchema source,
            String target,
            CopyPlan plan,
            double readRate,
            Map<String, Double> eta) {
        long seconds = Math.round(eta.values().stream().mapToDouble(Double::doubleValue).sum());
        String way =
                alias
                        ? "the alias "
                                + addressed
                                + " is moved from "
                                + source.name()
                                + " to "
                                + target
                                + " in one step; clients see one or the other"
                        : addressed
                                + " is a collection's own name: it is renamed, then the name becomes an"
                                + " alias of "
                                + target
                                + "; between the two steps, some milliseconds, clients are told that"
                                + " the collection does not exist";
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.count("plan.rows", plan.total()));
        figures.add(Figure.count("plan.rejected", plan.rejected()));
        figures.add(Figure.count("plan.partitions", plan.rows().size()));
        figures.add(Figure.count("plan.bytes", plan.bytes()));
        figures.add(Figure.count("plan.eta_seconds", seconds));
        eta.forEach(
                (phase, time) ->
                        figures.add(
                                Figure.fact(
                                        "plan.eta." + phase,
                                        String.format(Locale.ROOT, "%.0f s", time))));
        figures.add(
                Figure.fact(
                        "plan.read_rate",
                        String.format(Locale.ROOT, "%,.0f rows/s, one reader", readRate)));
        figures.add(Figure.fact("plan.target", target));
        figures.add(Figure.fact("plan.switch", way));
        plan.rows()
                .forEach(
                        (partition, rows) ->
                                figures.add(Figure.count("partition." + partition, rows)));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("addressed", addressed);
        result.put("alias", alias);
        result.put("source", source.name());
        result.put("target", target);
        result.put("partitions", List.copyOf(plan.rows().keySet()));
        result.put("rows", plan.total());
        result.put("bytes", plan.bytes());
        result.put("eta_seconds", seconds);
        progress.tell(
                String.format(
                        Locale.ROOT,
                        "%,d rows into %,d partitions of %s, %,d MB, about %d:%02d min",
                        plan.total(),
                        plan.rows().size(),
                        target,
                        plan.bytes() >> 20,
                        seconds / 60,
                        seconds % 60));
        List<String> named = new ArrayList<>();
        plan.rows()
                .forEach(
                        (name, rows) ->
                                named.add(String.format(Locale.ROOT, "%s %,d", name, rows)));
        progress.tell(
                "partitions: "
                        + String.join(", ", named.subList(0, Math.min(NAMED, named.size())))
                        + (named.size() > NAMED ? ", … (all are in the report)" : ""));
        progress.tell(way);
        return new StepResult(result, figures);
    }

    /** The wished name, or the source's with the next free version. */
    private String target(EmbeddingStore store, String source) {
        String wish = configuration.get(EmbeddingBackfillOptions.TARGET);
        if (!wish.equals(EmbeddingBackfillOptions.NONE)) {
            if (store.describe(wish).isPresent()) {
                throw new RunRefusedException(
                        "the target "
                                + wish
                                + " exists already; give another name, or drop it if nobody needs it");
            }
            return wish;
        }
        String base = source.replaceAll("_v[0-9]+$", "");
        int version = 2;
        while (store.describe(base + "_v" + version).isPresent()) {
            version++;
        }
        return base + "_v" + version;
    }

    private CopyPlan.Limits limits(EmbeddingStore store, String target) {
        int used = 0;
        for (String collection : store.collections()) {
            if (!collection.equals(target)) {
                used +=
                        store.partitions(collection).size()
                                * store.describe(collection).map(EmbeddingSchema::shards).orElse(1);
            }
        }
        return new CopyPlan.Limits(
                configuration.get(EmbeddingBackfillOptions.MAX_PARTITIONS),
                configuration.get(EmbeddingBackfillOptions.MAX_PARTITIONS_IN_ALL),
                used);
    }

    /** What all rows together say. */
    private static final class Census {
        private final Map<String, AtomicLong> groups = new ConcurrentHashMap<>();
        private final AtomicLong without = new AtomicLong();
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong scalarBytes = new AtomicLong();
        private final Map<String, Integer> tooLong = new ConcurrentHashMap<>();

        long bytesOfScalars() {
            return rows.get() == 0 ? 0 : scalarBytes.get() / rows.get();
        }

        List<CopyPlan.Group> groupList() {
            List<CopyPlan.Group> list = new ArrayList<>();
            new TreeMap<>(groups)
                    .forEach(
                            (key, count) -> {
                                int bar = key.lastIndexOf('|');
                                list.add(
                                        new CopyPlan.Group(
                                                key.substring(0, bar),
                                                Long.parseLong(key.substring(bar + 1)),
                                                count.get()));
                            });
            return list;
        }
    }

    private Census census(EmbeddingStore store, EmbeddingSchema source, EmbeddingSchema target) {
        Census census = new Census();
        Set<String> read = new LinkedHashSet<>();
        for (String field : List.of("media_id", "result_id", "timestamp")) {
            if (source.field(field).isPresent()) {
                read.add(field);
            }
        }
        List<Field> shorter = new ArrayList<>();
        for (Field field : source.fields()) {
            Integer length = settings.mapping().lengths().get(field.name());
            if (length != null && length < field.maxLength()) {
                shorter.add(field);
                read.add(field.name());
            }
        }
        RowMapper mapper = settings.mappers(source, target).create();
        new PageScan(stores::vectors, configuration.get(EmbeddingBackfillOptions.THREADS), progress)
                .scan(
                        source.name(),
                        List.copyOf(read),
                        false,
                        store.count(source.name(), null, null),
                        "rows looked at",
                        () ->
                                new Counting(
                                        census, shorter, stores.documents(), mapper.needsMedia()));
        return census;
    }

    private final class Counting implements PageScan.Reader {
        private final Census census;
        private final List<Field> shorter;
        private final DocumentStore documents;
        private final MediaLookup media;
        private final boolean needsMedia;

        Counting(Census census, List<Field> shorter, DocumentStore documents, boolean needsMedia) {
            this.census = census;
            this.shorter = shorter;
            this.documents = documents;
            this.media = new MediaLookup(documents, List.of());
            this.needsMedia = needsMedia;
        }

        @Override
        public void page(String partition, List<EmbeddingRow> rows) {
            List<MediaFacts> facts = needsMedia ? media.of(rows) : List.of();
            for (int i = 0; i < rows.size(); i++) {
                EmbeddingRow row = rows.get(i);
                census.rows.incrementAndGet();
                census.scalarBytes.addAndGet(
                        64 + row.id().length() + 2L * row.text("media_id").length());
                for (Field field : shorter) {
                    int bytes = row.text(field.name()).getBytes(StandardCharsets.UTF_8).length;
                    if (bytes > settings.mapping().lengths().getOrDefault(field.name(), bytes)) {
                        census.tooLong.merge(field.name(), bytes, Math::max);
                    }
                }
                MediaFacts of = needsMedia ? facts.get(i) : MediaFacts.UNKNOWN;
                long time =
                        row.fields().get("timestamp") instanceof Long at && at > 0
                                ? at
                                : of.uploadedAtMillis();
                if (settings.scheme().partition(of.type(), time).isEmpty()) {
                    census.without.incrementAndGet();
                } else {
                    long month =
                            time <= 0
                                    ? 0
                                    : YearMonth.from(
                                                    Instant.ofEpochMilli(time)
                                                            .atZone(ZoneOffset.UTC))
                                            .atDay(2)
                                            .atStartOfDay(ZoneOffset.UTC)
                                            .toInstant()
                                            .toEpochMilli();
                    census.groups
                            .computeIfAbsent(of.type() + "|" + month, k -> new AtomicLong())
                            .incrementAndGet();
                }
            }
        }

        @Override
        public void close() {
            documents.close();
        }
    }

    /** Rows a second that one reader of whole rows reads now. */
    private double readRate(EmbeddingStore store, EmbeddingSchema source) {
        @SuppressWarnings("resource")
        MilvusPageReader pages =
                new MilvusPageReader(store, source.name(), PageScan.scalars(source), true);
        List<KeyRange> ranges = pages.ranges();
        long rows = 0;
        long start = System.nanoTime();
        int probed = Math.min(PROBED_PAGES, ranges.size());
        for (int i = 0; i < probed; i++) {
            rows += pages.read(ranges.get((int) ((long) i * ranges.size() / probed))).rows().size();
        }
        return Math.max(100, rows * 1e9 / Math.max(1, System.nanoTime() - start));
    }

    private double copyRate(double readRate) {
        int limit = configuration.get(EmbeddingBackfillOptions.ROWS_PER_SECOND);
        // Writing costs the server about twice as much again as reading, as measured.
        double free = readRate * 0.35;
        return limit > 0 ? Math.min(limit, free) : free;
    }
}
