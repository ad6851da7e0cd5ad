package org.aima.archival;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.CompactionPlanner;
import org.aima.archival.function.RewriteUnit;
import org.junit.jupiter.api.Test;

class CompactActionTest {
    private static ArchivedFile file(String key) {
        return new ArchivedFile(key, "t", 2025, 1, 1, 10, "", "", 0, 0, "", "", 1, 1);
    }

    @Test
    void noFileIsInTwoUnits() {
        ArchivedFile alone = file("c");
        List<CompactionPlanner.Group> groups =
                CompactionPlanner.groups(List.of(file("a"), file("b")), 100, 1_000, 1_000);
        List<RewriteUnit> units = CompactAction.units(groups, List.of(file("b"), alone), 4);
        assertThat(units.stream().flatMap(u -> Arrays.stream(u.files())).map(ArchivedFile::key))
                .containsExactly("a", "b", "c");
        assertThat(units).extracting(RewriteUnit::slice).containsExactly(4, 5);
    }
}
