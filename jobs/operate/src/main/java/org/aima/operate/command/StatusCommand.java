package org.aima.operate.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.bson.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows the newest runs of the ledger, or one run whole.")
public final class StatusCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", arity = "0..1", description = "a run's id")
    private String runId = "";

    @Option(names = "--last", defaultValue = "20", description = "how many runs to list")
    private int last;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() throws Exception {
        try (RunLedger ledger = LedgerAccess.open(Installation.fromEnvironment())) {
            if (!runId.isEmpty()) {
                Document document = new Document(LedgerAccess.run(ledger, runId).document());
                output.line("%s", document.toJson());
                output.document(new ObjectMapper().readTree(document.toJson()));
                return ExitCode.DONE.code();
            }
            List<Map<String, Object>> rows = new ArrayList<>();
            output.line("%-58s %-10s %-24s %s", "run", "state", "started", "read/written/rejected");
            for (RunRecord run : ledger.latest(last)) {
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
            output.document(rows);
        }
        return ExitCode.DONE.code();
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
