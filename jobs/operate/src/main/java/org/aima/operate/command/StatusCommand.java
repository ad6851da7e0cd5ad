package org.aima.operate.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.operate.flink.FlinkRest;
import org.aima.operate.metrics.LedgerMetrics;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the newest runs of the ledger, the streams and what else the cluster works on;",
            "or one run whole. Flink's figures may be ten seconds old."
        })
public final class StatusCommand implements Callable<Integer> {
    private static final int LOOK_BACK = 200;
    private static final int METRIC_RUNS = 1_000;

    @Parameters(paramLabel = "RUN", arity = "0..1", description = "a run's id")
    private String runId = "";

    @Option(names = "--last", defaultValue = "20", description = "how many runs to list")
    private int last;

    @Option(names = "--watch", description = "show it again every few seconds, until interrupted")
    private boolean watch;

    @Option(
            names = "--every",
            defaultValue = "5",
            paramLabel = "SECONDS",
            description = "of --watch (${DEFAULT-VALUE})")
    private int every;

    @Option(
            names = "--prometheus",
            paramLabel = "FILE",
            description =
                    "write what the ledger knows as metrics, for node_exporter's textfile"
                            + " collector; - prints them")
    private @Nullable Path prometheus;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() throws Exception {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            if (prometheus != null) {
                write(metrics(installation, ledger), prometheus);
                return ExitCode.DONE.code();
            }
            if (!runId.isEmpty()) {
                Document document = new Document(LedgerAccess.run(ledger, runId).document());
                output.line("%s", document.toJson());
                output.document(new ObjectMapper().readTree(document.toJson()));
                return ExitCode.DONE.code();
            }
            show(ledger, installation);
            while (watch) {
                Thread.sleep(every * 1_000L);
                output.line("");
                output.line("%s", java.time.Instant.now());
                show(ledger, installation);
            }
        }
        return ExitCode.DONE.code();
    }

    private void show(RunLedger ledger, Installation installation) {
        List<Map<String, Object>> rows = new ArrayList<>();
        output.line("%-58s %-10s %-24s %s", "run", "state", "started", "read/written/rejected");
        List<RunRecord> runs = ledger.latest(Math.max(last, LOOK_BACK));
        for (RunRecord run : runs.subList(0, Math.min(last, runs.size()))) {
            Map<String, Object> row = row(run);
            rows.add(row);
            output.line(
                    "%-58s %-10s %-24s %s/%s/%s",
                    row.get("run_id"),
                    row.get("state"),
                    row.get("started_at"),
                    row.get("read"),
                    row.get("written"),
                    row.get("rejected"));
        }
        // The ledger can be read while no cluster runs.
        if (installation.environment().containsKey("AIMA_FLINK_REST")) {
            try {
                StreamTable table = new StreamTable(installation, output);
                attach("stream", table.streams(runs), rows);
                attach("work", table.others(runs), rows);
            } catch (AimaException e) {
                output.line("%s", e.getMessage());
            }
        }
        output.document(rows);
    }

    /** Each under the row of its run; what the ledger does not know in a row of its own. */
    private static void attach(
            String name, List<Map<String, Object>> found, List<Map<String, Object>> rows) {
        for (Map<String, Object> one : found) {
            rows.stream()
                    .filter(r -> Objects.equals(r.get("run_id"), one.get("run_id")))
                    .findFirst()
                    .orElseGet(
                            () -> {
                                Map<String, Object> row = new LinkedHashMap<>();
                                row.put("run_id", one.get("run_id"));
                                rows.add(row);
                                return row;
                            })
                    .put(name, one);
        }
    }

    private String metrics(Installation installation, RunLedger ledger) {
        LedgerMetrics metrics =
                new LedgerMetrics(ledger.latest(METRIC_RUNS), Clock.systemUTC().instant());
        if (installation.environment().containsKey("AIMA_FLINK_REST")) {
            FlinkRest flink = new FlinkRest(installation.flinkRest());
            try {
                for (FlinkRest.JobOverview job : flink.jobs()) {
                    if (job.active() && flink.checkpointed(job.id())) {
                        metrics.savepoint(
                                job.name(),
                                flink.newestSavepoint(job.id())
                                        .orElse(Instant.ofEpochMilli(job.startMillis())));
                    }
                }
            } catch (AimaException e) {
                // What the ledger knows is wanted most when the cluster is down.
                output.line("%s", e.getMessage());
            }
        }
        return metrics.text();
    }

    /** Whole or not at all: the collector may read at any moment. */
    private static void write(String text, Path file) throws IOException {
        if (file.toString().equals("-")) {
            System.out.print(text);
            return;
        }
        Path whole = file.toAbsolutePath();
        Path part = whole.resolveSibling("." + whole.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Map<String, Object> row(RunRecord run) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("run_id", run.runId());
        row.put("job", run.job());
        row.put("action", run.action());
        row.put("state", run.state().name().toLowerCase(Locale.ROOT));
        row.put(
                "started_at",
                run.document().get("started_at") instanceof Date date
                        ? date.toInstant().toString()
                        : "");
        row.put("flink_job_id", run.flinkJobId());
        Document counters =
                run.document().get("counters") instanceof Document found ? found : new Document();
        for (String counter : List.of("read", "written", "unchanged", "rejected")) {
            Object value = counters.get(counter);
            row.put(counter, value == null ? "-" : value);
        }
        return row;
    }
}
