package org.aima.jobs.pipeline;

import java.util.List;

/**
 * What a read-back found.
 *
 * @param checks one line for each check
 */
public record Verification(List<Check> checks) {

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
}
