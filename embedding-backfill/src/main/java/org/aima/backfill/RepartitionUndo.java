package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.backfill.core.Difference;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhases;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.EmbeddingStore;

/**
 * Takes a repartition back: before the cut-over the target is dropped, after it clients are led to
 * the old collection again and the new one is kept. Idempotent.
 */
final class RepartitionUndo {
    private static final int NAMED = 20;

    private final Configuration configuration;
    private final BackfillStores stores;

    RepartitionUndo(Configuration configuration) {
        this.configuration = configuration;
        this.stores = BackfillStores.of(configuration);
    }

    Undoing undo(RunContext run, String leaseTarget) {
        String undoRun = run.runId() + "-undo";
        try (RunLedger ledger = stores.ledger();
                EmbeddingStore store = stores.vectors();
                WriteGuard guard = stores.guard(leaseTarget, undoRun, run.fence())) {
            RepartitionRun names = RepartitionRun.of(ledger, run.runId());
            guard.check();
            if (!names.switched()) {
                return dropTarget(ledger, store, run, names);
            }
            if (names.alias() || store.collections().contains(names.source())) {
                Undoing refused = differences(store, names);
                if (refused.conflicting() > 0) {
                    return refused;
                }
            }
            guard.check();
            if (names.alias()) {
                store.pointAlias(names.addressed(), names.source());
            } else if (store.collections().contains(names.source())) {
                store.dropAlias(names.addressed());
                store.rename(names.source(), names.addressed());
            }
            return new Undoing(1, 0, 0, 0, List.of());
        }
    }

    private static Undoing dropTarget(
            RunLedger ledger, EmbeddingStore store, RunContext run, RepartitionRun names) {
        Map<String, Object> document = ledger.find(run.runId()).orElseThrow().document();
        boolean ours =
                RunPhases.done(document, RepartitionRun.SNAPSHOT)
                        || RunPhases.running(document, RepartitionRun.SNAPSHOT);
        // Clients may have been led to it half-way through a cut-over that was killed.
        boolean led =
                store.describe(names.addressed())
                        .map(s -> s.name().equals(names.target()))
                        .orElse(true);
        if (led) {
            return new Undoing(
                    0,
                    0,
                    0,
                    1,
                    List.of(
                            "the run was killed during its cut-over; finish it first: aima resume "
                                    + run.runId()));
        }
        if (ours && store.describe(names.target()).isPresent()) {
            store.dropCollection(names.target());
            return new Undoing(1, 0, 0, 0, List.of());
        }
        return new Undoing(0, 1, 0, 0, List.of());
    }

    /** Rows that were changed since the cut-over would be lost to those who use the old name. */
    private Undoing differences(EmbeddingStore store, RepartitionRun names) {
        if (configuration.get(EmbeddingBackfillOptions.UNDO_ROWS)
                == EmbeddingBackfillOptions.UndoPolicy.LEAVE) {
            return new Undoing(0, 0, 0, 0, List.of());
        }
        RowMapperFactory mappers =
                RepartitionAction.mappers(configuration, store, names.source(), names.target());
        CollectionComparison.Outcome outcome =
                new CollectionComparison(
                                stores::vectors,
                                stores::vectors,
                                stores::documents,
                                configuration.get(EmbeddingBackfillOptions.THREADS),
                                ProgressLines.ofProcess())
                        .compare(names.source(), names.target(), mappers, 1, null);
        List<String> named = new ArrayList<>();
        for (Difference d : outcome.differences()) {
            if (named.size() < NAMED) {
                named.add(
                        BackfillVerifier.describe(
                                d, store, store, names.source(), names.target(), mappers));
            }
        }
        if (!named.isEmpty()) {
            named.add(
                    "these rows of "
                            + names.target()
                            + " are not in "
                            + names.source()
                            + " as they are; carry them back by a repartition, or move the name all"
                            + " the same with undo.rows=leave");
        }
        return new Undoing(0, 0, 0, outcome.total(), named);
    }
}
