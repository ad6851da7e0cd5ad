package org.aima.personclustering;

import java.util.List;
import org.aima.jobs.launch.JobLauncher;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;

/** Turns face and voice embeddings into persons with stable ids. */
public final class PersonClusteringJob implements FlinkJob {

    public static void main(String[] args) {
        JobLauncher.run(new PersonClusteringJob(), args);
    }

    @Override
    public String name() {
        return "person-clustering";
    }

    @Override
    public List<JobAction> actions() {
        return List.of(new ReclusterAction(), new AssignAction());
    }
}
