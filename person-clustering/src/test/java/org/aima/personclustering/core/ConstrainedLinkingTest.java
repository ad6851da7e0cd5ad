package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.LinkRule.Kind;
import org.aima.personclustering.core.PlantedVectors.Found;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** Whatever vectors say, linking keeps to what people decided and to what one picture shows. */
class ConstrainedLinkingTest {
    private static final String FACE = "face_embeddings";
    private static final int K = 40;
    private static final int DIMENSION = 64;
    private static final double NOISE = 0.5;
    // So noisy that many decisions are close ones.
    private static final double CLOSE = 1.1;
    private static final int SLOTS = 4;

    private static Found cluster(List<Labelled> vectors, Collection<LinkRule> rules) {
        return cluster(vectors, Map.of(), rules, 2);
    }

    private static Found cluster(
            List<Labelled> vectors,
            Map<String, Sighting> sightings,
            Collection<LinkRule> rules,
            int blocks) {
        return link(
                PlantedVectors.sighted(PlantedVectors.blocks(vectors, blocks), sightings), rules);
    }

    private static Found link(List<VectorBlock> blocks, Collection<LinkRule> rules) {
        return PlantedVectors.cluster(blocks, K, LinkingParameters.DEFAULT, rules, FACE);
    }

    private static List<Labelled> identities(Random random, double noise) {
        int[] sizes = IntStream.range(0, 30).map(i -> 1 + random.nextInt(9)).toArray();
        return PlantedVectors.around(random, DIMENSION, noise, sizes);
    }

    private static LinkRule rule(
            Kind kind, String source, Collection<String> a, Collection<String> b) {
        return new LinkRule(kind, source, keys(a), keys(b));
    }

    private static String[] keys(Collection<String> ids) {
        return ids.stream().map(id -> FACE + "/" + id).toArray(String[]::new);
    }

    private static List<String> ids(String[] keys) {
        return Stream.of(keys).map(k -> k.substring(FACE.length() + 1)).toList();
    }

    private static Set<String> clustersOf(Found found, Collection<String> ids) {
        return ids.stream().map(found.clusterById()::get).collect(Collectors.toSet());
    }

    private static List<String> both(LinkRule rule) {
        return Stream.of(rule.a(), rule.b()).flatMap(k -> ids(k).stream()).toList();
    }

    /** Copies of one vector: nothing in them tells them from each other. */
    private static List<Labelled> copies(float[] vector, String name, int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> new Labelled(name + "-" + i, vector, 9_000))
                .toList();
    }

    private static List<String> names(List<Labelled> vectors) {
        return vectors.stream().map(Labelled::id).toList();
    }

    private static List<String> some(List<Labelled> vectors, Random random, int most) {
        return IntStream.range(0, 1 + random.nextInt(most))
                .mapToObj(i -> vectors.get(random.nextInt(vectors.size())).id())
                .distinct()
                .toList();
    }

    /** Rules between random members, most of them about one identity or two. */
    private static List<LinkRule> rules(List<Labelled> vectors, Random random, Kind kind, int n) {
        List<LinkRule> rules = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int identity = random.nextInt(30);
            List<Labelled> near =
                    vectors.stream()
                            .filter(v -> v.identity() == identity || random.nextInt(20) == 0)
                            .toList();
            List<Labelled> from = near.size() < 2 ? vectors : near;
            List<String> a = some(from, random, 3);
            List<String> b = some(from, random, 3).stream().filter(id -> !a.contains(id)).toList();
            if (!b.isEmpty()) {
                rules.add(rule(kind, "constraint " + kind + "-" + i, a, b));
            }
        }
        return rules;
    }

    /** Confirmed persons without a common member, of which each may be several identities. */
    private static List<LinkRule> confirmed(List<Labelled> vectors, Random random, int persons) {
        Map<Integer, List<String>> members = new HashMap<>();
        for (Labelled vector : vectors) {
            int person = (vector.identity() + random.nextInt(2)) % 30;
            if (person < persons && random.nextInt(3) > 0) {
                members.computeIfAbsent(person, p -> new ArrayList<>()).add(vector.id());
            }
        }
        List<LinkRule> rules = new ArrayList<>();
        members.forEach(
                (person, ids) ->
                        rules.add(rule(Kind.CONFIRMED, "person-" + person, ids, List.of())));
        return rules;
    }

    private static void assertApart(Found found, List<LinkRule> rules) {
        for (LinkRule rule : rules) {
            assertThat(clustersOf(found, ids(rule.a())))
                    .doesNotContainAnyElementsOf(clustersOf(found, ids(rule.b())));
        }
    }

    private static void assertConfirmedPersonsAreWholeAndTwo(Found found, List<LinkRule> rules) {
        for (LinkRule rule : rules) {
            assertThat(clustersOf(found, ids(rule.a()))).as(rule.source()).hasSize(1);
        }
        assertThat(rules.stream().flatMap(r -> clustersOf(found, ids(r.a())).stream()).toList())
                .doesNotHaveDuplicates();
    }

    private static boolean listed(Found found, LinkRule rule) {
        return found.raw().contradictions().stream()
                .anyMatch(c -> c.startsWith(rule.source() + " puts "));
    }

    @Property(tries = 10)
    void whatIsKeptApartNeverMeets(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, random.nextBoolean() ? NOISE : CLOSE);
        float[] face = PlantedVectors.direction(random, DIMENSION);
        List<Labelled> one = copies(face, "one", 1 + random.nextInt(12));
        List<Labelled> other = copies(face, "other", 1 + random.nextInt(12));
        vectors.addAll(one);
        vectors.addAll(other);
        // Nobody forbids these anything: they must not become a bridge.
        vectors.addAll(copies(face, "between", random.nextInt(12)));
        List<LinkRule> rules = rules(vectors, random, Kind.APART, 12);
        rules.add(rule(Kind.APART, "constraint twins", names(one), names(other)));
        Found found = cluster(vectors, rules);
        assertApart(found, rules);
        assertThat(found.raw().contradictions()).isEmpty();
        assertThat(clustersOf(cluster(vectors, List.of()), List.of("one-0", "other-0"))).hasSize(1);
    }

    @Property(tries = 10)
    void whatIsPutTogetherIsOne(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, NOISE);
        List<LinkRule> rules = rules(vectors, random, Kind.TOGETHER, 10);
        rules.add(
                rule(
                        Kind.TOGETHER,
                        "constraint strangers",
                        some(vectors, random, 3),
                        some(vectors, random, 3)));
        Found found = cluster(vectors, rules);
        assertThat(rules).allMatch(r -> clustersOf(found, both(r)).size() == 1);
        assertThat(found.raw().contradictions()).isEmpty();
    }

    @Property(tries = 20)
    void contradictionsAreListedAndOnlyThey(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, NOISE);
        List<LinkRule> apart = rules(vectors, random, Kind.APART, 8);
        List<LinkRule> joining = rules(vectors, random, Kind.TOGETHER, 12);
        joining.addAll(confirmed(vectors, random, 6));
        List<LinkRule> all = new ArrayList<>(apart);
        all.addAll(joining);
        Found found = cluster(vectors, all);
        assertApart(found, apart);
        for (LinkRule rule : joining) {
            assertThat(listed(found, rule))
                    .as(rule.source())
                    .isEqualTo(clustersOf(found, both(rule)).size() > 1);
        }
    }

    @Property(tries = 10)
    void confirmedPersonsAreWholeAndTwo(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, random.nextBoolean() ? NOISE : CLOSE);
        List<LinkRule> persons = confirmed(vectors, random, 8);
        List<LinkRule> all = new ArrayList<>(persons);
        all.addAll(rules(vectors, random, Kind.TOGETHER, 10));
        Found found = cluster(vectors, sightings(vectors, random), all, 2);
        assertConfirmedPersonsAreWholeAndTwo(found, persons);
    }

    @Example
    void contradictionNamesWhoForbidsIt() {
        Random random = new Random(1);
        List<Labelled> vectors = identities(random, NOISE);
        float[] face = PlantedVectors.direction(random, DIMENSION);
        vectors.addAll(copies(face, "twin", 4));
        List<LinkRule> rules =
                List.of(
                        rule(Kind.CONFIRMED, "ada", List.of("twin-0"), List.of()),
                        rule(Kind.CONFIRMED, "bob", List.of("twin-1"), List.of()),
                        rule(Kind.TOGETHER, "constraint x", List.of("twin-0"), List.of("twin-1")),
                        rule(Kind.APART, "constraint y", List.of("twin-2"), List.of("twin-3")),
                        rule(Kind.TOGETHER, "constraint z", List.of("twin-2"), List.of("twin-3")));
        assertThat(cluster(vectors, rules).raw().contradictions())
                .containsExactly(
                        "constraint x puts twin-0 and twin-1 together, but they belong to the"
                                + " confirmed persons ada and bob",
                        "constraint z puts twin-2 and twin-3 together, but a constraint keeps them"
                                + " apart");
    }

    @Example
    void memberOfTwoConfirmedPersonsStaysWithTheFirst() {
        Random random = new Random(2);
        List<Labelled> vectors = identities(random, NOISE);
        vectors.addAll(copies(PlantedVectors.direction(random, DIMENSION), "twin", 3));
        List<LinkRule> rules =
                List.of(
                        rule(Kind.CONFIRMED, "bob", List.of("twin-1", "twin-2"), List.of()),
                        rule(Kind.CONFIRMED, "ada", List.of("twin-0", "twin-1"), List.of()));
        Found found = cluster(vectors, rules);
        assertThat(clustersOf(found, List.of("twin-0", "twin-1"))).hasSize(1);
        assertThat(clustersOf(found, List.of("twin-1", "twin-2"))).hasSize(2);
    }

    /** A box in one of a few places side by side; two of one place overlap by more than half. */
    private static Sighting in(long frame, int slot, Random random) {
        return new Sighting(
                frame, slot * 100 + random.nextInt(6), random.nextInt(6), 60 + slot, 80);
    }

    private static int slotOf(Sighting sighting) {
        return (int) sighting.x() / 100;
    }

    private static Map<String, Sighting> sightings(List<Labelled> vectors, Random random) {
        Map<String, Sighting> sightings = new HashMap<>();
        for (Labelled vector : vectors) {
            if (random.nextInt(5) > 0) {
                sightings.put(
                        vector.id(),
                        in(1 + random.nextInt(vectors.size() / 3), random.nextInt(SLOTS), random));
            }
        }
        return sightings;
    }

    @Property(tries = 15)
    void facesSideBySideAreTwo(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, random.nextBoolean() ? NOISE : CLOSE);
        vectors.addAll(copies(PlantedVectors.direction(random, DIMENSION), "copy", 30));
        Map<String, Sighting> sightings = sightings(vectors, random);
        Found found = cluster(vectors, sightings, List.of(), 2);
        Map<String, Integer> slotByPicture = new HashMap<>();
        sightings.forEach(
                (id, sighting) -> {
                    String picture = found.clusterById().get(id) + " in " + sighting.frame();
                    assertThat(slotByPicture.merge(picture, slotOf(sighting), Math::min))
                            .as(picture)
                            .isEqualTo(slotOf(sighting));
                });
    }

    private static Set<String> clustersOfTwins(Sighting first, Sighting second, LinkRule... rules) {
        Random random = new Random(3);
        List<Labelled> vectors = identities(random, NOISE);
        vectors.addAll(copies(PlantedVectors.direction(random, DIMENSION), "twin", 2));
        Found found =
                cluster(vectors, Map.of("twin-0", first, "twin-1", second), List.of(rules), 2);
        return clustersOf(found, List.of("twin-0", "twin-1"));
    }

    @Example
    void overlappingBoxesMayShowOneFace() {
        assertThat(
                        clustersOfTwins(
                                new Sighting(7, 10, 10, 50, 50), new Sighting(7, 15, 12, 50, 50)))
                .hasSize(1);
        assertThat(
                        clustersOfTwins(
                                new Sighting(7, 10, 10, 50, 50), new Sighting(7, 50, 12, 50, 50)))
                .hasSize(2);
        assertThat(
                        clustersOfTwins(
                                new Sighting(7, 10, 10, 50, 50), new Sighting(8, 50, 12, 50, 50)))
                .hasSize(1);
    }

    @Example
    void peopleOutrankPictures() {
        LinkRule rule = rule(Kind.TOGETHER, "constraint 1", List.of("twin-0"), List.of("twin-1"));
        assertThat(
                        clustersOfTwins(
                                new Sighting(7, 10, 10, 50, 50),
                                new Sighting(7, 300, 10, 50, 50),
                                rule))
                .hasSize(1);
    }

    @Property(tries = 10)
    void whatPeoplePutTogetherStaysSoInEveryPicture(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, NOISE);
        List<LinkRule> rules = rules(vectors, random, Kind.TOGETHER, 10);
        Found found = cluster(vectors, sightings(vectors, random), rules, 2);
        assertThat(rules).allMatch(r -> clustersOf(found, both(r)).size() == 1);
        assertThat(found.raw().contradictions()).isEmpty();
    }

    @Property(tries = 8)
    void dependsOnTheSetsOnly(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, CLOSE);
        Map<String, Sighting> sightings = sightings(vectors, random);
        List<LinkRule> rules = new ArrayList<>(confirmed(vectors, random, 5));
        rules.addAll(rules(vectors, random, Kind.TOGETHER, 6));
        rules.addAll(rules(vectors, random, Kind.APART, 6));
        Found expected = cluster(vectors, sightings, rules, 1);
        Collections.shuffle(rules, random);
        List<VectorBlock> blocks =
                new ArrayList<>(
                        PlantedVectors.sighted(PlantedVectors.blocks(vectors, 5), sightings));
        Collections.shuffle(blocks, random);
        Found found = link(blocks, rules);
        assertThat(found.clusters()).isEqualTo(expected.clusters());
        assertThat(found.raw().contradictions()).isEqualTo(expected.raw().contradictions());
    }

    @Property(tries = 8)
    void rulesAndPicturesThatForbidNothingChangeNothing(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> vectors = identities(random, CLOSE);
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, 2);
        Found plain = PlantedVectors.cluster(blocks, K, LinkingParameters.DEFAULT);
        assertThat(link(blocks, List.of()).raw()).usingRecursiveComparison().isEqualTo(plain.raw());
        // Of another collection, of nobody that was read, and one face a picture.
        String known = vectors.get(0).id();
        List<LinkRule> idle =
                List.of(
                        new LinkRule(
                                Kind.TOGETHER,
                                "constraint 1",
                                new String[] {"voice_embeddings/" + known},
                                new String[] {"voice_embeddings/" + vectors.get(1).id()}),
                        rule(Kind.APART, "constraint 2", List.of(known), List.of("unread")),
                        rule(Kind.CONFIRMED, "ada", List.of("unread"), List.of()));
        Map<String, Sighting> alone = new HashMap<>();
        vectors.forEach(v -> alone.put(v.id(), in(alone.size() + 1, 0, random)));
        assertThat(cluster(vectors, alone, idle, 2).raw())
                .usingRecursiveComparison()
                .isEqualTo(plain.raw());
    }
}
