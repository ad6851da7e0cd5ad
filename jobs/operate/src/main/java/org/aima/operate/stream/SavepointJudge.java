package org.aima.operate.stream;

import java.util.List;
import java.util.Set;

/** Says whether a version can take a savepoint over; asks the version's own jar. */
public interface SavepointJudge {

    /** The verdict on a savepoint or checkpoint. */
    Verdict judge(StreamVersion version, String savepoint, Set<String> drop);

    /**
     * What was found.
     *
     * @param problems that forbid the start, one a line
     */
    record Verdict(boolean compatible, List<String> problems, String json) {}
}
