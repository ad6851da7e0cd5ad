package org.aima.jobs.pipeline;

import java.util.List;

/** A job of the suite: a name and the actions it offers. */
public interface FlinkJob {

    /** The job's name on the command line, in uids and in the ledger. */
    String name();

    /** At least one; the first is the default. */
    List<JobAction> actions();
}
