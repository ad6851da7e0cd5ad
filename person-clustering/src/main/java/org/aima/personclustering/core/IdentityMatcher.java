package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jgrapht.alg.matching.MaximumWeightBipartiteMatching;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleWeightedGraph;

/**
 * Gives clusters the identities of existing persons, so that ids survive a recluster.
 *
 * <p>Rules, in this order:
 *
 * <ol>
 *   <li>A member of a confirmed person stays with that person, whatever the clusters say; a cluster
 *       with members of confirmed persons is the one's that has most of them.
 *   <li>All other clusters of a space and persons are paired such that as many members as possible
 *       keep their person: a matching of maximum weight. A person takes at most one cluster of each
 *       space.
 *   <li>Clusters that belong together, because people say so or because a voice is seen speaking,
 *       become one person: the confirmed one, or else the one that keeps most members. A found
 *       person stands for one such group a space: it goes to the group that shares most with it.
 *   <li>What people keep apart never shares a person, unless the members themselves are confirmed:
 *       the cluster with fewer of its members leaves it.
 *   <li>A cluster without a person gets a new id from its smallest member whose id is still free.
 *       Ids that ended are never given again.
 *   <li>A found (not confirmed) person whose members all went elsewhere is merged into the person
 *       that took most of them.
 * </ol>
 *
 * <p>Deterministic: depends on the sets given, not on their order. Cost: O(m) for m members, and
 * O(v (e + v log v)) for each group of v clusters and persons that share members over e pairs.
 */
public final class IdentityMatcher {
    /** An existing person as far as matching goes; members are {@link Member#key() keys}. */
    public record KnownPerson(String personId, boolean confirmed, List<String> members) {}

    /** Members that left one person for another in this run. */
    public record Move(String from, String to, int members, int ofMembers) {}

    /**
     * The outcome.
     *
     * @param personByMember person id by member key
     * @param merged new person id by the id that ends
     * @param contradictions members that a confirmed person holds against their cluster
     * @param created ids given for the first time
     * @param kept members that had a person and keep it
     * @param moves members that had a person and get another, largest first
     * @param split persons that go on and of whose members some are a new person's now, by that new
     *     person
     * @param confirmedMembers members of confirmed persons among those read
     * @param confirmedKept how many of them stay
     */
    public record Match(
            Map<String, String> personByMember,
            Map<String, String> merged,
            int contradictions,
            Set<String> created,
            long kept,
            List<Move> moves,
            Map<String, String> split,
            long confirmedMembers,
            long confirmedKept) {

        public long moved() {
            return moves.stream().mapToLong(Move::members).sum();
        }
    }

    private record Pair(String cluster, String person, int shared) {}

    private final Map<String, List<String>> clusters = new TreeMap<>();
    private final Map<String, String> spaces = new HashMap<>();
    private final Map<String, KnownPerson> persons = new TreeMap<>();
    private final Set<String> ended = new HashSet<>();
    private final List<LinkRule> rules = new ArrayList<>();
    private final Map<String, String> speakers = new TreeMap<>();

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

    /** Adds what became of an id. */
    public void add(PersonAlias alias) {
        ended.add(alias.oldId());
    }

    /** Adds a decision of people. */
    public void add(LinkRule rule) {
        rules.add(rule);
    }

    /** Adds that a cluster of voices belongs to a cluster of faces. */
    public void speaks(String voiceCluster, String faceCluster) {
        speakers.put(voiceCluster, faceCluster);
    }

    public Match match() {
        clusters.values().forEach(members -> members.sort(Comparator.naturalOrder()));
        Map<String, KnownPerson> holder = new HashMap<>();
        for (KnownPerson person : persons.values()) {
            for (String member : person.members()) {
                holder.merge(member, person, IdentityMatcher::stronger);
            }
        }
        Bundles bundles = new Bundles();
        Map<String, String> personByCluster = pair(holder, bundles);
        bundles.decide(personByCluster);
        Set<String> created = new HashSet<>();
        Map<String, String> personByMember = new HashMap<>();
        Set<String> used = new HashSet<>(persons.keySet());
        used.addAll(ended);
        int contradictions = 0;
        for (Map.Entry<String, List<String>> cluster : clusters.entrySet()) {
            String bundle = bundles.of(cluster.getKey());
            String person = personByCluster.get(bundle);
            for (String member : cluster.getValue()) {
                KnownPerson before = holder.get(member);
                if (before != null && before.confirmed()) {
                    if (person != null && !before.personId().equals(person)) {
                        contradictions++;
                    }
                    personByMember.put(member, before.personId());
                    continue;
                }
                if (person == null) {
                    person = newId(bundles.members(bundle), holder, used);
                    used.add(person);
                    created.add(person);
                    personByCluster.put(bundle, person);
                }
                personByMember.put(member, person);
            }
        }
        return outcome(holder, personByMember, contradictions, created);
    }

    private Match outcome(
            Map<String, KnownPerson> holder,
            Map<String, String> personByMember,
            int contradictions,
            Set<String> created) {
        Map<String, String> merged = merged(holder, personByMember);
        Map<String, Integer> moved = new TreeMap<>();
        Map<String, Integer> sizes = new HashMap<>();
        long kept = 0;
        long confirmedMembers = 0;
        long confirmedKept = 0;
        for (Map.Entry<String, String> entry : personByMember.entrySet()) {
            KnownPerson before = holder.get(entry.getKey());
            if (before == null) {
                continue;
            }
            boolean stays = before.personId().equals(entry.getValue());
            kept += stays ? 1 : 0;
            confirmedMembers += before.confirmed() ? 1 : 0;
            confirmedKept += before.confirmed() && stays ? 1 : 0;
            sizes.merge(before.personId(), 1, Integer::sum);
            if (!stays) {
                moved.merge(before.personId() + "\0" + entry.getValue(), 1, Integer::sum);
            }
        }
        List<Move> moves = new ArrayList<>();
        Map<String, String> split = new TreeMap<>();
        moved.forEach(
                (pair, count) -> {
                    int at = pair.indexOf('\0');
                    String from = pair.substring(0, at);
                    String to = pair.substring(at + 1);
                    moves.add(new Move(from, to, count, sizes.getOrDefault(from, count)));
                    if (created.contains(to) && !merged.containsKey(from)) {
                        split.put(to, from);
                    }
                });
        moves.sort(
                Comparator.comparingInt(Move::members)
                        .reversed()
                        .thenComparing(Move::from)
                        .thenComparing(Move::to));
        return new Match(
                personByMember,
                merged,
                contradictions,
                created,
                kept,
                moves,
                split,
                confirmedMembers,
                confirmedKept);
    }

    /** Person by cluster: rule 1, then rule 2 for each space on its own. */
    private Map<String, String> pair(Map<String, KnownPerson> holder, Bundles bundles) {
        Map<String, String> personByCluster = new HashMap<>();
        Set<String> taken = new HashSet<>();
        Map<String, List<Pair>> open = new TreeMap<>();
        List<Pair> confirmed = new ArrayList<>();
        clusters.forEach(
                (cluster, members) -> {
                    Map<String, Integer> shared = new TreeMap<>();
                    for (String member : members) {
                        KnownPerson person = holder.get(member);
                        if (person != null) {
                            shared.merge(person.personId(), 1, Integer::sum);
                        }
                    }
                    shared.forEach(
                            (id, count) ->
                                    (isConfirmed(id)
                                                    ? confirmed
                                                    : open.computeIfAbsent(
                                                            spaceOf(cluster),
                                                            s -> new ArrayList<>()))
                                            .add(new Pair(cluster, id, count)));
                });
        confirmed.sort(
                Comparator.comparingInt(Pair::shared)
                        .reversed()
                        .thenComparing(Pair::person)
                        .thenComparing(Pair::cluster));
        for (Pair pair : confirmed) {
            if (!personByCluster.containsKey(pair.cluster())
                    && taken.add(pair.person() + "\0" + spaceOf(pair.cluster()))) {
                personByCluster.put(pair.cluster(), pair.person());
            }
        }
        bundles.part(personByCluster);
        open.values()
                .forEach(
                        pairs -> {
                            pairs.removeIf(p -> personByCluster.containsKey(p.cluster()));
                            matching(pairs)
                                    .forEach(p -> personByCluster.put(p.cluster(), p.person()));
                        });
        return personByCluster;
    }

    private boolean isConfirmed(String personId) {
        KnownPerson person = persons.get(personId);
        return person != null && person.confirmed();
    }

    private String spaceOf(String cluster) {
        return spaces.getOrDefault(cluster, "");
    }

    private static Collection<Pair> matching(List<Pair> pairs) {
        Map<String, List<Pair>> byCluster = new TreeMap<>();
        Map<String, List<Pair>> byPerson = new TreeMap<>();
        for (Pair pair : pairs) {
            byCluster.computeIfAbsent(pair.cluster(), c -> new ArrayList<>()).add(pair);
            byPerson.computeIfAbsent(pair.person(), p -> new ArrayList<>()).add(pair);
        }
        List<Pair> chosen = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String start : byCluster.keySet()) {
            if (seen.contains(start)) {
                continue;
            }
            List<Pair> group = new ArrayList<>();
            List<String> queue = new ArrayList<>(List.of(start));
            seen.add(start);
            Set<String> persons = new HashSet<>();
            for (int at = 0; at < queue.size(); at++) {
                for (Pair pair : byCluster.getOrDefault(queue.get(at), List.of())) {
                    group.add(pair);
                    if (persons.add(pair.person())) {
                        for (Pair other : byPerson.getOrDefault(pair.person(), List.of())) {
                            if (seen.add(other.cluster())) {
                                queue.add(other.cluster());
                            }
                        }
                    }
                }
            }
            chosen.addAll(best(group));
        }
        return chosen;
    }

    private static Collection<Pair> best(List<Pair> group) {
        group.sort(
                Comparator.comparingInt(Pair::shared)
                        .reversed()
                        .thenComparing(Pair::person)
                        .thenComparing(Pair::cluster));
        boolean oneSided =
                group.stream().map(Pair::cluster).distinct().count() == 1
                        || group.stream().map(Pair::person).distinct().count() == 1;
        if (oneSided) {
            return List.of(group.get(0));
        }
        SimpleWeightedGraph<String, DefaultWeightedEdge> graph =
                new SimpleWeightedGraph<>(DefaultWeightedEdge.class);
        Set<String> left = new LinkedHashSet<>();
        Set<String> right = new LinkedHashSet<>();
        Map<DefaultWeightedEdge, Pair> pairByEdge = new HashMap<>();
        for (Pair pair : group) {
            String cluster = "c" + pair.cluster();
            String person = "p" + pair.person();
            if (left.add(cluster)) {
                graph.addVertex(cluster);
            }
            if (right.add(person)) {
                graph.addVertex(person);
            }
            DefaultWeightedEdge edge = graph.addEdge(cluster, person);
            graph.setEdgeWeight(edge, pair.shared());
            pairByEdge.put(edge, pair);
        }
        List<Pair> chosen = new ArrayList<>();
        for (DefaultWeightedEdge edge :
                new MaximumWeightBipartiteMatching<>(graph, left, right).getMatching().getEdges()) {
            Pair pair = pairByEdge.get(edge);
            if (pair != null) {
                chosen.add(pair);
            }
        }
        return chosen;
    }

    /** Clusters that become one person. */
    private final class Bundles {
        private final Map<String, String> parent = new HashMap<>();
        private final Map<String, TreeSet<String>> contents = new HashMap<>();

        private final List<LinkRule> ordered = new ArrayList<>(rules);
        private final Map<String, String> clusterOf = new HashMap<>();
        private final List<Set<String>> sides = new ArrayList<>();

        Bundles() {
            clusters.keySet().forEach(c -> contents.put(c, new TreeSet<>(Set.of(c))));
            if (!rules.isEmpty()) {
                clusters.forEach((c, members) -> members.forEach(m -> clusterOf.put(m, c)));
            }
            ordered.sort(Comparator.comparing(LinkRule::source));
            for (LinkRule rule : ordered) {
                if (rule.kind() == LinkRule.Kind.APART) {
                    sides.add(clustersOf(rule.a()));
                    sides.add(clustersOf(rule.b()));
                }
            }
        }

        /** Joins clusters by rules and speech and settles one person for each bundle. */
        void decide(Map<String, String> personByCluster) {
            Map<String, String> matched = new TreeMap<>(personByCluster);
            personByCluster.values().removeIf(p -> !isConfirmed(p));
            for (LinkRule rule : ordered) {
                if (rule.kind() == LinkRule.Kind.TOGETHER) {
                    Set<String> all = clustersOf(rule.a());
                    all.addAll(clustersOf(rule.b()));
                    String first = null;
                    for (String cluster : all) {
                        first = first == null ? cluster : first;
                        join(first, cluster, personByCluster, true);
                    }
                }
            }
            speakers.forEach((voice, face) -> join(face, voice, personByCluster, false));
            settle(matched, personByCluster);
        }

        /**
         * Gives each bundle that has no confirmed person the one of its clusters' persons that it
         * shares most members with. Bundles of one space never get the same: linking left them two.
         */
        private void settle(Map<String, String> matched, Map<String, String> personByCluster) {
            Map<String, Set<String>> wanted = new TreeMap<>();
            matched.forEach(
                    (cluster, person) -> {
                        if (!isConfirmed(person) && !personByCluster.containsKey(of(cluster))) {
                            wanted.computeIfAbsent(of(cluster), b -> new TreeSet<>()).add(person);
                        }
                    });
            List<Pair> wishes = new ArrayList<>();
            wanted.forEach(
                    (bundle, own) ->
                            own.forEach(p -> wishes.add(new Pair(bundle, p, shared(bundle, p)))));
            wishes.sort(
                    Comparator.comparingInt(Pair::shared)
                            .reversed()
                            .thenComparing(Pair::person)
                            .thenComparing(Pair::cluster));
            Map<String, List<String>> bearers = new HashMap<>();
            for (Pair wish : wishes) {
                List<String> others =
                        bearers.computeIfAbsent(wish.person(), p -> new ArrayList<>());
                if (!personByCluster.containsKey(wish.cluster())
                        && others.stream().noneMatch(o -> areTwo(o, wish.cluster()))) {
                    personByCluster.put(wish.cluster(), wish.person());
                    others.add(wish.cluster());
                }
            }
        }

        private boolean areTwo(String a, String b) {
            Set<String> spacesOfA = new HashSet<>();
            contents.getOrDefault(a, new TreeSet<>()).forEach(c -> spacesOfA.add(spaceOf(c)));
            return contents.getOrDefault(b, new TreeSet<>()).stream()
                            .anyMatch(c -> spacesOfA.contains(spaceOf(c)))
                    || apart(c -> of(c).equals(a), c -> of(c).equals(b));
        }

        /** Takes a person from one of two clusters that people keep apart. */
        void part(Map<String, String> personByCluster) {
            for (int i = 0; i < sides.size(); i += 2) {
                for (String one : sides.get(i)) {
                    for (String other : sides.get(i + 1)) {
                        String person = personByCluster.get(one);
                        if (person != null
                                && !one.equals(other)
                                && person.equals(personByCluster.get(other))) {
                            int byShared =
                                    Integer.compare(shared(one, person), shared(other, person));
                            boolean first =
                                    byShared < 0 || byShared == 0 && one.compareTo(other) > 0;
                            personByCluster.remove(first ? one : other);
                        }
                    }
                }
            }
        }

        private Set<String> clustersOf(String[] members) {
            Set<String> found = new TreeSet<>();
            for (String member : members) {
                String cluster = clusterOf.get(member);
                if (cluster != null) {
                    found.add(cluster);
                }
            }
            return found;
        }

        private void join(
                String one, String other, Map<String, String> personByCluster, boolean manual) {
            if (!contents.containsKey(of(one)) || !contents.containsKey(of(other))) {
                return;
            }
            String a = of(one);
            String b = of(other);
            boolean sameSpace = spaceOf(one).equals(spaceOf(other));
            if (a.equals(b) || (manual && sameSpace)) {
                // Within a space linking has already joined what may be joined.
                return;
            }
            // So far only confirmed persons are given.
            String personA = personByCluster.get(a);
            String personB = personByCluster.get(b);
            if (personA != null && personB != null && !personA.equals(personB)) {
                return;
            }
            if (apart(group(a, personByCluster), group(b, personByCluster))) {
                return;
            }
            String confirmed = personA == null ? personB : personA;
            String root = a.compareTo(b) <= 0 ? a : b;
            String gone = root.equals(a) ? b : a;
            parent.put(gone, root);
            contents.getOrDefault(root, new TreeSet<>())
                    .addAll(contents.getOrDefault(gone, new TreeSet<>()));
            contents.remove(gone);
            personByCluster.remove(gone);
            if (confirmed != null) {
                personByCluster.put(root, confirmed);
            }
        }

        private int shared(String bundle, String personId) {
            KnownPerson person = persons.get(personId);
            if (person == null) {
                return 0;
            }
            Set<String> own = new HashSet<>(person.members());
            return (int) members(bundle).stream().filter(own::contains).count();
        }

        private boolean apart(Predicate<String> a, Predicate<String> b) {
            for (int i = 0; i < sides.size(); i += 2) {
                Set<String> one = sides.get(i);
                Set<String> other = sides.get(i + 1);
                if (one.stream().anyMatch(a) && other.stream().anyMatch(b)
                        || one.stream().anyMatch(b) && other.stream().anyMatch(a)) {
                    return true;
                }
            }
            return false;
        }

        // A bundle with a confirmed person answers for all that have the person.
        private Predicate<String> group(String bundle, Map<String, String> personByCluster) {
            String person = personByCluster.get(bundle);
            return cluster ->
                    of(cluster).equals(bundle)
                            || (person != null && person.equals(personByCluster.get(of(cluster))));
        }

        String of(String cluster) {
            String at = cluster;
            for (String up = parent.get(at); up != null; up = parent.get(at)) {
                at = up;
            }
            return at;
        }

        List<String> members(String bundle) {
            List<String> all = new ArrayList<>();
            for (String cluster : contents.getOrDefault(bundle, new TreeSet<>())) {
                all.addAll(clusters.getOrDefault(cluster, List.of()));
            }
            all.sort(Comparator.naturalOrder());
            return all;
        }
    }

    // The id of the smallest free member; ids of persons that exist or ended are never given again.
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
