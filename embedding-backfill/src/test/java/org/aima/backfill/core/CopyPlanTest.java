package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.backfill.core.CopyPlan.Group;
import org.aima.backfill.core.CopyPlan.Limits;
import org.junit.jupiter.api.Test;

/** What the server can hold is planned, what it cannot is refused with a proposal. */
class CopyPlanTest {
    private static final Limits LIMITS = new Limits(1_024, 65_536, 100);

    private static List<Group> groups(int months, int types) {
        List<Group> groups = new ArrayList<>();
        for (int m = 0; m < months; m++) {
            long at =
                    YearMonth.of(1980, 1)
                            .plusMonths(m)
                            .atDay(2)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant()
                            .toEpochMilli();
            for (int t = 0; t < types; t++) {
                groups.add(new Group("type" + t, at, 10));
            }
        }
        return groups;
    }

    private static CopyPlan plan(String scheme, List<Group> groups, String without, Limits limits) {
        return CopyPlan.of(PartitionScheme.parse(scheme), groups, 7, without, 2_100, 1, limits);
    }

    @Test
    void countsRowsPartitionsAndBytes() {
        CopyPlan plan = plan("media-type,month", groups(6, 3), "unassigned", LIMITS);
        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.rows()).hasSize(19).containsEntry("unassigned", 7L);
        assertThat(plan.total()).isEqualTo(187);
        assertThat(plan.bytes()).isEqualTo(187 * 2_100);
        assertThat(plan.rejected()).isZero();
    }

    @Test
    void rowsWithoutMediaAreRejectedWhenAsked() {
        CopyPlan plan = plan("media-type,month", groups(6, 3), "", LIMITS);
        assertThat(plan.rejected()).isEqualTo(7);
        assertThat(plan.total()).isEqualTo(180);
    }

    @Test
    void twoThousandPartitionsAreRefusedWithOneThatFits() {
        CopyPlan plan = plan("media-type,month", groups(667, 3), "unassigned", LIMITS);
        assertThat(plan.refusal())
                .contains("2,002 partitions")
                .contains("1,024")
                .contains("partition-by=media-type,quarter makes 670 and fits");
    }

    @Test
    void whatOthersUseCounts() {
        CopyPlan plan =
                plan("media-type,month", groups(10, 3), "unassigned", new Limits(1_024, 130, 100));
        assertThat(plan.refusal()).contains("130").contains("100").contains("media-type,quarter");
    }

    @Test
    void whenNothingFitsTheServerIsToChoose() {
        CopyPlan plan = plan("media-type", groups(1, 2_000), "unassigned", LIMITS);
        assertThat(plan.refusal()).contains("key:");
    }

    @Property(tries = 60)
    void aProposalAlwaysFits(
            @ForAll @IntRange(min = 1, max = 900) int months,
            @ForAll @IntRange(min = 1, max = 6) int types,
            @ForAll @IntRange(min = 3, max = 400) int limit) {
        Limits limits = new Limits(limit, 65_536, 0);
        String refusal = plan("media-type,month", groups(months, types), "x", limits).refusal();
        int makes = refusal.lastIndexOf(" makes");
        if (refusal.endsWith("and fits") && makes > refusal.indexOf("; partition-by=")) {
            String scheme =
                    refusal.substring(refusal.lastIndexOf("partition-by=", makes) + 13, makes);
            assertThat(plan(scheme, groups(months, types), "x", limits).refusal()).isEmpty();
        }
    }

    @Test
    void etaGrowsWithRowsAndShrinksWithSpeed() {
        double few = sum(10_000, 10_000);
        assertThat(sum(100_000, 10_000)).isGreaterThan(3 * few);
        assertThat(sum(100_000, 20_000)).isLessThan(sum(100_000, 10_000));
    }

    private static double sum(long rows, double rate) {
        return CopyPlan.eta(rows, rate, rate, 512).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }
}
