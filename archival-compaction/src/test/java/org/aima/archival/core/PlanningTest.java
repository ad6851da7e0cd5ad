package org.aima.archival.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.archival.core.OrphanRules.Listed;
import org.junit.jupiter.api.Test;

/** Which files are rewritten, which objects are orphans, whose results are whose. */
class PlanningTest {
    private static final long TARGET = 1_000;
    private static final long HOUR = 3_600_000;

    private static ArchivedFile file(String key, int month, long bytes) {
        return new ArchivedFile(key, "t", 2025, month, 1, bytes, "", "", 0, 0, "", "", 1, 1);
    }

    @Property
    void groupsAreDisjointWithinTheirLimitAndTheSameForEveryOrder(
            @ForAll @IntRange(min = 0, max = 60) int files, @ForAll long seed) {
        Random random = new Random(seed);
        List<ArchivedFile> live = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            live.add(file("f%03d".formatted(i), 1 + random.nextInt(3), random.nextInt(1_500)));
        }
        var groups = CompactionPlanner.groups(live, TARGET, 3_000, Long.MAX_VALUE);
        Set<String> seen = new HashSet<>();
        for (var group : groups) {
            assertThat(group.files()).hasSizeGreaterThan(1);
            assertThat(group.bytes()).isLessThanOrEqualTo(3_000);
            for (ArchivedFile file : group.files()) {
                assertThat(seen.add(file.key())).isTrue();
                assertThat(file.bytes()).isLessThan(750);
                assertThat(file.partition()).isEqualTo(group.partition());
            }
        }
        Collections.shuffle(live, random);
        assertThat(CompactionPlanner.groups(live, TARGET, 3_000, Long.MAX_VALUE)).isEqualTo(groups);
    }

    @Test
    void theBudgetEndsARunButNeverStopsIt() {
        List<ArchivedFile> live =
                List.of(file("a", 1, 400), file("b", 1, 400), file("c", 2, 400), file("d", 2, 400));
        assertThat(CompactionPlanner.groups(live, TARGET, 10_000, 1)).hasSize(1);
        assertThat(CompactionPlanner.groups(live, TARGET, 10_000, 1_600)).hasSize(2);
    }

    @Property
    void nothingNamedOrYoungIsAnOrphan(
            @ForAll @IntRange(min = 0, max = 40) int objects, @ForAll long seed) {
        Random random = new Random(seed);
        List<Listed> listing = new ArrayList<>();
        Set<String> named = new HashSet<>();
        Set<String> live = new HashSet<>();
        for (int i = 0; i < objects; i++) {
            String key = Partition.ROOT + "f" + i;
            listing.add(new Listed(key, 1, random.nextInt(20) * HOUR));
            if (random.nextBoolean()) {
                named.add(key);
                if (random.nextBoolean()) {
                    live.add(key);
                }
            }
        }
        List<Listed> orphans = OrphanRules.orphans(listing, named, live, 20 * HOUR, 10 * HOUR);
        for (Listed object : listing) {
            boolean orphan = !named.contains(object.key()) && object.modifiedMillis() <= 10 * HOUR;
            assertThat(orphans.contains(object)).isEqualTo(orphan);
        }
    }

    @Test
    void aListingThatLacksLiveFilesProvesNothing() {
        Set<String> named = Set.of(Partition.ROOT + "a", Partition.ROOT + "b");
        assertThatThrownBy(() -> OrphanRules.orphans(List.of(), named, named, 1, 0))
                .hasMessageContaining("lacks 2 files");
        assertThatThrownBy(
                        () ->
                                OrphanRules.orphans(
                                        List.of(new Listed(Partition.ROOT + "x", 1, 0)),
                                        named,
                                        Set.of(Partition.ROOT + "a"),
                                        1,
                                        0))
                .hasMessageContaining("nothing is deleted");
    }

    @Test
    void objectsOutsideTheDataPrefixAreNeverOrphans() {
        assertThat(
                        OrphanRules.orphans(
                                List.of(new Listed("_aima/manifests/x", 1, 0)),
                                Set.of(),
                                Set.of(),
                                HOUR,
                                0))
                .isEmpty();
    }

    @Property(tries = 100)
    void factsAreTheSameInEveryOrder(
            @ForAll @IntRange(min = 0, max = 3_000) int results, @ForAll long seed) {
        Random random = new Random(seed);
        List<MediaFact> facts = new ArrayList<>();
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < results; i++) {
            String person = "p" + random.nextInt(50);
            String result = "r" + random.nextInt(2_000);
            facts.add(MediaFact.person("m", person, new String[] {result}));
            expected.merge(result, person, (a, b) -> a.compareTo(b) <= 0 ? a : b);
        }
        Collections.shuffle(facts, random);
        MediaFacts known = new MediaFacts();
        facts.forEach(known::add);
        expected.forEach((result, person) -> assertThat(known.person(result)).isEqualTo(person));
        assertThat(known.person("nobody's")).isNull();
    }

    @Test
    void partitionsAreSafeDirectories() {
        assertThat(
                        Partition.of(
                                "face_detection",
                                Instant.parse("2025-12-31T23:59:59Z").toEpochMilli()))
                .isEqualTo(new Partition("face_detection", 2025, 12));
        assertThat(new Partition("../a=b/ü", 2025, 1).path())
                .isEqualTo(
                        "analysis_results/analysis_type=%2E.%2Fa%3Db%2F%C3%BC/year=2025/month=01/");
        assertThat(new Partition("t", 2025, 1).file("run", 2, 3, "0123456789abcdef0123"))
                .endsWith("part-run-02003-0123456789abcdef.parquet");
    }

    @Test
    void retentionIsByClass() {
        Retention retention = Retention.parse("face_detection=P2Y", "P10Y");
        Instant now = Instant.parse("2026-03-01T00:00:00Z");
        assertThat(retention.limit("face_detection", now))
                .hasValue(Instant.parse("2024-03-01T00:00:00Z"));
        assertThat(retention.limit("other", now)).hasValue(Instant.parse("2016-03-01T00:00:00Z"));
        assertThat(Retention.parse("none", "forever").limit("other", now)).isEmpty();
        assertThatThrownBy(() -> Retention.parse("face_detection", "forever"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Retention.parse("none", "P0D"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
