package org.aima.operate.migrate;

import java.util.List;

/**
 * What a migration run did, or in a dry run would do.
 *
 * @param toVersion the version afterwards
 */
public record MigrationReport(
        int fromVersion, int toVersion, boolean dryRun, List<Executed> executed) {

    public MigrationReport {
        executed = List.copyOf(executed);
    }

    /**
     * One migration.
     *
     * @param actions its steps, for a person
     * @param millis 0 in a dry run
     */
    public record Executed(int version, String description, List<String> actions, long millis) {
        public Executed {
            actions = List.copyOf(actions);
        }
    }
}
