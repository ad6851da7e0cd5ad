package org.aima.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.junit.jupiter.api.Test;

/** The form of run ids, which become file names and object keys. */
class RunIdsTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-23T23:59:01Z"), ZoneId.of("Asia/Tokyo"));

    @Test
    void createdIdHasTheContractsForm() {
        String id = RunIds.create("person-clustering", "recluster", CLOCK);
        assertThat(id).matches("person-clustering-recluster-20261123T235901Z-[0-9a-f]{4}");
        assertThat(RunIds.check(id)).isEqualTo(id);
    }

    @Test
    void schedulersIdsAreAccepted() {
        for (String id :
                List.of(
                        "a",
                        "0",
                        "scheduled__2026-11-23T00:00:00",
                        "a=b:c.d_e-f",
                        "x".repeat(120))) {
            assertThat(RunIds.check(id)).isEqualTo(id);
        }
    }

    @Test
    void idsThatCouldLeaveTheirDirectoryAreRefused() {
        for (String id :
                List.of(
                        "",
                        ".",
                        "..",
                        "../x",
                        "a/b",
                        "a\\b",
                        "-x",
                        "a b",
                        "a\n",
                        "\u00e4",
                        "x".repeat(121))) {
            assertThatExceptionOfType(AimaException.class)
                    .as(id)
                    .isThrownBy(() -> RunIds.check(id))
                    .matches(e -> e.exitCode() == ExitCode.BAD_USAGE);
        }
    }

    @Test
    void flinkJobNameIsHowALostSubmissionIsFound() {
        assertThat(RunIds.flinkJobName("talking", "speak", "r1")).isEqualTo("talking:speak r1");
    }
}
