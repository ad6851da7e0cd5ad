package org.aima.operate.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A step that is a run of a job, such as a repartition: done when the run of its id has succeeded,
 * so repeating it takes that run up again and never starts a second one.
 *
 * @param runId the same in every attempt
 * @param settings {@code key=value}
 */
record RunAction(String job, String action, String runId, List<String> settings)
        implements MigrationAction {
    static final String REPARTITION = "repartition";

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");
    private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._=-]{0,119}");

    /**
     * Reads {@code {action: repartition, source: …, run_id: …, settings: {…}}}.
     *
     * @param version of the migration, part of the run's id unless one is given
     */
    static RunAction repartition(FieldReader fields, int version) {
        String source = fields.text("source", NAME, "give an alias or a collection's name");
        Map<String, String> settings = new TreeMap<>(fields.texts("settings"));
        settings.put("source", source);
        List<String> keyValues = new ArrayList<>();
        settings.forEach((key, value) -> keyValues.add(key + "=" + value));
        return new RunAction(
                "embedding-backfill",
                REPARTITION,
                fields.text(
                        "run_id",
                        RUN_ID,
                        "give letters, digits and . _ = -",
                        "migration-" + version + "-repartition-" + source),
                keyValues);
    }

    @Override
    public String describe() {
        return "run " + job + ":" + action + " " + String.join(" ", settings) + " as " + runId;
    }

    @Override
    public void apply(MigrationTargets targets) {
        targets.run(job, action, runId, settings);
    }
}
