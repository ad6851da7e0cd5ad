package org.aima.dossier;

import java.util.List;
import org.aima.jobs.launch.JobLauncher;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;

/** Computes what dossiers say about their media, and publishes it. */
public final class DossierAggregationJob implements FlinkJob {

    public static void main(String[] args) {
        JobLauncher.run(new DossierAggregationJob(), args);
    }

    @Override
    public String name() {
        return "dossier-aggregation";
    }

    @Override
    public List<JobAction> actions() {
        return List.of(
                new RebuildAction(), new RefreshAction(), new ExplainAction(), new ExportAction());
    }
}
