package org.aima.operate.command;

import java.time.Duration;
import org.aima.operate.stream.Pace;
import picocli.CommandLine.Option;

/** How patient a command is with a stream that it started. */
final class PaceArguments {
    @Option(
            names = "--deadline",
            defaultValue = "180",
            paramLabel = "SECONDS",
            description = "streams: time within which a version has to be well (${DEFAULT-VALUE})")
    private int deadline;

    @Option(
            names = "--settle",
            defaultValue = "10",
            paramLabel = "SECONDS",
            description =
                    "streams: how long a version has to run without a restart; Flink's figures may"
                            + " be 10 s old (${DEFAULT-VALUE})")
    private int settle;

    @Option(
            names = "--max-restarts",
            defaultValue = "3",
            paramLabel = "N",
            description = "streams: more restarts make a version unwell (${DEFAULT-VALUE})")
    private int restarts;

    @Option(
            names = "--idle",
            description =
                    "streams: nothing may come in at the moment, so no record has to pass; a Kafka"
                            + " source tells of what waits only after it has read")
    private boolean idle;

    Pace pace() {
        return Pace.real(Duration.ofSeconds(deadline), Duration.ofSeconds(settle), restarts, idle);
    }
}
