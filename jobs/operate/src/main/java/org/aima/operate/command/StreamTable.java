package org.aima.operate.command;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.operate.flink.FlinkRest;
import org.aima.operate.flink.FlinkStreams;
import org.aima.operate.run.RunProgress;
import org.aima.operate.stream.StreamRecord;

/** What the cluster works on now, as {@code aima status} shows it. */
final class StreamTable {
    private final Output output;
    private final FlinkRest rest;
    private final FlinkStreams streams;

    StreamTable(Installation installation, Output output) {
        this.output = output;
        this.rest = new FlinkRest(installation.flinkRest());
        this.streams = new FlinkStreams(installation);
    }

    /** Rows of streams that have not ended. */
    List<Map<String, Object>> streams(List<RunRecord> runs) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (RunRecord run : runs) {
            if (StreamRecord.isStream(run) && !run.state().ended()) {
                rows.add(row(run));
            }
        }
        if (rows.isEmpty()) {
            return rows;
        }
        output.line("");
        output.line(
                "%-50s %3s %-10s %10s %10s %10s %-18s %-14s %s",
                "stream",
                "v",
                "state",
                "in/s",
                "out/s",
                "lag",
                "checkpoint",
                "savepoint",
                "change");
        for (Map<String, Object> row : rows) {
            output.line(
                    "%-50s %3s %-10s %10s %10s %10s %-18s %-14s %s",
                    row.get("run_id"),
                    row.get("version"),
                    row.get("state"),
                    row.get("records_in_per_second"),
                    row.get("records_out_per_second"),
                    row.get("lag"),
                    row.get("checkpoint"),
                    row.get("savepoint"),
                    row.get("change"));
        }
        return rows;
    }

    private Map<String, Object> row(RunRecord run) {
        StreamRecord stream = StreamRecord.of(run);
        String job = stream.running().flinkJob();
        Optional<FlinkStreams.View> view;
        try {
            view = streams.look(job);
        } catch (AimaException e) {
            view = Optional.empty();
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("run_id", run.runId());
        row.put("version", stream.current());
        row.put("jar", stream.running().jar());
        row.put("flink_job_id", job);
        row.put("state", view.map(FlinkStreams.View::state).orElse("GONE"));
        row.put("records_in_per_second", view.map(v -> rate(v.recordsInPerSecond())).orElse("-"));
        row.put("records_out_per_second", view.map(v -> rate(v.recordsOutPerSecond())).orElse("-"));
        row.put("records", view.map(v -> (Object) v.records()).orElse("-"));
        row.put(
                "lag",
                view.filter(v -> v.lag().isPresent())
                        .map(v -> (Object) v.lag().getAsLong())
                        .orElse("-"));
        row.put(
                "checkpoint",
                view.filter(v -> v.checkpointAtMillis() > 0)
                        .map(
                                v ->
                                        age(v.checkpointAtMillis())
                                                + " ago, "
                                                + size(v.checkpointBytes()))
                        .orElse("none"));
        row.put(
                "savepoint",
                stream.newestSavepoint().map(s -> age(s.at().getTime()) + " ago").orElse("none"));
        row.put(
                "savepoint_path",
                stream.newestSavepoint().map(StreamRecord.SavepointEntry::path).orElse(""));
        row.put("restarts", view.map(v -> (Object) v.restarts()).orElse("-"));
        row.put("change", stream.change());
        return row;
    }

    /** Rows of the cluster's jobs that work and are no streams of the ledger. */
    List<Map<String, Object>> others(List<RunRecord> runs) {
        TreeSet<String> known = new TreeSet<>();
        runs.stream()
                .filter(StreamRecord::isStream)
                .forEach(
                        r ->
                                StreamRecord.of(r)
                                        .versions()
                                        .values()
                                        .forEach(v -> known.add(v.flinkJob())));
        List<Map<String, Object>> rows = new ArrayList<>();
        for (FlinkRest.JobOverview job : rest.jobs()) {
            if (!job.active() || known.contains(job.id())) {
                continue;
            }
            rest.job(job.id())
                    .ifPresent(
                            detail -> {
                                Map<String, Object> row = new LinkedHashMap<>();
                                row.put("run_id", job.name().replaceFirst(".* ", ""));
                                row.put("name", job.name());
                                row.put("flink_job_id", job.id());
                                row.put("state", detail.state());
                                row.put(
                                        "progress_percent",
                                        Math.round(RunProgress.share(detail.stages()) * 100));
                                row.put(
                                        "records_in",
                                        detail.stages().stream()
                                                .mapToLong(FlinkRest.Stage::recordsIn)
                                                .sum());
                                row.put("running_seconds", detail.durationMillis() / 1_000);
                                rows.add(row);
                            });
        }
        if (!rows.isEmpty()) {
            output.line("");
            output.line("%-80s %-12s %5s %15s %s", "at work", "state", "done", "records in", "for");
            rows.forEach(
                    r ->
                            output.line(
                                    "%-80s %-12s %4s%% %15s %s s",
                                    r.get("name"),
                                    r.get("state"),
                                    r.get("progress_percent"),
                                    r.get("records_in"),
                                    r.get("running_seconds")));
        }
        return rows;
    }

    private static Object rate(double perSecond) {
        return Math.round(perSecond * 10) / 10.0;
    }

    static String age(long atMillis) {
        Duration age = Duration.ofMillis(Math.max(0, Instant.now().toEpochMilli() - atMillis));
        if (age.toMinutes() == 0) {
            return age.toSeconds() + " s";
        }
        return age.toHours() == 0
                ? age.toMinutes() + " min"
                : age.toHours() + " h " + age.toMinutesPart() + " min";
    }

    static String size(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
