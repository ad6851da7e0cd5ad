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
    private static final String VOICE = "voice_embeddings";

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

    @Example
    void asManyMembersAsPossibleKeepTheirPerson() {
        List<Membership> memberships = new ArrayList<>();
        List<String> ofA = new ArrayList<>();
        List<String> ofB = new ArrayList<>();
        for (int i = 0; i < 13; i++) {
            // A shares 5 with the first cluster and 4 with the second, B 4 with the first.
            memberships.add(face("e-" + i, i < 5 || i >= 9 ? "1" : "2"));
            (i < 9 ? ofA : ofB).add("e-" + i);
        }
        Match match =
                new Scenario(
                                memberships,
                                List.of(
                                        person("A", false, ofA.toArray(String[]::new)),
                                        person("B", false, ofB.toArray(String[]::new))))
                        .match();
        assertThat(match.kept()).isEqualTo(8);
        assertThat(match.personByMember())
                .containsEntry(FACE + "/e-5", "A")
                .containsEntry(FACE + "/e-9", "B");
        assertThat(match.moves()).containsExactly(new IdentityMatcher.Move("A", "B", 5, 9));
    }

    private static int mostKept(int[][] shared, int cluster, int takenPersons) {
        if (cluster == shared.length) {
            return 0;
        }
        int most = mostKept(shared, cluster + 1, takenPersons);
        for (int person = 0; person < shared[cluster].length; person++) {
            if ((takenPersons & 1 << person) == 0) {
                int rest = mostKept(shared, cluster + 1, takenPersons | 1 << person);
                most = Math.max(most, shared[cluster][person] + rest);
            }
        }
        return most;
    }

    @Property(tries = 300)
    void keepsAsManyAsTheBestOfAllAssignments(@ForAll long seed) {
        Random random = new Random(seed);
        int[][] shared = new int[1 + random.nextInt(5)][1 + random.nextInt(5)];
        List<Membership> memberships = new ArrayList<>();
        Map<String, List<String>> members = new TreeMap<>();
        for (int i = 0; i < random.nextInt(40); i++) {
            int cluster = random.nextInt(shared.length);
            int person = random.nextInt(shared[0].length + 1);
            memberships.add(face("e-" + i, "" + cluster));
            if (person < shared[0].length) {
                shared[cluster][person]++;
                members.computeIfAbsent("p-" + person, p -> new ArrayList<>()).add("e-" + i);
            }
        }
        List<KnownPerson> persons = new ArrayList<>();
        members.forEach((id, own) -> persons.add(person(id, false, own.toArray(String[]::new))));
        assertThat(new Scenario(memberships, persons).match().kept())
                .isEqualTo(mostKept(shared, 0, 0));
    }

    /** A scenario with what people decided, who speaks, and which ids ended. */
    private record Decided(
            Scenario scenario,
            List<LinkRule> rules,
            Map<String, String> speakers,
            List<PersonAlias> aliases) {
        static Decided random(long seed) {
            Random random = new Random(seed);
            Scenario scenario = Scenario.random(random.nextLong());
            List<String> keys = scenario.memberships().stream().map(Membership::key).toList();
            List<LinkRule> rules = new ArrayList<>();
            for (int i = 0; !keys.isEmpty() && i < random.nextInt(6); i++) {
                rules.add(
                        new LinkRule(
                                random.nextBoolean() ? LinkRule.Kind.TOGETHER : LinkRule.Kind.APART,
                                "constraint " + i,
                                new String[] {keys.get(random.nextInt(keys.size()))},
                                new String[] {keys.get(random.nextInt(keys.size()))}));
            }
            Map<String, String> speakers = new TreeMap<>();
            for (Membership voice : scenario.memberships()) {
                for (Membership face : scenario.memberships()) {
                    if (!voice.collection().equals(FACE)
                            && face.collection().equals(FACE)
                            && random.nextInt(20) == 0) {
                        speakers.put(voice.cluster(), face.cluster());
                    }
                }
            }
            List<PersonAlias> aliases = new ArrayList<>();
            for (String key : keys) {
                if (random.nextInt(3) == 0) {
                    String reason = random.nextBoolean() ? PersonAlias.MERGED : PersonAlias.SPLIT;
                    aliases.add(new PersonAlias(Scenario.idOf(key), "heir", reason));
                }
            }
            return new Decided(scenario, rules, speakers, aliases);
        }

        Match match() {
            IdentityMatcher matcher = new IdentityMatcher();
            scenario.memberships().forEach(matcher::add);
            scenario.persons().forEach(matcher::add);
            rules.forEach(matcher::add);
            aliases.forEach(matcher::add);
            speakers.forEach(matcher::speaks);
            return matcher.match();
        }

        Decided unconfirmed() {
            List<KnownPerson> persons =
                    scenario.persons().stream()
                            .map(p -> new KnownPerson(p.personId(), false, p.members()))
                            .toList();
            return new Decided(
                    new Scenario(scenario.memberships(), persons), rules, speakers, aliases);
        }

        Decided shuffled(Random random) {
            List<Membership> memberships = new ArrayList<>(scenario.memberships());
            List<KnownPerson> persons = new ArrayList<>(scenario.persons());
            List<LinkRule> otherRules = new ArrayList<>(rules);
            List<PersonAlias> otherAliases = new ArrayList<>(aliases);
            for (List<?> list : List.of(memberships, persons, otherRules, otherAliases)) {
                Collections.shuffle(list, random);
            }
            return new Decided(
                    new Scenario(memberships, persons), otherRules, speakers, otherAliases);
        }
    }

    @Property
    void endedIdsAreNeverGivenAgain(@ForAll long seed) {
        Decided decided = Decided.random(seed);
        Set<String> created = decided.match().created();
        assertThat(decided.aliases()).noneMatch(alias -> created.contains(alias.oldId()));
    }

    @Property(tries = 50)
    void confirmedMembersAreKeptWhateverIsDecided(@ForAll long seed) {
        Decided decided = Decided.random(seed);
        Match match = decided.match();
        assertThat(match.confirmedKept()).isEqualTo(match.confirmedMembers());
        assertThat(match.confirmedMembers())
                .isEqualTo(
                        decided.scenario().memberships().stream()
                                .filter(m -> decided.scenario().heldByConfirmed(m.key()))
                                .count());
        for (Membership m : decided.scenario().memberships()) {
            if (decided.scenario().heldByConfirmed(m.key())) {
                String person = match.personByMember().get(m.key());
                assertThat(decided.scenario().persons())
                        .anyMatch(
                                p ->
                                        p.confirmed()
                                                && p.personId().equals(person)
                                                && p.members().contains(m.key()));
            }
        }
    }

    @Property
    void orderOfDecisionsDoesNotMatter(@ForAll long seed, @ForAll Random random) {
        Decided decided = Decided.random(seed);
        assertThat(decided.shuffled(random).match()).isEqualTo(decided.match());
    }

    @Property
    void decidingAgainChangesNothing(@ForAll long seed) {
        // Not so with confirmed persons that contradict clusters: what they gain can bind more.
        Decided decided = Decided.random(seed).unconfirmed();
        Match first = decided.match();
        List<PersonAlias> aliases = new ArrayList<>(decided.aliases());
        first.merged().forEach((o, n) -> aliases.add(new PersonAlias(o, n, PersonAlias.MERGED)));
        Scenario scenario =
                new Scenario(decided.scenario().memberships(), decided.scenario().after(first));
        Match second = new Decided(scenario, decided.rules(), decided.speakers(), aliases).match();
        assertThat(second.personByMember()).isEqualTo(first.personByMember());
        assertThat(second.created()).isEmpty();
        assertThat(second.merged()).isEmpty();
    }

    @Property
    void everyMemberThatHadAPersonIsKeptOrMoved(@ForAll long seed) {
        Decided decided = Decided.random(seed);
        Match match = decided.match();
        long had =
                decided.scenario().memberships().stream()
                        .filter(
                                m ->
                                        decided.scenario().persons().stream()
                                                .anyMatch(p -> p.members().contains(m.key())))
                        .count();
        assertThat(match.kept() + match.moved()).isEqualTo(had);
        assertThat(match.moves())
                .allMatch(m -> !m.from().equals(m.to()) && m.members() <= m.ofMembers());
        match.split()
                .forEach(
                        (to, from) -> {
                            assertThat(match.created()).contains(to);
                            assertThat(match.merged()).doesNotContainKey(from);
                            assertThat(match.moves())
                                    .anyMatch(m -> m.from().equals(from) && m.to().equals(to));
                        });
    }

    @Property
    void whatIsKeptApartIsNeverOnePerson(@ForAll long seed) {
        Decided decided = Decided.random(seed);
        Match match = decided.match();
        Map<String, String> clusters = new HashMap<>();
        decided.scenario().memberships().forEach(m -> clusters.put(m.key(), m.cluster()));
        for (LinkRule rule : decided.rules()) {
            String a = rule.a()[0];
            String b = rule.b()[0];
            // Linking leaves no two in one cluster; a confirmed person keeps even those.
            if (rule.kind() == LinkRule.Kind.APART
                    && !clusters.get(a).equals(clusters.get(b))
                    && !decided.scenario().heldByConfirmed(a)
                    && !decided.scenario().heldByConfirmed(b)) {
                assertThat(match.personByMember().get(a))
                        .as(a + " and " + b)
                        .isNotEqualTo(match.personByMember().get(b));
            }
        }
    }

    private static Membership voice(String id, String cluster) {
        return new Membership(VOICE + "/m", VOICE, id, VOICE + "/m\0" + cluster, 1);
    }

    private static LinkRule rule(LinkRule.Kind kind, String a, String b) {
        return new LinkRule(kind, "constraint", new String[] {a}, new String[] {b});
    }

    /** Three faces and two voices, one of each kind of cluster, where the voice may speak. */
    private static Match heard(boolean speaks, List<KnownPerson> persons, LinkRule... rules) {
        List<Membership> memberships =
                List.of(
                        face("c", "1"),
                        face("b", "1"),
                        face("d", "1"),
                        voice("a", "1"),
                        voice("e", "1"));
        Map<String, String> speakers =
                speaks ? Map.of(VOICE + "/m\0" + 1, FACE + "/m\0" + 1) : Map.of();
        return new Decided(new Scenario(memberships, persons), List.of(rules), speakers, List.of())
                .match();
    }

    @Example
    void speakingVoiceTakesThePersonOfItsFace() {
        List<KnownPerson> persons =
                List.of(
                        person("p", false, "b", "c", "d"),
                        new KnownPerson("q", false, List.of(VOICE + "/a", VOICE + "/e")));
        Match match = heard(true, persons);
        assertThat(match.personByMember().values()).containsOnly("p");
        assertThat(match.merged()).containsExactly(Map.entry("q", "p"));
        assertThat(heard(false, persons).personByMember()).containsEntry(VOICE + "/a", "q");
    }

    @Example
    void speakingVoiceOfAConfirmedPersonGivesItsFaceThePerson() {
        List<KnownPerson> persons =
                List.of(
                        person("p", false, "b", "c", "d"),
                        new KnownPerson("q", true, List.of(VOICE + "/a")));
        assertThat(heard(true, persons).personByMember().values()).containsOnly("q");
    }

    @Example
    void newPersonOfFaceAndVoiceIsNamedAfterItsSmallestFace() {
        String id = PersonIds.fromSmallestMember(FACE, "b");
        assertThat(heard(true, List.of()).personByMember().values()).containsOnly(id);
        assertThat(heard(false, List.of()).personByMember())
                .containsEntry(FACE + "/d", id)
                .containsEntry(VOICE + "/e", PersonIds.fromSmallestMember(VOICE, "a"));
    }

    @Example
    void voiceKeptApartFromAFaceDoesNotSpeakForIt() {
        LinkRule apart = rule(LinkRule.Kind.APART, VOICE + "/e", FACE + "/c");
        assertThat(new HashSet<>(heard(true, List.of(), apart).personByMember().values()))
                .hasSize(2);
    }

    @Example
    void faceAndVoicePutTogetherAreOnePerson() {
        LinkRule together = rule(LinkRule.Kind.TOGETHER, VOICE + "/e", FACE + "/c");
        assertThat(heard(false, List.of(), together).personByMember().values())
                .containsOnly(PersonIds.fromSmallestMember(FACE, "b"));
    }

    @Example
    void confirmedPersonsAreNeverJoined() {
        LinkRule together = rule(LinkRule.Kind.TOGETHER, VOICE + "/e", FACE + "/c");
        List<KnownPerson> persons =
                List.of(person("p", true, "b"), new KnownPerson("q", true, List.of(VOICE + "/a")));
        assertThat(heard(true, persons, together).personByMember())
                .containsEntry(FACE + "/c", "p")
                .containsEntry(FACE + "/b", "p")
                .containsEntry(VOICE + "/a", "q")
                .containsEntry(VOICE + "/e", "q");
    }

    @Example
    void storedPersonIsPartedByWhatIsKeptApart() {
        LinkRule apart = rule(LinkRule.Kind.APART, VOICE + "/e", FACE + "/c");
        Match match =
                heard(
                        false,
                        List.of(
                                new KnownPerson(
                                        "p",
                                        false,
                                        List.of(
                                                FACE + "/b",
                                                FACE + "/c",
                                                FACE + "/d",
                                                VOICE + "/a",
                                                VOICE + "/e"))),
                        apart);
        assertThat(match.personByMember())
                .containsEntry(FACE + "/c", "p")
                .containsEntry(VOICE + "/e", PersonIds.fromSmallestMember(VOICE, "a"));
    }

    @Example
    void voiceBringsNoFaceThatIsKeptApartFromItsPerson() {
        List<Membership> memberships =
                List.of(face("a", "1"), face("b", "2"), voice("v", "1"), voice("w", "1"));
        List<KnownPerson> persons =
                List.of(
                        new KnownPerson(
                                "p", false, List.of(FACE + "/a", VOICE + "/v", VOICE + "/w")));
        Match match =
                new Decided(
                                new Scenario(memberships, persons),
                                List.of(rule(LinkRule.Kind.APART, FACE + "/a", FACE + "/b")),
                                Map.of(VOICE + "/m\0" + 1, FACE + "/m\0" + 2),
                                List.of())
                        .match();
        assertThat(match.personByMember().get(FACE + "/b"))
                .isEqualTo(match.personByMember().get(VOICE + "/v"))
                .isNotEqualTo(match.personByMember().get(FACE + "/a"));
    }
}
