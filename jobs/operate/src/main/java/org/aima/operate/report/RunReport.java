package org.aima.operate.report;

import java.util.List;
import java.util.Map;

/**
 * Everything a report shows; printed as {@code report.json} and rendered as {@code report.html}.
 *
 * @param counters counts by name; {@code read = written + unchanged + rejected}
 * @param timings one a stage of the Flink job
 * @param rates rows a second
 * @param quality facts such as thresholds, recall or verification
 * @param distributions figures behind charts, by chart
 * @param settings effective values with their origin
 */
public record RunReport(
        String job,
        String action,
        String run_id,
        String state,
        String started_at,
        String ended_at,
        Map<String, Long> counters,
        List<Timing> timings,
        Map<String, Double> rates,
        Map<String, String> quality,
        List<Check> verification,
        Map<String, Map<String, Long>> distributions,
        List<Map<String, String>> settings,
        String flink_job_id,
        String code_version) {

    /** Time and records of a stage; {@code start_ms} counts from the first stage's start. */
    public record Timing(
            String stage, long start_ms, long duration_ms, long records_in, long records_out) {}

    /** One check of the read-back. */
    public record Check(String name, boolean passed, String detail) {}
}
