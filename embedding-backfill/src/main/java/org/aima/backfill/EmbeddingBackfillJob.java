package org.aima.backfill;

import java.util.List;
import org.aima.jobs.launch.JobLauncher;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;

/** Moves embeddings to another layout, into a collection, or up to date, and proves it. */
public final class EmbeddingBackfillJob implements FlinkJob {

    public static void main(String[] args) {
        JobLauncher.run(new EmbeddingBackfillJob(), args);
    }

    @Override
    public String name() {
        return "embedding-backfill";
    }

    @Override
    public List<JobAction> actions() {
        return List.of(
                new RepartitionAction(),
                new ImportAction(),
                new MetadataAction(),
                new VerifyAction());
    }
}
