package org.aima.archival.function;

import java.nio.file.Path;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;

/** Where a task may put files while it runs. */
final class WorkDirectory {
    private WorkDirectory() {}

    /** A directory below Flink's own for temporary files; the disks are shared out by task. */
    static Path of(AbstractStreamOperator<?> operator) {
        String[] disks =
                operator.getContainingTask()
                        .getEnvironment()
                        .getTaskManagerInfo()
                        .getTmpDirectories();
        int subtask = operator.getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        return Path.of(disks[subtask % disks.length], "aima-archival");
    }
}
