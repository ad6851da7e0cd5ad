package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Gives clusters the identities of existing persons, so that ids survive a recluster.
 *
 * <p>Rules, in this order:
 *
 * <ol>
 *   <li>A member of a confirmed person stays with that person, whatever the clusters say.
 *   <li>Clusters and persons are paired by the number of shared members, largest first; ties go to
 *       confirmed persons, then to the smaller person id, then to the smaller cluster key. A person
 *       takes at most one cluster of each space.
 *   <li>A cluster without a person gets a new id from its smallest member whose id is still free.
 *   <li>A found (not confirmed) person whose members all went elsewhere is merged into the person
 *       that took most of them.
 * </ol>
 *
 * <p>Deterministic: depends on the sets given, not on their order.
 */
public final class IdentityMatcher {
    /** An existing person as far as matching goes; members are {@link Member#key() keys}. */
    public record KnownPerson(String personId, boolean confirmed, List<String> members) {}

    /**
     * The outcome.
     *
     * @param personByMember person id by member key
     * @param merged new person id by the id that ends
     * @param contradictions members that a confirmed person holds against their cluster
     */
    public record Match(
            Map<String, String> personByMember,
            Map<String, String> merged,
            int contradictions,
            Set<String> created) {}

    private record Pair(String cluster, String space, KnownPerson person, int shared) {}

    private final Map<String, List<String>> clusters = new TreeMap<>();
    private final Map<String, String> spaces = new HashMap<>();
    private final Map<String, KnownPerson> persons = new TreeMap<>();

    /** Adds one membership. */
    public void add(Membership membership) {
        clusters.computeIfAbsent(membership.cluster(), c -> new ArrayList<>())
                .add(membership.collection() + "/" + membership.embeddingId());
        spaces.put(membership.cluster(), membership.space());
    }

    /** Adds one existing person. */
    public void add(KnownPerson person) {
        persons.put(person.personId(), person);
    }

    public Match match() {
        Map<String, KnownPerson> holder = new HashMap<>();
        for (KnownPerson person : persons.values()) {
            for (String member : person.members()) {
                holder.merge(member, person, IdentityMatcher::stronger);
            }
        }
        Map<String, String> personByCluster = pair(holder);
        Set<String> created = new HashSet<>();
        Map<String, String> personByMember = new HashMap<>();
        Set<String> used = new HashSet<>(persons.keySet());
        int contradictions = 0;
        for (Map.Entry<String, List<String>> cluster : clusters.entrySet()) {
            List<String> members = cluster.getValue();
            members.sort(Comparator.naturalOrder());
            String person = personByCluster.get(cluster.getKey());
            for (String member : members) {
                KnownPerson before = holder.get(member);
                if (before != null && before.confirmed()) {
                    if (person != null && !before.personId().equals(person)) {
                        contradictions++;
                    }
                    personByMember.put(member, before.personId());
                    continue;
                }
                if (person == null) {
                    person = newId(members, holder, used);
                    used.add(person);
                    created.add(person);
                }
                personByMember.put(member, person);
            }
        }
        return new Match(personByMember, merged(holder, personByMember), contradictions, created);
    }

    private Map<String, String> pair(Map<String, KnownPerson> holder) {
        List<Pair> pairs = new ArrayList<>();
        clusters.forEach(
                (cluster, members) -> {
                    Map<String, Integer> shared = new HashMap<>();
                    for (String member : members) {
                        KnownPerson person = holder.get(member);
                        if (person != null) {
                            shared.merge(person.personId(), 1, Integer::sum);
                        }
                    }
                    shared.forEach(
                            (id, count) -> {
                                KnownPerson person = persons.get(id);
                                if (person != null) {
                                    pairs.add(
                                            new Pair(
                                                    cluster,
                                                    spaces.getOrDefault(cluster, ""),
                                                    person,
                                                    count));
                                }
                            });
                });
        pairs.sort(
                Comparator.comparingInt(Pair::shared)
                        .reversed()
                        .thenComparing(p -> !p.person().confirmed())
                        .thenComparing(p -> p.person().personId())
                        .thenComparing(Pair::cluster));
        Map<String, String> personByCluster = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (Pair pair : pairs) {
            String slot = pair.person().personId() + "\0" + pair.space();
            if (!personByCluster.containsKey(pair.cluster()) && taken.add(slot)) {
                personByCluster.put(pair.cluster(), pair.person().personId());
            }
        }
        return personByCluster;
    }

    // The id of the smallest free member; ids of persons that exist are never given again.
    private static String newId(
            List<String> members, Map<String, KnownPerson> holder, Set<String> used) {
        for (String member : members) {
            KnownPerson before = holder.get(member);
            if (before != null && before.confirmed()) {
                continue;
            }
            String id = idOf(member);
            if (!used.contains(id)) {
                return id;
            }
        }
        String id = members.get(0);
        do {
            id = idOf(id + "'");
        } while (used.contains(id));
        return id;
    }

    private static String idOf(String memberKey) {
        int slash = memberKey.indexOf('/');
        return PersonIds.fromSmallestMember(
                slash < 0 ? "" : memberKey.substring(0, slash), memberKey.substring(slash + 1));
    }

    private Map<String, String> merged(
            Map<String, KnownPerson> holder, Map<String, String> personByMember) {
        Map<String, String> merged = new TreeMap<>();
        Set<String> alive = new HashSet<>(personByMember.values());
        for (KnownPerson person : persons.values()) {
            if (person.confirmed() || alive.contains(person.personId())) {
                continue;
            }
            Map<String, Integer> takers = new TreeMap<>();
            boolean unseen = person.members().isEmpty();
            for (String member : person.members()) {
                KnownPerson held = holder.get(member);
                String taker = personByMember.get(member);
                if (taker != null) {
                    takers.merge(taker, 1, Integer::sum);
                } else if (held == null || held.personId().equals(person.personId())) {
                    // A member that was not read now: the person still stands for it.
                    unseen = true;
                }
            }
            if (!unseen) {
                takers.entrySet().stream()
                        .max(
                                Comparator.comparingInt(Map.Entry<String, Integer>::getValue)
                                        .thenComparing(
                                                Map.Entry::getKey, Comparator.reverseOrder()))
                        .ifPresent(e -> merged.put(person.personId(), e.getKey()));
            }
        }
        return merged;
    }

    private static KnownPerson stronger(KnownPerson a, KnownPerson b) {
        if (a.confirmed() != b.confirmed()) {
            return a.confirmed() ? a : b;
        }
        return a.personId().compareTo(b.personId()) <= 0 ? a : b;
    }
}
