package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New embeddings find their person, strangers become one person each, and nobody is made twice. */
class PersonAssignerTest {
    private static final String FACES = "face_embeddings";
    private static final String SPACE = FACES + "/arc";
    private static final int DIMENSION = 256;
    private static final int EXEMPLARS = 4;
    private static final int KNOWN = 12;
    private static final PersonAssigner.Limits LIMITS =
            new PersonAssigner.Limits(0, 60_000, 1_000, EXEMPLARS, 30_000, 600_000);

    private record Outcome(Map<String, String> personById, int newPersons, Set<String> waiting) {}

    /** Twelve persons of which most vectors are known, and three nobody has seen. */
    private static List<Labelled> world(long seed) {
        return PlantedVectors.around(
                new Random(seed), DIMENSION, 0.9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 5, 4, 6);
    }

    private static boolean isKnown(Labelled vector) {
        return vector.identity() < KNOWN
                && !vector.id().endsWith("-0")
                && !vector.id().endsWith("-1");
    }

    private static PersonSnapshot snapshot(List<Labelled> world, String recluster) {
        Map<String, PersonGroup> groups = new HashMap<>();
        Map<String, String> stamps = new HashMap<>();
        for (Labelled vector : world) {
            if (isKnown(vector)) {
                String person = "person-" + vector.identity();
                stamps.put(person, "1");
                groups.computeIfAbsent(person, p -> new PersonGroup(p, DIMENSION, EXEMPLARS))
                        .add(
                                PersonGroup.memberNumber(vector.id()),
                                vector.vector(),
                                Sighting.UNKNOWN,
                                false);
            }
        }
        return new PersonSnapshot(
                recluster,
                0,
                stamps,
                Map.of(),
                Map.of(SPACE, SpacePersons.of(LinkingParameters.DEFAULT, null, groups)));
    }

    private static Arrival arrival(PersonSnapshot known, Labelled vector, Sighting sighting) {
        return arrival(known, vector, sighting, 1);
    }

    private static Arrival arrival(
            PersonSnapshot known, Labelled vector, Sighting sighting, float quality) {
        Member member =
                new Member(
                        FACES,
                        "_default",
                        vector.id(),
                        "",
                        "m",
                        "r-" + vector.id(),
                        1,
                        false,
                        0,
                        0,
                        Double.NaN,
                        "",
                        0,
                        new String[0],
                        new String[0]);
        Observation observation =
                new Observation(SPACE, vector.vector(), member, sighting, quality);
        try (SimilarityKernel kernel = new SimilarityKernel()) {
            SpacePersons persons = known.space(SPACE);
            String[] candidates =
                    persons == null
                            ? new String[0]
                            : new ExemplarIndex(kernel, persons, DIMENSION)
                                    .candidates(List.of(vector.vector()))[0];
            return new Arrival(observation, 1_000, candidates);
        }
    }

    private static PersonAssigner assigner(PersonSnapshot known) {
        return new PersonAssigner(SPACE, LinkingParameters.DEFAULT, LIMITS, known);
    }

    /** Sends vectors in rounds of a given size; a new assigner takes over after some rounds. */
    private static Outcome send(
            PersonSnapshot known, List<Labelled> vectors, int perRound, int restartAfter) {
        Map<String, String> persons = new TreeMap<>();
        List<RecentJoin> recent = new ArrayList<>();
        Map<String, Arrival> waiting = new HashMap<>();
        int made = 0;
        PersonAssigner assigner = assigner(known);
        int round = 0;
        for (int start = 0; start < vectors.size(); start += perRound) {
            for (Labelled v : vectors.subList(start, Math.min(vectors.size(), start + perRound))) {
                Arrival arrival = arrival(known, v, Sighting.UNKNOWN);
                if (assigner.add(arrival)) {
                    waiting.put(v.id(), arrival);
                }
            }
            PersonAssigner.Round done = assigner.round(2_000);
            made += done.newPersons();
            recent.addAll(done.recent());
            for (PersonJoin join : done.joins()) {
                waiting.remove(join.member().embeddingId());
                String before = persons.put(join.member().embeddingId(), join.personId());
                assertThat(before).isIn(null, join.personId());
            }
            if (++round == restartAfter) {
                assigner.close();
                assigner = assigner(known);
                assigner.restore(waiting.values(), recent);
            }
        }
        Set<String> left = Set.copyOf(assigner.waitingIds());
        assigner.close();
        return new Outcome(persons, made, left);
    }

    private static List<Labelled> unseen(List<Labelled> world) {
        return new ArrayList<>(world.stream().filter(v -> !isKnown(v)).toList());
    }

    private static Set<Set<String>> parts(Map<String, String> personById) {
        return new HashSet<>(
                personById.entrySet().stream()
                        .collect(
                                Collectors.groupingBy(
                                        Map.Entry::getValue,
                                        Collectors.mapping(Map.Entry::getKey, Collectors.toSet())))
                        .values());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whoIsKnownIsFoundAndStrangersBecomeOnePersonEach(long seed) {
        List<Labelled> world = world(seed);
        PersonSnapshot known = snapshot(world, "r1");
        List<Labelled> sent = unseen(world);
        Outcome outcome = send(known, sent, sent.size(), -1);

        assertThat(outcome.waiting()).isEmpty();
        assertThat(outcome.newPersons()).isEqualTo(3);
        for (Labelled vector : sent) {
            if (vector.identity() < KNOWN) {
                assertThat(outcome.personById())
                        .containsEntry(vector.id(), "person-" + vector.identity());
            }
        }
        assertThat(parts(outcome.personById())).isEqualTo(PlantedVectors.truth(sent));
        for (int identity = KNOWN; identity < KNOWN + 3; identity++) {
            int stranger = identity;
            String smallest =
                    sent.stream()
                            .filter(v -> v.identity() == stranger)
                            .map(Labelled::id)
                            .min(String::compareTo)
                            .orElseThrow();
            assertThat(outcome.personById())
                    .containsEntry(smallest, PersonIds.fromSmallestMember(FACES, smallest));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void orderRoundsRepetitionAndRestartsDoNotChangeWhoBelongsTogether(long seed) {
        List<Labelled> world = world(3);
        PersonSnapshot known = snapshot(world, "r1");
        Set<Set<String>> expected = PlantedVectors.truth(unseen(world));
        Random random = new Random(seed);
        List<Labelled> sent = unseen(world);
        sent.addAll(sent.subList(0, 10));
        Collections.shuffle(sent, random);
        Outcome outcome = send(known, sent, 1 + random.nextInt(7), 1 + random.nextInt(5));
        assertThat(parts(outcome.personById())).isEqualTo(expected);
        assertThat(outcome.newPersons()).isEqualTo(3);
        assertThat(outcome.waiting()).isEmpty();
    }

    @Test
    void oneAloneWaitsAndIsLetGoInTheEnd() {
        List<Labelled> world = world(1);
        PersonSnapshot known = snapshot(world, "r1");
        Labelled stranger = world.get(world.size() - 1);
        try (PersonAssigner assigner = assigner(known)) {
            assigner.add(arrival(known, stranger, Sighting.UNKNOWN));
            assertThat(assigner.round(2_000).joins()).isEmpty();
            assertThat(assigner.round(60_999).expired()).isEmpty();
            assertThat(assigner.round(61_000).expired()).hasSize(1);
            assertThat(assigner.waiting()).isZero();
        }
    }

    @Test
    void strangersGatherForAWhileBeforeTheyBecomeAPerson() {
        List<Labelled> world = world(1);
        PersonSnapshot known = snapshot(world, "r1");
        List<Labelled> strangers = world.stream().filter(v -> v.identity() == KNOWN).toList();
        PersonAssigner.Limits settling =
                new PersonAssigner.Limits(500, 60_000, 100, EXEMPLARS, 30_000, 600_000);
        try (PersonAssigner assigner =
                new PersonAssigner(SPACE, LinkingParameters.DEFAULT, settling, known)) {
            assigner.add(arrival(known, strangers.get(0), Sighting.UNKNOWN));
            assigner.add(arrival(known, strangers.get(1), Sighting.UNKNOWN));
            assertThat(assigner.round(2_000).joins()).isEmpty();
            assigner.add(arrival(known, strangers.get(2), Sighting.UNKNOWN));
            assertThat(assigner.round(2_499).joins()).isEmpty();
            assertThat(assigner.round(2_500).joins()).hasSize(3);
        }
    }

    @Test
    void ofMoreThanMayWaitTheOldestAreLetGo() {
        List<Labelled> world =
                PlantedVectors.around(new Random(7), DIMENSION, 0.9, 1, 1, 1, 1, 1, 1);
        PersonSnapshot nobody = new PersonSnapshot("", 0, Map.of(), Map.of(), Map.of());
        PersonAssigner.Limits few =
                new PersonAssigner.Limits(0, 60_000, 4, EXEMPLARS, 30_000, 600_000);
        try (PersonAssigner assigner =
                new PersonAssigner(SPACE, LinkingParameters.DEFAULT, few, nobody)) {
            world.forEach(v -> assigner.add(arrival(nobody, v, Sighting.UNKNOWN)));
            assertThat(assigner.round(2_000).expired()).hasSize(2);
            assertThat(assigner.waiting()).isEqualTo(4);
        }
    }

    @Test
    void twoFacesSideBySideInOnePictureAreTwoPersons() {
        List<Labelled> world = world(2);
        PersonSnapshot known = snapshot(world, "r1");
        Labelled left = world.get(0);
        Labelled right = world.get(1);
        Sighting atLeft = new Sighting(77, 0, 0, 10, 10);
        Sighting atRight = new Sighting(77, 100, 0, 10, 10);
        try (PersonAssigner assigner = assigner(known)) {
            assigner.add(arrival(known, left, atLeft));
            assigner.add(arrival(known, right, atRight));
            List<PersonJoin> joins = assigner.round(2_000).joins();
            assertThat(joins).hasSize(1);
            assertThat(joins.get(0).personId()).isEqualTo("person-0");
            assertThat(assigner.waiting()).isEqualTo(1);
        }
        List<Labelled> strangers = world.stream().filter(v -> v.identity() == KNOWN).toList();
        try (PersonAssigner assigner = assigner(known)) {
            assigner.add(arrival(known, strangers.get(0), atLeft));
            assigner.add(arrival(known, strangers.get(1), atRight));
            assertThat(assigner.round(2_000).joins()).isEmpty();
            // The same face found twice in one picture is one person's.
            assigner.add(arrival(known, strangers.get(2), atLeft));
            assertThat(assigner.round(2_000).joins())
                    .extracting(j -> j.member().embeddingId())
                    .hasSize(2)
                    .contains(strangers.get(2).id());
        }
    }

    @Test
    void facesOfLowQualityJoinButMakeNobody() {
        List<Labelled> world = world(4);
        PersonSnapshot plain = snapshot(world, "r1");
        LinkingParameters strict =
                new LinkingParameters(
                        0.01, 0.75, 0.5, 0.5, Double.NaN, LinkingParameters.FACE_PRIOR);
        PersonSnapshot known =
                new PersonSnapshot(
                        "r1",
                        0,
                        plain.stamps(),
                        Map.of(),
                        Map.of(SPACE, SpacePersons.of(strict, null, plain.space(SPACE).groups())));
        List<Labelled> strangers = world.stream().filter(v -> v.identity() == KNOWN).toList();
        try (PersonAssigner assigner = new PersonAssigner(SPACE, strict, LIMITS, known)) {
            assigner.add(arrival(known, world.get(0), Sighting.UNKNOWN, 0.3f));
            assigner.add(arrival(known, strangers.get(0), Sighting.UNKNOWN, 0.3f));
            assigner.add(arrival(known, strangers.get(1), Sighting.UNKNOWN, 0.3f));
            assertThat(assigner.round(2_000).joins())
                    .extracting(PersonJoin::personId)
                    .containsExactly("person-0");
            assertThat(assigner.waiting()).isEqualTo(2);
        }
    }

    @Test
    void whatTheStoresShowLaterChangesNothingAndABatchIsComparedWith() {
        List<Labelled> world = world(5);
        PersonSnapshot known = snapshot(world, "r1");
        List<Labelled> sent = unseen(world);
        try (PersonAssigner assigner = assigner(known)) {
            sent.forEach(v -> assigner.add(arrival(known, v, Sighting.UNKNOWN)));
            PersonAssigner.Round round = assigner.round(2_000);
            Map<String, String> decided =
                    round.joins().stream()
                            .collect(
                                    Collectors.toMap(
                                            j -> j.member().embeddingId(), PersonJoin::personId));
            assigner.remember(decided);

            // A batch that saw all of it the same way, but for one vector.
            String moved = sent.get(0).id();
            Map<String, PersonGroup> groups = new HashMap<>();
            Map<String, String> stamps = new HashMap<>();
            for (Labelled vector : world) {
                String person =
                        vector.id().equals(moved)
                                ? "person-5"
                                : decided.getOrDefault(vector.id(), "person-" + vector.identity());
                stamps.put(person, "2");
                groups.computeIfAbsent(person, p -> new PersonGroup(p, DIMENSION, EXEMPLARS))
                        .add(
                                PersonGroup.memberNumber(vector.id()),
                                vector.vector(),
                                Sighting.UNKNOWN,
                                false);
            }
            PersonSnapshot later =
                    new PersonSnapshot(
                            "r2",
                            100_000,
                            stamps,
                            Map.of(),
                            Map.of(
                                    SPACE,
                                    SpacePersons.of(LinkingParameters.DEFAULT, null, groups)));
            PersonAssigner.Comparison comparison = assigner.adopt(later, 100_000);
            assertThat(comparison.differing()).isEqualTo(1);
            assertThat(comparison.agreeing()).isEqualTo(sent.size() - 1);
            assertThat(comparison.forgotten()).hasSize(sent.size() - 1).doesNotContain(moved);
            assertThat(assigner.adopt(later, 700_000).forgotten()).containsExactly(moved);
        }
    }

    @Test
    void aPersonThatABatchMergedIsFollowed() {
        List<Labelled> world = world(6);
        PersonSnapshot known = snapshot(world, "r1");
        Arrival arrival = arrival(known, world.get(0), Sighting.UNKNOWN);
        Map<String, PersonGroup> groups = new HashMap<>(known.space(SPACE).groups());
        PersonGroup renamed = new PersonGroup("other", DIMENSION, EXEMPLARS);
        world.stream()
                .filter(v -> v.identity() == 0 && isKnown(v))
                .forEach(
                        v ->
                                renamed.add(
                                        PersonGroup.memberNumber(v.id()),
                                        v.vector(),
                                        Sighting.UNKNOWN,
                                        false));
        groups.remove("person-0");
        groups.put("other", renamed);
        Map<String, String> stamps = new HashMap<>(known.stamps());
        stamps.remove("person-0");
        stamps.put("other", "1");
        PersonSnapshot merged =
                new PersonSnapshot(
                        "r2",
                        0,
                        stamps,
                        Map.of("person-0", "other"),
                        Map.of(SPACE, SpacePersons.of(LinkingParameters.DEFAULT, null, groups)));
        try (PersonAssigner assigner = assigner(merged)) {
            assertThat(arrival.candidates()).contains("person-0");
            assigner.add(arrival);
            assertThat(assigner.round(2_000).joins())
                    .extracting(PersonJoin::personId)
                    .containsExactly("other");
        }
    }
}
