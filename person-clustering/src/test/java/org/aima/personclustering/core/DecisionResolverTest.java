package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.LinkRule.Kind;

/** Decisions reach the embeddings they mean, by whatever name people gave them. */
class DecisionResolverTest {
    private static KnownIdentity person(String id, boolean confirmed, String... members) {
        return KnownIdentity.of(new ExistingPerson(id, confirmed, members, new byte[0]));
    }

    private static KnownIdentity merged(String from, String to) {
        return KnownIdentity.of(new PersonAlias(from, to, PersonAlias.MERGED));
    }

    private static KnownIdentity split(String from, String to) {
        return KnownIdentity.of(new PersonAlias(from, to, PersonAlias.SPLIT));
    }

    private static KnownIdentity constraint(String kind, String a, String b) {
        return KnownIdentity.of(new PersonConstraint("1", kind, a, b));
    }

    private static List<LinkRule> rules(List<KnownIdentity> known) {
        DecisionResolver resolver = new DecisionResolver();
        known.forEach(resolver::add);
        return resolver.rules();
    }

    /** The members that a name stands for. */
    private static String[] membersOf(String name, KnownIdentity... known) {
        List<KnownIdentity> all = new ArrayList<>(List.of(known));
        all.add(constraint(PersonConstraint.MUST_LINK, name, "face_embeddings/other"));
        return rules(all).stream()
                .filter(r -> r.kind() == Kind.TOGETHER)
                .findFirst()
                .orElseThrow()
                .a();
    }

    @Example
    void memberKeyIsItself() {
        assertThat(membersOf("face_embeddings/a")).containsExactly("face_embeddings/a");
        assertThat(membersOf("voice_embeddings/a")).containsExactly("voice_embeddings/a");
    }

    @Example
    void embeddingIdStandsForBothCollections() {
        assertThat(membersOf("a")).containsExactly("face_embeddings/a", "voice_embeddings/a");
    }

    @Example
    void personIdStandsForItsMembers() {
        assertThat(membersOf("p", person("p", false, "face_embeddings/a", "voice_embeddings/b")))
                .containsExactly("face_embeddings/a", "voice_embeddings/b");
    }

    @Example
    void idMergedSeveralTimesStandsForTheLastPerson() {
        assertThat(
                        membersOf(
                                "p",
                                merged("p", "q"),
                                merged("r", "s"),
                                merged("q", "r"),
                                person("s", false, "face_embeddings/a")))
                .containsExactly("face_embeddings/a");
    }

    @Example
    void livingPersonIsNotItsOldAlias() {
        assertThat(
                        membersOf(
                                "p",
                                merged("p", "q"),
                                person("p", false, "face_embeddings/own"),
                                person("q", false, "face_embeddings/other")))
                .containsExactly("face_embeddings/own");
        assertThat(
                        membersOf(
                                "o",
                                merged("o", "p"),
                                merged("p", "q"),
                                person("p", false, "face_embeddings/own"),
                                person("q", false, "face_embeddings/other")))
                .containsExactly("face_embeddings/own");
    }

    @Example
    void splitIsNotFollowed() {
        assertThat(membersOf("p", split("p", "q"), person("q", false, "face_embeddings/left")))
                .containsExactly("face_embeddings/p", "voice_embeddings/p");
    }

    @Example
    void circleOfAliasesEnds() {
        assertThat(membersOf("p", merged("p", "q"), merged("q", "r"), merged("r", "p")))
                .containsExactly("face_embeddings/p", "voice_embeddings/p");
        assertThat(membersOf("p", merged("p", "p")))
                .containsExactly("face_embeddings/p", "voice_embeddings/p");
    }

    @Example
    void confirmedPersonsAndConstraintsBecomeRules() {
        List<LinkRule> rules =
                rules(
                        List.of(
                                constraint(PersonConstraint.CANNOT_LINK, "p", "q"),
                                person("q", true, "face_embeddings/b"),
                                person("p", false, "face_embeddings/a")));
        assertThat(told(rules))
                .containsExactly(
                        "CONFIRMED q [face_embeddings/b] []",
                        "APART constraint 1 [face_embeddings/a] [face_embeddings/b]");
    }

    private static List<String> told(List<LinkRule> rules) {
        return rules.stream()
                .map(r -> r.kind() + " " + r.source() + " " + List.of(r.a()) + " " + List.of(r.b()))
                .toList();
    }

    @Example
    void twoAliasesOfOneIdAreReadTheSameInEveryOrder() {
        KnownIdentity[] known = {
            merged("p", "r"),
            merged("p", "q"),
            person("q", false, "face_embeddings/q"),
            person("r", false, "face_embeddings/r")
        };
        assertThat(membersOf("p", known)).containsExactly("face_embeddings/q");
        Collections.reverse(java.util.Arrays.asList(known));
        assertThat(membersOf("p", known)).containsExactly("face_embeddings/q");
    }

    @Property
    void orderOfAddingDoesNotMatter(@ForAll long seed) {
        Random random = new Random(seed);
        List<KnownIdentity> known = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String id = "p-" + i;
            if (random.nextBoolean()) {
                known.add(person(id, random.nextBoolean(), "face_embeddings/" + i));
            }
            Stream.of(merged(id, "p-" + random.nextInt(12)), split(id, "p-" + random.nextInt(12)))
                    .filter(alias -> random.nextInt(3) > 0)
                    .forEach(known::add);
            known.add(
                    KnownIdentity.of(
                            new PersonConstraint(
                                    "c-" + i,
                                    random.nextBoolean()
                                            ? PersonConstraint.MUST_LINK
                                            : PersonConstraint.CANNOT_LINK,
                                    "p-" + random.nextInt(12),
                                    "p-" + random.nextInt(12))));
        }
        List<String> expected = told(rules(known));
        Collections.shuffle(known, random);
        assertThat(told(rules(known))).isEqualTo(expected);
    }
}
