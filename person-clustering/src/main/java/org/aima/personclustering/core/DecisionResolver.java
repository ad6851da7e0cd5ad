package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns what people decided, about embeddings or persons, into rules about embeddings.
 *
 * <p>A person is named by its present id or by one that was merged into another, over any number of
 * merges. Deterministic: depends on the sets given, not on their order.
 */
public final class DecisionResolver {
    private final Map<String, String[]> membersByPerson = new TreeMap<>();
    private final Set<String> confirmed = new HashSet<>();
    private final Map<String, String> mergedInto = new TreeMap<>();
    private final Map<String, PersonConstraint> constraints = new TreeMap<>();
    private final Map<String, PersonConstraint> unusable = new TreeMap<>();

    public void add(KnownIdentity known) {
        ExistingPerson person = known.person();
        if (person != null) {
            membersByPerson.put(person.personId(), person.memberKeys());
            if (person.confirmed()) {
                confirmed.add(person.personId());
            }
        }
        PersonAlias alias = known.alias();
        if (alias != null && alias.reason().equals(PersonAlias.MERGED)) {
            // An id that two aliases name is, in every order of them, the one with the smaller id.
            mergedInto.merge(alias.oldId(), alias.newId(), (x, y) -> x.compareTo(y) <= 0 ? x : y);
        }
        PersonConstraint constraint = known.constraint();
        if (constraint != null) {
            (constraint.usable() ? constraints : unusable).put(constraint.id(), constraint);
        }
    }

    /** Constraints that say nothing, each with what it holds. */
    public List<String> unusable() {
        return unusable.values().stream()
                .map(
                        c ->
                                "constraint "
                                        + c.id()
                                        + ": kind '"
                                        + c.kind()
                                        + "', a '"
                                        + c.a()
                                        + "', b '"
                                        + c.b()
                                        + "'; kind must be must-link or cannot-link, and a and b"
                                        + " an embedding or a person")
                .toList();
    }

    /** Rules for every confirmed person and every constraint. */
    public List<LinkRule> rules() {
        List<LinkRule> rules = new ArrayList<>();
        membersByPerson.forEach(
                (id, members) -> {
                    if (confirmed.contains(id)) {
                        rules.add(
                                new LinkRule(LinkRule.Kind.CONFIRMED, id, members, new String[0]));
                    }
                });
        for (PersonConstraint constraint : constraints.values()) {
            rules.add(
                    new LinkRule(
                            constraint.kind().equals(PersonConstraint.MUST_LINK)
                                    ? LinkRule.Kind.TOGETHER
                                    : LinkRule.Kind.APART,
                            "constraint " + constraint.id(),
                            members(constraint.a()),
                            members(constraint.b())));
        }
        return rules;
    }

    private String[] members(String name) {
        String[] own = membersByPerson.get(current(name));
        if (own != null) {
            return own;
        }
        for (Modality modality : Modality.values()) {
            if (name.startsWith(modality.collection() + "/")) {
                return new String[] {name};
            }
        }
        // Embedding ids are unique over both collections in practice; where one is not, both count.
        return new String[] {
            Modality.FACE.collection() + "/" + name, Modality.VOICE.collection() + "/" + name
        };
    }

    private String current(String personId) {
        String id = personId;
        Set<String> passed = new HashSet<>();
        // An id that stands for a living person is that person, whatever old aliases say.
        while (!membersByPerson.containsKey(id) && mergedInto.containsKey(id) && passed.add(id)) {
            id = mergedInto.get(id);
        }
        return id;
    }
}
