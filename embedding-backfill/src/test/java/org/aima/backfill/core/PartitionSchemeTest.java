package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemes as operators write them, and the partitions they name. */
class PartitionSchemeTest {
    private static final long AT = Instant.parse("2026-03-31T23:59:59Z").toEpochMilli();

    @ParameterizedTest
    @CsvSource({
        "'media-type,month', video_2026_03",
        "'quarter,media-type', video_2026_q1",
        "'media-type, year', video_2026",
        "media-type, video",
        "month, all_2026_03",
        "none, _default"
    })
    void namesPartitions(String scheme, String partition) {
        assertThat(PartitionScheme.parse(scheme).partition("Video", AT)).contains(partition);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "day", "month,year", "media-type,", "key:", "key:a b", "media type"})
    void refusesWhatIsNoScheme(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PartitionScheme.parse(text));
    }

    @Test
    void rowsWithoutWhatTheSchemeNeedsHaveNoPartition() {
        PartitionScheme scheme = PartitionScheme.parse("media-type,month");
        assertThat(scheme.partition("", AT)).isEmpty();
        assertThat(scheme.partition("video", 0)).isEmpty();
        assertThat(PartitionScheme.parse("media-type").partition("video", 0)).isPresent();
    }

    @Test
    void coarserEndsWithTheTypeAlone() {
        PartitionScheme scheme = PartitionScheme.parse("media-type,month");
        assertThat(scheme.coarser().orElseThrow().text()).isEqualTo("media-type,quarter");
        assertThat(PartitionScheme.parse("media-type,year").coarser().orElseThrow().text())
                .isEqualTo("media-type");
        assertThat(PartitionScheme.parse("media-type").coarser()).isEmpty();
        assertThat(PartitionScheme.parse("key:person_id").coarser()).isEmpty();
    }

    @Property
    void everyNameIsOneThatMilvusTakes(
            @ForAll String type, @ForAll @LongRange(min = 1, max = 4_000_000_000_000L) long at) {
        PartitionScheme.parse("media-type,month")
                .partition(type, at)
                .ifPresent(name -> assertThat(name).matches("[A-Za-z_][A-Za-z0-9_]*"));
    }

    @Property
    void textIsReadAsTheSameScheme(@ForAll boolean byType, @ForAll PartitionScheme.Period period) {
        PartitionScheme scheme = new PartitionScheme(byType, period, "");
        assertThat(PartitionScheme.parse(scheme.text())).isEqualTo(scheme);
    }
}
