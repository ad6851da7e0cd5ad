package org.aima.archival;

import java.util.List;
import org.aima.jobs.launch.JobLauncher;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;

/** Moves old analysis results into verified Parquet on S3, and back. */
public final class ArchivalCompactionJob implements FlinkJob {

    public static void main(String[] args) {
        JobLauncher.run(new ArchivalCompactionJob(), args);
    }

    @Override
    public String name() {
        return "archival-compaction";
    }

    @Override
    public List<JobAction> actions() {
        return List.of(
                new ArchiveAction(),
                new RestoreAction(),
                new CompactAction(),
                new EraseAction(),
                new ExpireAction(),
                new CleanAction());
    }
}
