package org.aima.jobs.pipeline;

import java.util.List;

/**
 * What a read-back found.
 *
 * @param checks one line for each check
 * @param sheets what people should look at, written beside the report
 */
public record Verification(List<Check> checks, List<Sheet> sheets) {

    public Verification(List<Check> checks) {
        this(checks, List.of());
    }

    /** Whether every check passed. */
    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }

    /**
     * One check.
     *
     * @param name what was checked
     * @param passed its outcome
     * @param detail the figures behind it
     */
    public record Check(String name, boolean passed, String detail) {}

    /**
     * A table for people.
     *
     * @param columns headings
     * @param rows one text for each column
     */
    public record Sheet(
            String title, String explanation, List<String> columns, List<List<String>> rows) {}
}
