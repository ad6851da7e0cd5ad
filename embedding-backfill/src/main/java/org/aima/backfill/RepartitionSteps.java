package org.aima.backfill;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.backfill.core.Difference;
import org.aima.backfill.core.LatencyProfile;
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
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.kafka.EmbeddingEvents;
import org.jspecify.annotations.Nullable;

/**
 * What a repartition does outside its graph: snapshot, index, load, catch-up, gate, cut-over, keep
 * old. Each step may be killed anywhere and is then done again to the same end.
 */
final class RepartitionSteps {
    private static final int IDLE_SEARCHES = 40;
    private static final int LAST_DIFFERENCES = 3;
    private static final String ROUNDS = "rounds";

    private final Configuration configuration;
    private final RunContext run;
    private final StepJournal notes;
    private final BackfillStores stores;
    private final WriteGuard guard;
    private final ProgressLines progress = ProgressLines.ofProcess();
    private final String source;
    private final String target;

    RepartitionSteps(
            Configuration configuration, RunContext run, StepJournal notes, String leaseTarget) {
        this.configuration = configuration;
        this.run = run;
        this.notes = notes;
        this.stores = BackfillStores.of(configuration);
        this.guard = stores.guard(leaseTarget, run.runId(), run.fence());
        Map<String, Object> plan = notes.resultOf(RepartitionRun.PLAN);
        Map<String, Object> cutOver = notes.resultOf(RepartitionRun.CUT_OVER);
        this.source =
                RepartitionRun.text(
                        cutOver.isEmpty() ? plan : cutOver, cutOver.isEmpty() ? "source" : "kept");
        this.target = RepartitionRun.text(plan, "target");
    }

    private CopyJournal journal() {
        return new CopyJournal(stores.documents(), run.runId());
    }

    private Map<String, Object> plan() {
        return notes.resultOf(RepartitionRun.PLAN);
    }

    /** Makes the target and its partitions, freezes ranges, and marks the moment. */
    StepResult snapshot() {
        guard.check();
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = journal()) {
            RowMapperFactory mappers =
                    RepartitionAction.mappers(configuration, store, source, target);
            if (!Boolean.TRUE.equals(notes.notes().get("creating"))) {
                if (store.describe(target).isPresent()) {
                    throw new RunRefusedException(
                            "the target " + target + " was made by somebody else since the plan");
                }
                notes.note(Map.of("creating", true));
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("events", events());
            result.put("at", run.submittedAtMillis());
            store.createCollection(mappers.target());
            if (!mappers.scheme().byKey()) {
                List<?> partitions = (List<?>) plan().getOrDefault("partitions", List.of());
                Set<String> there = new HashSet<>(store.partitions(target));
                for (int i = 0; i < partitions.size(); i++) {
                    String partition = partitions.get(i).toString();
                    if (there.add(partition)) {
                        store.createPartition(target, partition);
                    }
                    progress.show(i, partitions.size(), "partitions made");
                }
            }
            long ranges = RangeFreezer.freeze(configuration, store, source, journal, notes);
            List<float[]> vectors =
                    SearchQuality.sample(store, source, IDLE_SEARCHES).stream()
                            .map(EmbeddingRow::vector)
                            .toList();
            LatencyProfile idle =
                    SearchQuality.latency(
                            store,
                            source,
                            vectors,
                            EmbeddingBackfillSettings.searchParams(configuration),
                            IDLE_SEARCHES);
            result.put("search_p50_ms", idle.quantile(0.5));
            result.put("search_p95_ms", idle.quantile(0.95));
            return new StepResult(
                    result,
                    List.of(
                            Figure.count("ranges", ranges),
                            Figure.fact("search.idle.p50", millis(idle.quantile(0.5))),
                            Figure.fact("search.idle.p95", millis(idle.quantile(0.95)))));
        }
    }

    private Map<String, Long> events() {
        if (configuration.get(EmbeddingBackfillOptions.CATCH_UP_BY)
                != EmbeddingBackfillOptions.CatchUpBy.KAFKA) {
            return Map.of();
        }
        // The first position ever noted holds: events before it may be in the ranges or not.
        Map<String, Long> noted = positions(notes.notes().get("events"));
        if (!noted.isEmpty()) {
            return noted;
        }
        try (EmbeddingEvents events = openEvents()) {
            Map<String, Long> end = events.end();
            notes.note(Map.of("events", end));
            return end;
        }
    }

    private EmbeddingEvents openEvents() {
        return new EmbeddingEvents(
                configuration.get(StoreOptions.KAFKA_BOOTSTRAP),
                configuration.get(EmbeddingBackfillOptions.TOPIC));
    }

    private static Map<String, Long> positions(@Nullable Object noted) {
        Map<String, Long> positions = new TreeMap<>();
        if (noted instanceof Map<?, ?> map) {
            map.forEach(
                    (partition, offset) ->
                            positions.put(partition.toString(), ((Number) offset).longValue()));
        }
        return positions;
    }

    /** Seals what the copy wrote and builds the index over it. */
    StepResult index() {
        guard.check();
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = journal()) {
            progress.tell("sealing " + target);
            store.flush(target);
            Index index = index(store);
            progress.tell("building " + index.type() + " " + index.metric() + " over " + target);
            store.createIndex(target, index);
            return new StepResult(Map.of(), copyFigures(journal));
        }
    }

    private Index index(EmbeddingStore store) {
        EmbeddingSchema schema = store.describe(source).orElseThrow();
        Map<String, Index> present = store.indexes(source);
        String field = schema.vector().name();
        Index old =
                present.getOrDefault(
                        field,
                        new Index(
                                field,
                                "HNSW",
                                "COSINE",
                                Map.of("M", "16", "efConstruction", "200")));
        return EmbeddingBackfillSettings.index(configuration, old, field);
    }

    /** What the copy did, from the ranges it finished: repeated work is not counted twice. */
    private List<Figure> copyFigures(CopyJournal journal) {
        Map<String, Long> sums = new TreeMap<>();
        LatencyProfile searches = new LatencyProfile();
        for (CopyJournal.Range range : journal.ranges()) {
            if (!range.done()) {
                throw AimaException.failed(
                        "range " + range.number() + " is not done though the copy has ended", null);
            }
            range.counts().forEach((name, count) -> sums.merge(name, count, Long::sum));
            range.searchMillis().forEach(searches::add);
        }
        sums.remove("push_backs");
        sums.remove("slow_answers");
        sums.putIfAbsent("read", 0L);
        sums.putIfAbsent("written", 0L);
        sums.putIfAbsent("rejected", 0L);
        List<Figure> figures = new ArrayList<>();
        sums.forEach((name, sum) -> figures.add(Figure.count(name, sum)));
        figures.add(Figure.count("search.probes", searches.count()));
        figures.add(Figure.fact("search.copy.p50", millis(searches.quantile(0.5))));
        figures.add(Figure.fact("search.copy.p95", millis(searches.quantile(0.95))));
        return figures;
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f ms", millis);
    }

    StepResult load() {
        guard.check();
        try (EmbeddingStore store = stores.vectors()) {
            progress.tell("loading " + target);
            store.load(target);
            return StepResult.nothing();
        }
    }

    /** What one look at the source found to be carried over. */
    private record Found(Set<String> keys, Map<String, Long> events) {}

    private Found find(RowMapperFactory mappers, Map<String, Long> from) {
        return switch (configuration.get(EmbeddingBackfillOptions.CATCH_UP_BY)) {
            case KAFKA -> {
                try (EmbeddingEvents events = openEvents()) {
                    EmbeddingEvents.Changes changes =
                            events.since(from, RepartitionRun.text(plan(), "addressed"));
                    yield new Found(changes.keys(), changes.next());
                }
            }
            case TIMESTAMP -> new Found(byTimestamp(), from);
            case CONTENT -> {
                Set<String> keys = new HashSet<>();
                for (Difference d : compare(mappers).differences()) {
                    keys.add(d.key());
                }
                yield new Found(keys, from);
            }
        };
    }

    private CollectionComparison.Outcome compare(RowMapperFactory mappers) {
        return new CollectionComparison(
                        stores::vectors,
                        stores::vectors,
                        stores::documents,
                        configuration.get(EmbeddingBackfillOptions.THREADS),
                        progress)
                .compare(source, target, mappers, 1, null);
    }

    private Set<String> byTimestamp() {
        return new KeyComparison(
                        stores::vectors,
                        configuration.get(EmbeddingBackfillOptions.THREADS),
                        progress)
                .changed(source, target, run.submittedAtMillis());
    }

    private ChangeCarrier carrier(CopyJournal journal, RowMapperFactory mappers) {
        return new ChangeCarrier(
                stores.vectors(),
                stores.documents(),
                journal,
                guard,
                mappers,
                source,
                target,
                run.submittedAtMillis());
    }

    private Map<String, Long> eventsSoFar() {
        for (Object noted :
                List.of(
                        notes.notes().getOrDefault("events", Map.of()),
                        notes.resultOf(RepartitionRun.GATE).getOrDefault("events", Map.of()),
                        notes.resultOf(RepartitionRun.CATCH_UP).getOrDefault("events", Map.of()),
                        notes.resultOf(RepartitionRun.SNAPSHOT).getOrDefault("events", Map.of()))) {
            Map<String, Long> positions = positions(noted);
            if (!positions.isEmpty()) {
                return positions;
            }
        }
        return Map.of();
    }

    private int roundsSoFar() {
        int rounds = 0;
        for (Object noted :
                List.of(
                        notes.notes().getOrDefault(ROUNDS, 0),
                        notes.resultOf(RepartitionRun.GATE).getOrDefault(ROUNDS, 0),
                        notes.resultOf(RepartitionRun.CATCH_UP).getOrDefault(ROUNDS, 0))) {
            rounds = Math.max(rounds, ((Number) noted).intValue());
        }
        return rounds;
    }

    /** Carries changes over, round by round, until few enough are left. */
    StepResult catchUp() {
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = journal()) {
            RowMapperFactory mappers =
                    RepartitionAction.mappers(configuration, store, source, target);
            ChangeCarrier carrier = carrier(journal, mappers);
            int bound = configuration.get(EmbeddingBackfillOptions.MAX_REMAINDER);
            ChangeCarrier.Carried carried = new ChangeCarrier.Carried(0, 0, 0, 0);
            long left;
            int done = 0;
            Map<String, Long> events = eventsSoFar();
            try {
                do {
                    if (done >= configuration.get(EmbeddingBackfillOptions.MAX_ROUNDS)) {
                        throw new RunRefusedException(
                                "after "
                                        + done
                                        + " rounds of catch-up more than "
                                        + bound
                                        + " rows still change in a round: pause the writers and resume,"
                                        + " or raise catch-up.max-remainder");
                    }
                    int round = roundsSoFar() + 1;
                    notes.note(Map.of(ROUNDS, round));
                    Found found = find(mappers, events);
                    progress.tell(
                            String.format(
                                    Locale.ROOT,
                                    "round %d: %,d rows changed",
                                    round,
                                    found.keys().size()));
                    carried = carried.plus(carrier.carry(found.keys(), round, progress));
                    events = found.events();
                    if (!events.isEmpty()) {
                        notes.note(Map.of("events", events));
                    }
                    left = found.keys().size();
                    done++;
                } while (left > bound);
            } finally {
                carrier.close();
            }
            return new StepResult(
                    Map.of(ROUNDS, roundsSoFar(), "events", events),
                    List.of(
                            Figure.count("catch_up.rounds", done),
                            Figure.count("catch_up.written", carried.written()),
                            Figure.count("catch_up.deleted", carried.deleted()),
                            Figure.count("catch_up.rejected", carried.rejected())));
        }
    }

    /** Opens the window, makes the last difference, and says whether names may be switched. */
    StepResult gate() {
        long opened =
                notes.notes().get("window_opened_at") instanceof Number at
                        ? at.longValue()
                        : System.currentTimeMillis();
        notes.note(Map.of("window_opened_at", opened));
        progress.tell(
                "window open since "
                        + Instant.ofEpochMilli(opened)
                        + ": changes made to "
                        + RepartitionRun.text(plan(), "addressed")
                        + " from now on are carried over after the switch");
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = journal()) {
            RowMapperFactory mappers =
                    RepartitionAction.mappers(configuration, store, source, target);
            int bound = configuration.get(EmbeddingBackfillOptions.MAX_REMAINDER);
            ChangeCarrier carrier = carrier(journal, mappers);
            ChangeCarrier.Carried carried = new ChangeCarrier.Carried(0, 0, 0, 0);
            Map<String, Long> events = eventsSoFar();
            long left = Long.MAX_VALUE;
            try {
                for (int i = 0; i < LAST_DIFFERENCES && left > bound; i++) {
                    int round = roundsSoFar() + 1;
                    notes.note(Map.of(ROUNDS, round));
                    Found found = find(mappers, events);
                    carried = carried.plus(carrier.carry(found.keys(), round, progress));
                    events = found.events();
                    left = found.keys().size();
                }
            } finally {
                carrier.close();
            }
            if (left > bound) {
                throw new RunRefusedException(
                        String.format(
                                Locale.ROOT,
                                "%,d rows changed during the last difference, more than"
                                        + " catch-up.max-remainder=%,d; pause the writers and resume",
                                left,
                                bound));
            }
            checkCounts(store, journal, carried, left);
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("window_opened_at", opened);
            result.put(ROUNDS, roundsSoFar());
            result.put("events", events);
            return new StepResult(
                    result,
                    List.of(
                            Figure.count("gate.last_difference", left),
                            Figure.fact("gate", "passed")));
        }
    }

    /** Both sides hold as many rows, up to those that changed while they were counted. */
    private void checkCounts(
            EmbeddingStore store, CopyJournal journal, ChangeCarrier.Carried carried, long left) {
        long inSource = store.count(source, null, null);
        long inTarget = store.count(target, null, null);
        long rejected = carried.rejected();
        for (CopyJournal.Range range : journal.ranges()) {
            rejected += range.counts().getOrDefault("rejected", 0L);
        }
        long off = Math.abs(inSource - inTarget);
        long allowed =
                rejected
                        + (left == 0
                                ? 0
                                : configuration.get(EmbeddingBackfillOptions.MAX_REMAINDER));
        if (off > allowed) {
            throw new RunRefusedException(
                    String.format(
                            Locale.ROOT,
                            "%s holds %,d rows, %s %,d: the alias does not move",
                            source,
                            inSource,
                            target,
                            inTarget));
        }
    }

    /** Gives clients the target under the name they use. */
    StepResult cutOver() {
        guard.check();
        String addressed = RepartitionRun.text(plan(), "addressed");
        boolean alias = Boolean.TRUE.equals(plan().get("alias"));
        long began = System.currentTimeMillis();
        String kept = source;
        try (EmbeddingStore store = stores.vectors()) {
            if (!alias) {
                kept =
                        notes.notes().get("kept") instanceof String noted
                                ? noted
                                : freeName(store, addressed);
                notes.note(Map.of("kept", kept));
                boolean renamed =
                        store.describe(addressed)
                                .map(s -> !s.name().equals(addressed))
                                .orElse(true);
                if (!renamed || !store.collections().contains(kept)) {
                    store.rename(addressed, kept);
                }
            }
            store.pointAlias(addressed, target);
        }
        // From a connection of its own: this one might remember where the name led before.
        try (EmbeddingStore fresh = stores.vectors()) {
            String leads = fresh.describe(addressed).map(EmbeddingSchema::name).orElse("nothing");
            if (!leads.equals(target)) {
                throw AimaException.failed(
                        addressed + " leads a new client to " + leads + ", not to " + target, null);
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kept", kept);
        result.put("addressed", addressed);
        result.put("switched_at", System.currentTimeMillis());
        return new StepResult(
                result,
                List.of(
                        Figure.count("cut_over.millis", System.currentTimeMillis() - began),
                        Figure.fact("kept", kept)));
    }

    private static String freeName(EmbeddingStore store, String base) {
        int version = 1;
        while (store.describe(base + "_v" + version).isPresent()) {
            version++;
        }
        return base + "_v" + version;
    }

    /** Carries over what reached the old collection until the switch, and closes the window. */
    StepResult keepOld() {
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = journal()) {
            RowMapperFactory mappers =
                    RepartitionAction.mappers(configuration, store, source, target);
            ChangeCarrier carrier = carrier(journal, mappers);
            ChangeCarrier.Carried carried;
            try {
                int round = roundsSoFar() + 1;
                notes.note(Map.of(ROUNDS, round));
                Found found = find(mappers, eventsSoFar());
                carried = carrier.sweep(found.keys(), round, progress);
            } finally {
                carrier.close();
            }
            Object opened = notes.resultOf(RepartitionRun.GATE).get("window_opened_at");
            Object switched = notes.resultOf(RepartitionRun.CUT_OVER).get("switched_at");
            long now = System.currentTimeMillis();
            journal.forget();
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("kept", source);
            result.put("swept", carried.written() + carried.deleted());
            return new StepResult(
                    result,
                    List.of(
                            Figure.count("sweep.written", carried.written()),
                            Figure.count("sweep.deleted", carried.deleted()),
                            Figure.count("sweep.newer_in_target", carried.kept()),
                            Figure.count("window.millis_to_switch", between(opened, switched)),
                            Figure.count("window.millis", between(opened, now))));
        }
    }

    private static long between(@Nullable Object from, @Nullable Object to) {
        return from instanceof Number a && to instanceof Number b
                ? b.longValue() - a.longValue()
                : 0;
    }
}
