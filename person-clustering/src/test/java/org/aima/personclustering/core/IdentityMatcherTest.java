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
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.IdentityMatcher.KnownPerson;
import org.aima.personclustering.core.IdentityMatcher.Match;

/** Ids survive, confirmed members stay, and nobody is counted twice, in random histories. */
class IdentityMatcherTest {
    private static final String FACE = "face_embeddings";

    /** What a run finds: clusters, and the persons an earlier one left. */
    private record Scenario(List<Membership> memberships, List<KnownPerson> persons) {
        static Scenario random(long seed) {
            Random random = new Random(seed);
            int size = 1 + random.nextInt(30);
            Map<String, List<String>> clusters = new HashMap<>();
            List<Membership> memberships = new ArrayList<>();
            Map<Integer, List<String>> owners = new TreeMap<>();
            int clusterCount = 1 + random.nextInt(8);
            int personCount = random.nextInt(8);
            for (int i = 0; i < size; i++) {
                boolean face = random.nextBoolean();
                String collection = face ? FACE : "voice_embeddings";
                String space = collection + "/model-" + random.nextInt(2);
                String id = "e-%02d".formatted(i);
                if (random.nextInt(8) > 0) {
                    String cluster = space + "\0" + random.nextInt(clusterCount);
                    memberships.add(new Membership(space, collection, id, cluster, 1));
                    clusters.computeIfAbsent(cluster, c -> new ArrayList<>()).add(id);
                }
                for (int owner = 0; owner < 1 + random.nextInt(8) / 7; owner++) {
                    if (personCount > 0 && random.nextInt(4) > 0) {
                        owners.computeIfAbsent(random.nextInt(personCount), p -> new ArrayList<>())
                                .add(collection + "/" + id);
                    }
                }
            }
            List<KnownPerson> persons = new ArrayList<>();
            owners.forEach(
                    (owner, members) -> {
                        // Some bear the id a new person of one of their members would get.
                        String id = random.nextBoolean() ? "person-" + owner : idOf(members.get(0));
                        if (persons.stream().noneMatch(p -> p.personId().equals(id))) {
                            persons.add(
                                    new KnownPerson(
                                            id,
                                            random.nextInt(3) == 0,
                                            List.copyOf(new TreeSet<>(members))));
                        }
                    });
            return new Scenario(memberships, persons);
        }

        private static String idOf(String key) {
            int slash = key.indexOf('/');
            return PersonIds.fromSmallestMember(key.substring(0, slash), key.substring(slash + 1));
        }

        Match match() {
            IdentityMatcher matcher = new IdentityMatcher();
            memberships.forEach(matcher::add);
            persons.forEach(matcher::add);
            return matcher.match();
        }

        /** The persons as they are once the outcome was written. */
        List<KnownPerson> after(Match match) {
            Map<String, Set<String>> members = new TreeMap<>();
            match.personByMember()
                    .forEach(
                            (member, person) ->
                                    members.computeIfAbsent(person, p -> new TreeSet<>())
                                            .add(member));
            Map<String, Boolean> confirmed = new HashMap<>();
            Set<String> unseenTaken = new HashSet<>();
            persons.stream()
                    .sorted(
                            java.util.Comparator.comparing((KnownPerson p) -> !p.confirmed())
                                    .thenComparing(KnownPerson::personId))
                    .forEach(
                            p -> {
                                confirmed.put(p.personId(), p.confirmed());
                                if (!match.merged().containsKey(p.personId())) {
                                    Set<String> own =
                                            members.computeIfAbsent(
                                                    p.personId(), x -> new TreeSet<>());
                                    p.members().stream()
                                            .filter(m -> !match.personByMember().containsKey(m))
                                            .filter(unseenTaken::add)
                                            .forEach(own::add);
                                }
                            });
            List<KnownPerson> after = new ArrayList<>();
            members.forEach(
                    (person, keys) ->
                            after.add(
                                    new KnownPerson(
                                            person,
                                            confirmed.getOrDefault(person, false),
                                            List.copyOf(keys))));
            return after;
        }

        private boolean heldByConfirmed(String key) {
            return persons.stream().anyMatch(p -> p.confirmed() && p.members().contains(key));
        }
    }

    @Property
    void everyMemberHasOnePersonThatLives(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        Match match = scenario.match();
        assertThat(match.personByMember()).hasSize(scenario.memberships().size());
        Set<String> known = new HashSet<>(match.created());
        scenario.persons().forEach(p -> known.add(p.personId()));
        assertThat(known).containsAll(match.personByMember().values());
        assertThat(match.merged().keySet())
                .noneMatch(match.merged()::containsValue)
                .noneMatch(match.personByMember()::containsValue);
        assertThat(match.personByMember().values()).containsAll(match.merged().values());
    }

    @Property
    void confirmedMembersNeverMove(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        Match match = scenario.match();
        for (KnownPerson person : scenario.persons()) {
            if (!person.confirmed()) {
                continue;
            }
            assertThat(match.merged()).doesNotContainKey(person.personId());
            for (String member : person.members()) {
                boolean shared =
                        scenario.persons().stream()
                                .anyMatch(
                                        p ->
                                                p != person
                                                        && p.confirmed()
                                                        && p.members().contains(member));
                if (match.personByMember().containsKey(member) && !shared) {
                    assertThat(match.personByMember()).containsEntry(member, person.personId());
                }
            }
        }
    }

    @Property
    void newIdsAreNobodysElse(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        assertThat(scenario.match().created())
                .noneMatch(
                        id -> scenario.persons().stream().anyMatch(p -> p.personId().equals(id)));
    }

    @Property
    void noTwoClustersOfOneSpaceShareAPerson(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        Match match = scenario.match();
        Map<String, String> clusterByPersonAndSpace = new HashMap<>();
        for (Membership m : scenario.memberships()) {
            String key = m.collection() + "/" + m.embeddingId();
            if (!scenario.heldByConfirmed(key)) {
                String slot = match.personByMember().get(key) + "\0" + m.space();
                String before = clusterByPersonAndSpace.put(slot, m.cluster());
                assertThat(before == null || before.equals(m.cluster())).isTrue();
            }
        }
    }

    @Property
    void aClusterWithoutConfirmedMembersIsOnePerson(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        Match match = scenario.match();
        Map<String, String> personByCluster = new HashMap<>();
        for (Membership m : scenario.memberships()) {
            String key = m.collection() + "/" + m.embeddingId();
            if (!scenario.heldByConfirmed(key)) {
                String person = match.personByMember().get(key);
                assertThat(personByCluster.computeIfAbsent(m.cluster(), c -> person))
                        .isEqualTo(person);
            }
        }
    }

    @Property
    void orderOfAddingDoesNotMatter(@ForAll long seed, @ForAll Random random) {
        Scenario scenario = Scenario.random(seed);
        List<Membership> memberships = new ArrayList<>(scenario.memberships());
        List<KnownPerson> persons = new ArrayList<>(scenario.persons());
        Collections.shuffle(memberships, random);
        Collections.shuffle(persons, random);
        assertThat(new Scenario(memberships, persons).match()).isEqualTo(scenario.match());
    }

    @Property
    void matchingItsOwnOutcomeChangesNothing(@ForAll long seed) {
        Scenario scenario = Scenario.random(seed);
        Match first = scenario.match();
        Match second = new Scenario(scenario.memberships(), scenario.after(first)).match();
        assertThat(second.personByMember()).isEqualTo(first.personByMember());
        assertThat(second.created()).isEmpty();
        assertThat(second.merged()).isEmpty();
    }

    private static Membership face(String id, String cluster) {
        return new Membership(FACE + "/m", FACE, id, FACE + "/m\0" + cluster, 1);
    }

    private static KnownPerson person(String id, boolean confirmed, String... members) {
        List<String> keys = new ArrayList<>();
        for (String member : members) {
            keys.add(FACE + "/" + member);
        }
        return new KnownPerson(id, confirmed, keys);
    }

    @Example
    void splitKeepsTheIdWithTheLargerPart() {
        Match match =
                new Scenario(
                                List.of(face("a", "1"), face("b", "2"), face("c", "2")),
                                List.of(person("p", false, "a", "b", "c")))
                        .match();
        assertThat(match.personByMember())
                .containsEntry(FACE + "/b", "p")
                .containsEntry(FACE + "/c", "p")
                .containsEntry(FACE + "/a", PersonIds.fromSmallestMember(FACE, "a"));
        assertThat(match.created()).hasSize(1);
    }

    @Example
    void mergeKeepsTheIdOfTheLargerPartAndNamesTheOther() {
        Match match =
                new Scenario(
                                List.of(face("a", "1"), face("b", "1"), face("c", "1")),
                                List.of(person("p", false, "a"), person("q", false, "b", "c")))
                        .match();
        assertThat(match.personByMember().values()).containsOnly("q");
        assertThat(match.merged()).containsExactly(Map.entry("p", "q"));
    }

    @Example
    void tieGoesToTheConfirmedPerson() {
        Match match =
                new Scenario(
                                List.of(face("a", "1"), face("b", "1"), face("c", "1")),
                                List.of(person("p", false, "a"), person("q", true, "b")))
                        .match();
        assertThat(match.personByMember()).containsEntry(FACE + "/c", "q");
    }

    @Example
    void contradictionIsCountedAndLosesNothing() {
        Match match =
                new Scenario(
                                List.of(face("a", "1"), face("b", "1"), face("c", "1")),
                                List.of(person("p", true, "a"), person("q", true, "b", "c")))
                        .match();
        assertThat(match.contradictions()).isEqualTo(1);
        assertThat(match.personByMember()).containsEntry(FACE + "/a", "p");
    }

    @Example
    void personWhoseRowsWereNotReadIsNotMerged() {
        Match match =
                new Scenario(
                                List.of(face("a", "1")),
                                List.of(person("p", false, "gone"), person("q", false, "a")))
                        .match();
        assertThat(match.merged()).isEmpty();
    }

    @Example
    void personStandsForAMemberThatWasNotRead() {
        Match match =
                new Scenario(
                                List.of(face("a", "1"), face("b", "1"), face("c", "1")),
                                List.of(
                                        person("p", false, "a", "gone"),
                                        person("q", false, "b", "c")))
                        .match();
        assertThat(match.personByMember().values()).containsOnly("q");
        assertThat(match.merged()).isEmpty();
    }
}
