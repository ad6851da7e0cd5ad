package org.aima.archival;

import static org.aima.jobs.pipeline.Operators.named;
import static org.aima.jobs.pipeline.Operators.single;

import org.aima.archival.core.RestoreRule;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.function.CleanOperator;
import org.aima.archival.function.CollectSummary;
import org.aima.archival.function.PlacesOperator;
import org.aima.archival.function.RemovalUnit;
import org.aima.archival.function.RestoreOperator;
import org.aima.archival.function.RestoreUnit;
import org.aima.archival.function.RewriteOperator;
import org.aima.archival.function.RewriteUnit;
import org.aima.archival.function.SelectOperator;
import org.aima.archival.store.ErasurePlaces;
import org.aima.archival.store.FileRewriter;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** Units of work are done side by side, each complete in itself; figures are added up. */
final class MaintenanceTopology {
    private final ArchivalCompactionSettings settings;
    private final RunContext run;
    private final StoreFactories stores;
    private final WriteGuard guard;

    MaintenanceTopology(
            ArchivalCompactionSettings settings,
            RunContext run,
            StoreFactories stores,
            WriteGuard guard) {
        this.settings = settings;
        this.run = run;
        this.stores = stores;
        this.guard = guard;
    }

    /** What a pipeline yields beside its work: dead letters and one summary. */
    record Outcome(DataStream<Reject> rejects, DataStream<Figure[]> summary) {}

    Outcome rewrite(DataStream<RewriteUnit> units, RewriteRule rule) {
        SingleOutputStreamOperator<String> rewritten = rewritten(units, rule);
        return outcome(rewritten, rewritten.getSideOutput(SelectOperator.FIGURES));
    }

    Outcome erase(
            DataStream<RewriteUnit> units,
            RewriteRule rule,
            ErasurePlaces.Factory places,
            ErasurePlaces.Subjects subjects) {
        SingleOutputStreamOperator<String> rewritten = rewritten(units, rule);
        SingleOutputStreamOperator<Figure> visited =
                single(
                        rewritten
                                .global()
                                .transform(
                                        "erase-places",
                                        TypeInformation.of(Figure.class),
                                        new PlacesOperator(
                                                places,
                                                subjects,
                                                guard,
                                                run.planOnly(),
                                                settings.crash())),
                        "erase-places",
                        "erase from every other place");
        return outcome(rewritten, rewritten.getSideOutput(SelectOperator.FIGURES).union(visited));
    }

    Outcome restore(DataStream<RestoreUnit> units, RestoreRule rule) {
        SingleOutputStreamOperator<Figure> restored =
                named(
                        units.transform(
                                "restore",
                                TypeInformation.of(Figure.class),
                                new RestoreOperator(stores, guard, run, rule, settings.crash())),
                        "restore",
                        "restore results");
        return outcome(restored, restored);
    }

    Outcome clean(DataStream<RemovalUnit> units) {
        SingleOutputStreamOperator<Figure> cleaned =
                named(
                        units.transform(
                                "clean",
                                TypeInformation.of(Figure.class),
                                new CleanOperator(stores, guard, run.planOnly())),
                        "clean",
                        "remove objects");
        return outcome(cleaned, cleaned);
    }

    private SingleOutputStreamOperator<String> rewritten(
            DataStream<RewriteUnit> units, RewriteRule rule) {
        return named(
                units.transform(
                        "rewrite",
                        Types.STRING,
                        new RewriteOperator(
                                stores,
                                guard,
                                new FileRewriter.Identity(
                                        run.runId(),
                                        run.fence(),
                                        run.submittedAtMillis(),
                                        ArchiveStores.codeVersion()),
                                rule,
                                settings.files(),
                                settings.sortBytes(),
                                run.planOnly(),
                                settings.crash())),
                "rewrite",
                "rewrite files");
    }

    private static Outcome outcome(
            SingleOutputStreamOperator<?> worked, DataStream<Figure> figures) {
        return new Outcome(
                worked.getSideOutput(SelectOperator.REJECTS),
                single(
                        figures.global()
                                .transform(
                                        "summary",
                                        TypeInformation.of(Figure[].class),
                                        new CollectSummary()),
                        "summary",
                        "add up figures"));
    }
}
