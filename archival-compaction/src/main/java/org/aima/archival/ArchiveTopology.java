package org.aima.archival;

import static org.aima.jobs.pipeline.Operators.named;
import static org.aima.jobs.pipeline.Operators.single;

import java.util.Map;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Candidate;
import org.aima.archival.core.MediaFact;
import org.aima.archival.core.SelectedResult;
import org.aima.archival.function.CollectSummary;
import org.aima.archival.function.CommitOperator;
import org.aima.archival.function.FileOutcome;
import org.aima.archival.function.FileTask;
import org.aima.archival.function.FinishOperator;
import org.aima.archival.function.PartitionPlan;
import org.aima.archival.function.PlanCollector;
import org.aima.archival.function.PlanOperator;
import org.aima.archival.function.ReadBackOperator;
import org.aima.archival.function.SelectOperator;
import org.aima.archival.function.SettleOperator;
import org.aima.archival.function.WriteOperator;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.FigureCounter;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Results are selected, written, read back, committed, deleted and summarised; the commit waits for
 * every file, and what follows it works from the manifest alone.
 */
final class ArchiveTopology {
    private final ArchivalCompactionSettings settings;
    private final RunContext run;
    private final StoreFactories stores;
    private final WriteGuard guard;
    private final CommitOperator.Base base;
    private final Map<String, Integer> slices;
    private final String codeVersion;

    /**
     * @param slices of a partition by its path, where there is more than one
     */
    ArchiveTopology(
            ArchivalCompactionSettings settings,
            RunContext run,
            StoreFactories stores,
            WriteGuard guard,
            CommitOperator.Base base,
            Map<String, Integer> slices,
            String codeVersion) {
        this.settings = settings;
        this.run = run;
        this.stores = stores;
        this.guard = guard;
        this.base = base;
        this.slices = slices;
        this.codeVersion = codeVersion;
    }

    /** What the pipeline yields beside files: dead letters and one summary. */
    record Outcome(DataStream<Reject> rejects, DataStream<Figure[]> summary) {}

    Outcome define(DataStream<Candidate> results, DataStream<MediaFact> facts) {
        SingleOutputStreamOperator<SelectedResult> selected = selected(results, facts);
        SingleOutputStreamOperator<ArchivedFile> written =
                named(
                        selected.keyBy(SelectedResult::group)
                                .transform(
                                        "write-files",
                                        TypeInformation.of(ArchivedFile.class),
                                        new WriteOperator(
                                                stores,
                                                guard,
                                                run.runId(),
                                                settings.files(),
                                                settings.sortBytes(),
                                                settings.crash())),
                        "write-files",
                        "write files");
        SingleOutputStreamOperator<ArchivedFile> sound =
                named(
                        written.rebalance()
                                .transform(
                                        "read-back",
                                        TypeInformation.of(ArchivedFile.class),
                                        new ReadBackOperator(stores, settings.crash())),
                        "read-back",
                        "read files back");
        DataStream<Figure> found =
                counted(
                        selected.getSideOutput(SelectOperator.FIGURES)
                                .union(sound.getSideOutput(SelectOperator.FIGURES)),
                        "count-selected");
        SingleOutputStreamOperator<FileTask> committed =
                single(
                        sound.global()
                                .connect(found.global())
                                .transform(
                                        "commit",
                                        TypeInformation.of(FileTask.class),
                                        new CommitOperator(
                                                stores,
                                                guard,
                                                run,
                                                base,
                                                settings.rules(),
                                                codeVersion,
                                                settings.crash())),
                        "commit",
                        "commit the manifest");
        SingleOutputStreamOperator<FileOutcome> settled =
                named(
                        committed
                                .rebalance()
                                .transform(
                                        "settle",
                                        TypeInformation.of(FileOutcome.class),
                                        new SettleOperator(
                                                stores,
                                                guard,
                                                settings.deletesPerSecond(),
                                                settings.crash())),
                        "settle",
                        "delete and summarise");
        SingleOutputStreamOperator<Figure> finished =
                single(
                        settled.global()
                                .transform(
                                        "finish",
                                        TypeInformation.of(Figure.class),
                                        new FinishOperator(stores, guard, settings.crash())),
                        "finish",
                        "finish the run");
        return new Outcome(
                selected.getSideOutput(SelectOperator.REJECTS)
                        .union(
                                sound.getSideOutput(SelectOperator.REJECTS),
                                settled.getSideOutput(SelectOperator.REJECTS)),
                summary(committed.getSideOutput(SelectOperator.FIGURES).union(finished)));
    }

    /** The selection alone: what a run would do. */
    Outcome plan(DataStream<Candidate> results, DataStream<MediaFact> facts) {
        SingleOutputStreamOperator<SelectedResult> selected = selected(results, facts);
        SingleOutputStreamOperator<PartitionPlan> partitions =
                named(
                        selected.transform(
                                "plan-partitions",
                                TypeInformation.of(PartitionPlan.class),
                                new PlanOperator(settings.files())),
                        "plan-partitions",
                        "count partitions");
        SingleOutputStreamOperator<Figure> planned =
                single(
                        partitions
                                .global()
                                .transform(
                                        "plan",
                                        TypeInformation.of(Figure.class),
                                        new PlanCollector(settings.files().targetBytes())),
                        "plan",
                        "add up the plan");
        return new Outcome(
                selected.getSideOutput(SelectOperator.REJECTS),
                summary(
                        counted(selected.getSideOutput(SelectOperator.FIGURES), "count-selected")
                                .union(planned)));
    }

    private SingleOutputStreamOperator<SelectedResult> selected(
            DataStream<Candidate> results, DataStream<MediaFact> facts) {
        return named(
                facts.partitionCustom(ArchiveTopology::task, MediaFact::mediaId)
                        .connect(results.partitionCustom(ArchiveTopology::task, Candidate::mediaId))
                        .transform(
                                "select",
                                TypeInformation.of(SelectedResult.class),
                                new SelectOperator(settings.rules(), slices, settings.crash())),
                "select",
                "select results");
    }

    private static int task(String mediaId, int tasks) {
        return Math.floorMod(mediaId.hashCode(), tasks);
    }

    private static SingleOutputStreamOperator<Figure> counted(
            DataStream<Figure> figures, String uid) {
        return named(
                figures.transform(uid, TypeInformation.of(Figure.class), new FigureCounter()),
                uid,
                uid.replace('-', ' '));
    }

    private static SingleOutputStreamOperator<Figure[]> summary(DataStream<Figure> figures) {
        return single(
                figures.global()
                        .transform(
                                "summary",
                                TypeInformation.of(Figure[].class),
                                new CollectSummary()),
                "summary",
                "add up figures");
    }
}
