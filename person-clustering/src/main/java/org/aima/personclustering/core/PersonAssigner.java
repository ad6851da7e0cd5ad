package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gives the new embeddings of one space to persons, in rounds; the only place where that is decided
 * and new persons are made, so that nobody is made twice.
 *
 * <p>A round takes what arrived since the last. Whoever passes the batch's threshold with a person
 * joins it, most similar first. What fits nobody waits; those that wait are linked with each other
 * by the same rule, and two or more that are one person join a known one as a group or become a new
 * person, whose id is derived from the smallest member as in the batch. What finds nobody in time
 * is let go.
 *
 * <p>Two faces side by side in one picture never join one person. The result of a round depends on
 * what is known and what waits, not on the order in which that came.
 *
 * <p>Not for several threads. Holds native memory until it is closed.
 */
public final class PersonAssigner implements AutoCloseable {
    private static final int TILE = 64;

    /**
     * Bounds of time and memory.
     *
     * @param settleMillis how long strangers gather before they become a person: of one medium many
     *     come together, and a person once made is not taken back
     * @param patienceMillis how long an embedding waits for evidence
     * @param mostWaiting how many wait; of more the oldest are let go
     * @param youngMillis how long a new person is compared with everything, because those who name
     *     candidates may not have read it yet
     * @param forgetMillis how long a decision is remembered that the stores never show
     */
    public record Limits(
            long settleMillis,
            long patienceMillis,
            int mostWaiting,
            int mostExemplars,
            long youngMillis,
            long forgetMillis)
            implements java.io.Serializable {}

    /**
     * What a round did.
     *
     * @param joins decisions, in no order
     * @param recent those of them that were not known before, to be restored after a failure
     * @param assigned how many of them went to persons that were known before
     * @param newPersons persons that were made
     * @param expired those that waited in vain
     */
    public record Round(
            List<PersonJoin> joins,
            List<RecentJoin> recent,
            int assigned,
            int newPersons,
            List<Arrival> expired) {}

    /**
     * How earlier decisions compare with a batch that ran since.
     *
     * @param forgotten decisions that the stores show by now
     */
    public record Comparison(List<String> forgotten, int agreeing, int differing) {}

    private static final class Slot {
        private final Arrival arrival;
        private final long member;
        private final boolean weak;
        private final Set<Slot> near = new HashSet<>();
        private boolean fresh = true;
        private long since = -1;
        private boolean ripe;

        Slot(Arrival arrival, boolean weak) {
            this.arrival = arrival;
            this.member = PersonGroup.memberNumber(arrival.observation().member().embeddingId());
            this.weak = weak;
        }

        void age(long now, long settleMillis) {
            since = since < 0 ? now : since;
            if (!ripe && now - since >= settleMillis) {
                ripe = true;
                fresh = true;
            }
        }

        float[] vector() {
            return arrival.observation().vector();
        }

        String id() {
            return arrival.observation().member().embeddingId();
        }
    }

    private record Proposal(Slot slot, PersonGroup group, double score) {}

    private record Edge(Slot a, Slot b, double similarity) {}

    private final LinkingParameters parameters;
    private final Limits limits;
    private final SimilarityKernel kernel = new SimilarityKernel();
    private final Map<String, Slot> waiting = new LinkedHashMap<>();
    private final Map<String, RecentJoin> recent = new HashMap<>();
    private final Map<String, PersonGroup> changed = new HashMap<>();
    private final Map<String, Long> young = new TreeMap<>();
    private final Set<String> touched = new HashSet<>();
    private final Map<Long, String> sample = new HashMap<>();
    private PersonSnapshot snapshot;
    private SpacePersons known;
    private final String space;

    public PersonAssigner(
            String space, LinkingParameters parameters, Limits limits, PersonSnapshot snapshot) {
        this.space = space;
        this.parameters = parameters;
        this.limits = limits;
        this.snapshot = snapshot;
        this.known = knownIn(snapshot);
    }

    private SpacePersons knownIn(PersonSnapshot of) {
        SpacePersons found = of.space(space);
        return found == null ? SpacePersons.none(parameters) : found;
    }

    /** Takes up what an earlier life of this assigner left. */
    public void restore(Collection<Arrival> stillWaiting, Collection<RecentJoin> decided) {
        stillWaiting.forEach(this::add);
        decided.forEach(r -> recent.put(r.embeddingId(), r));
        replay();
    }

    /** Decisions a batch is to be compared with. */
    public void remember(Map<String, String> decisions) {
        decisions.forEach((id, person) -> sample.put(PersonGroup.memberNumber(id), person));
    }

    /** Takes in an embedding for the next round; false when it waits already. */
    public boolean add(Arrival arrival) {
        String id = arrival.observation().member().embeddingId();
        if (waiting.containsKey(id)) {
            return false;
        }
        waiting.put(
                id, new Slot(arrival, arrival.observation().quality() < known.minimumQuality()));
        return true;
    }

    public int waiting() {
        return waiting.size();
    }

    /** Whether some that wait may become a person without anything else coming. */
    public boolean gathers() {
        return waiting.values().stream().anyMatch(s -> !s.ripe && !s.near.isEmpty());
    }

    public long readMillis() {
        return snapshot.readMillis();
    }

    /** Goes on with what the stores show now. */
    public Comparison adopt(PersonSnapshot next, long now) {
        boolean reclustered = !next.recluster().equals(snapshot.recluster());
        snapshot = next;
        known = knownIn(next);
        List<String> forgotten = new ArrayList<>();
        for (RecentJoin join : recent.values()) {
            long age = now - join.decidedMillis();
            if (age > limits.forgetMillis() || (age > limits.youngMillis() && shown(join))) {
                forgotten.add(join.embeddingId());
            }
        }
        forgotten.forEach(recent::remove);
        young.values().removeIf(since -> now - since > limits.youngMillis());
        changed.clear();
        replay();
        for (Slot slot : waiting.values()) {
            // Persons may have changed in any way.
            slot.fresh = true;
            slot.near.clear();
        }
        return reclustered ? compare(forgotten) : new Comparison(forgotten, 0, 0);
    }

    private boolean shown(RecentJoin join) {
        PersonGroup group = known.groups().get(snapshot.resolve(join.personId()));
        return group != null && group.contains(PersonGroup.memberNumber(join.embeddingId()));
    }

    private Comparison compare(List<String> forgotten) {
        int[] found = new int[2];
        known.groups()
                .forEach(
                        (person, group) ->
                                group.forEachMember(
                                        member -> {
                                            String decided = sample.get(member);
                                            if (decided != null) {
                                                found[
                                                        snapshot.resolve(decided).equals(person)
                                                                ? 0
                                                                : 1]++;
                                            }
                                        }));
        sample.clear();
        return new Comparison(forgotten, found[0], found[1]);
    }

    /** Decisions that the stores do not show yet hold all the same. */
    private void replay() {
        for (RecentJoin join : recent.values()) {
            String person = snapshot.resolve(join.personId());
            if (!snapshot.stamps().containsKey(person)) {
                young.merge(person, join.decidedMillis(), Math::max);
            }
            group(person)
                    .add(
                            PersonGroup.memberNumber(join.embeddingId()),
                            join.vector(),
                            join.sighting(),
                            join.weak());
        }
    }

    /** A group that may change. */
    private PersonGroup group(String personId) {
        return changed.computeIfAbsent(
                personId,
                id -> {
                    PersonGroup stored = known.groups().get(id);
                    return stored == null
                            ? new PersonGroup(id, dimension(), limits.mostExemplars())
                            : stored.copy();
                });
    }

    private int dimension() {
        if (!recent.isEmpty()) {
            return recent.values().iterator().next().vector().length;
        }
        return waiting.values().iterator().next().vector().length;
    }

    private @Nullable PersonGroup find(String personId) {
        PersonGroup live = changed.get(personId);
        return live != null ? live : known.groups().get(personId);
    }

    /** Decides what can be decided now. */
    public Round round(long now) {
        Result result = new Result(now);
        waiting.values().forEach(s -> s.age(now, limits.settleMillis()));
        assignToPersons(result);
        linkWaiting(result);
        touched.clear();
        for (PersonJoin join : result.joins) {
            touched.add(join.personId());
        }
        letGo(result);
        waiting.values().forEach(s -> s.fresh = false);
        return new Round(
                result.joins, result.recent, result.assigned, result.newPersons, result.expired);
    }

    private final class Result {
        private final long now;
        private final List<PersonJoin> joins = new ArrayList<>();
        private final List<RecentJoin> recent = new ArrayList<>();
        private final List<Arrival> expired = new ArrayList<>();
        private int assigned;
        private int newPersons;

        Result(long now) {
            this.now = now;
        }
    }

    private void assignToPersons(Result result) {
        List<Proposal> proposals = new ArrayList<>();
        boolean youngTouched = touched.stream().anyMatch(young::containsKey);
        for (Slot slot : waiting.values()) {
            if (slot.fresh || youngTouched || concerned(slot)) {
                Proposal proposal = propose(slot);
                if (proposal != null) {
                    proposals.add(proposal);
                }
            }
        }
        proposals.sort(
                Comparator.comparingDouble(Proposal::score)
                        .reversed()
                        .thenComparing(p -> p.slot().id()));
        for (Proposal proposal : proposals) {
            // Who joined before in this round may have been in the same picture.
            PersonGroup now = find(proposal.group().personId());
            Proposal still =
                    now == null || now.seenBeside(proposal.slot().arrival.observation().sighting())
                            ? propose(proposal.slot())
                            : proposal;
            if (still != null) {
                result.assigned++;
                join(still.slot(), still.group().personId(), result);
            }
        }
    }

    private boolean concerned(Slot slot) {
        for (String candidate : slot.arrival.candidates()) {
            if (touched.contains(candidate)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Proposal propose(Slot slot) {
        Proposal best = null;
        float[] vector = slot.vector();
        Sighting sighting = slot.arrival.observation().sighting();
        for (String person : candidates(List.of(slot))) {
            PersonGroup group = find(person);
            if (group == null || group.contains(slot.member)) {
                if (group != null) {
                    // It is a member already: an event that came again, or after a batch.
                    return new Proposal(slot, group, Double.MAX_VALUE);
                }
                continue;
            }
            double score =
                    known.scale()
                            .score(
                                    group.average(vector),
                                    known.scale().looseness(group.meanSquare()),
                                    1);
            if (score >= known.scale().threshold(Math.max(1, group.count()))
                    && (best == null || score > best.score())
                    && !group.seenBeside(sighting)) {
                best = new Proposal(slot, group, score);
            }
        }
        return best;
    }

    /** In a fixed order, so that of equals always the same is taken. */
    private Set<String> candidates(Collection<Slot> slots) {
        Set<String> persons = new TreeSet<>(young.keySet());
        for (Slot slot : slots) {
            for (String candidate : slot.arrival.candidates()) {
                persons.add(snapshot.resolve(candidate));
            }
        }
        return persons;
    }

    private void join(Slot slot, String personId, Result result) {
        Observation observation = slot.arrival.observation();
        PersonGroup stored = known.groups().get(personId);
        PersonGroup group = group(personId);
        boolean isNew = group.add(slot.member, slot.vector(), observation.sighting(), slot.weak);
        boolean created = !snapshot.stamps().containsKey(personId);
        if (created || stored == null || stored.exemplars().size() < limits.mostExemplars()) {
            young.putIfAbsent(personId, result.now);
        }
        result.joins.add(
                new PersonJoin(
                        personId,
                        created,
                        group.cosine(slot.vector()),
                        observation.member(),
                        slot.arrival.arrivedMillis(),
                        result.now));
        waiting.remove(slot.id());
        if (isNew) {
            RecentJoin decided =
                    new RecentJoin(
                            slot.id(),
                            personId,
                            slot.vector(),
                            observation.sighting(),
                            slot.weak,
                            result.now);
            recent.put(slot.id(), decided);
            result.recent.add(decided);
        }
    }

    private void linkWaiting(Result result) {
        List<Slot> able = new ArrayList<>();
        List<Slot> fresh = new ArrayList<>();
        for (Slot slot : waiting.values()) {
            if (!slot.weak) {
                able.add(slot);
                if (slot.fresh) {
                    fresh.add(slot);
                }
            }
        }
        if (fresh.isEmpty() || able.size() < 2) {
            return;
        }
        findNear(able, fresh);
        Set<Slot> seen = new HashSet<>();
        fresh.sort(Comparator.comparing(Slot::id));
        for (Slot slot : fresh) {
            if (!slot.near.isEmpty() && seen.add(slot)) {
                linkComponent(component(slot, seen), result);
            }
        }
    }

    private void findNear(List<Slot> able, List<Slot> fresh) {
        int dimension = able.get(0).vector().length;
        double candidate = known.scale().candidate();
        float[] all = new float[able.size() * dimension];
        for (int i = 0; i < able.size(); i++) {
            System.arraycopy(able.get(i).vector(), 0, all, i * dimension, dimension);
        }
        kernel.load(all, able.size(), dimension);
        float[] tile = new float[TILE * dimension];
        for (int start = 0; start < fresh.size(); start += TILE) {
            int rows = Math.min(TILE, fresh.size() - start);
            for (int i = 0; i < rows; i++) {
                System.arraycopy(fresh.get(start + i).vector(), 0, tile, i * dimension, dimension);
            }
            float[] product = kernel.multiply(tile, 0, rows);
            for (int i = 0; i < rows; i++) {
                Slot slot = fresh.get(start + i);
                for (int j = 0; j < able.size(); j++) {
                    Slot other = able.get(j);
                    if (product[i * able.size() + j] >= candidate && other != slot) {
                        slot.near.add(other);
                        other.near.add(slot);
                    }
                }
            }
        }
    }

    private static List<Slot> component(Slot from, Set<Slot> seen) {
        List<Slot> component = new ArrayList<>(List.of(from));
        for (int at = 0; at < component.size(); at++) {
            for (Slot near : component.get(at).near) {
                if (seen.add(near)) {
                    component.add(near);
                }
            }
        }
        component.sort(Comparator.comparing(Slot::id));
        return component;
    }

    private void linkComponent(List<Slot> component, Result result) {
        Map<Slot, Cluster> clusters = new HashMap<>();
        for (Slot slot : component) {
            clusters.put(slot, new Cluster(slot));
        }
        List<Edge> edges = new ArrayList<>();
        for (Slot slot : component) {
            for (Slot near : slot.near) {
                if (slot.id().compareTo(near.id()) < 0 && clusters.containsKey(near)) {
                    edges.add(new Edge(slot, near, PersonGroup.dot(slot.vector(), near.vector())));
                }
            }
        }
        edges.sort(
                Comparator.comparingDouble(Edge::similarity)
                        .reversed()
                        .thenComparing(e -> e.a().id())
                        .thenComparing(e -> e.b().id()));
        boolean merged = true;
        while (merged) {
            merged = false;
            for (Edge edge : edges) {
                Cluster a = clusterOf(clusters, edge.a());
                Cluster b = clusterOf(clusters, edge.b());
                if (a != b && passes(a.group, b.group)) {
                    a.takeIn(b, clusters);
                    merged = true;
                }
            }
        }
        Set<Cluster> placed = new HashSet<>();
        for (Slot slot : component) {
            Cluster cluster = clusterOf(clusters, slot);
            if (cluster.slots.size() > 1 && placed.add(cluster)) {
                place(cluster, result);
            }
        }
    }

    private static Cluster clusterOf(Map<Slot, Cluster> clusters, Slot slot) {
        Cluster cluster = clusters.get(slot);
        if (cluster == null) {
            throw new IllegalStateException("no cluster of " + slot.id());
        }
        return cluster;
    }

    private boolean passes(PersonGroup a, PersonGroup b) {
        return score(a, b) >= known.scale().threshold(Math.max(1, Math.max(a.count(), b.count())))
                && !a.seenBeside(b);
    }

    private double score(PersonGroup a, PersonGroup b) {
        return known.scale()
                .score(
                        a.average(b),
                        known.scale().looseness(a.meanSquare()),
                        known.scale().looseness(b.meanSquare()));
    }

    private final class Cluster {
        private final List<Slot> slots = new ArrayList<>();
        private final PersonGroup group;

        Cluster(Slot slot) {
            slots.add(slot);
            group = new PersonGroup("", slot.vector().length, 1);
            group.add(slot.member, slot.vector(), slot.arrival.observation().sighting(), slot.weak);
        }

        void takeIn(Cluster other, Map<Slot, Cluster> clusters) {
            group.addAll(other.group);
            slots.addAll(other.slots);
            other.slots.forEach(s -> clusters.put(s, this));
        }
    }

    private void place(Cluster cluster, Result result) {
        String best = null;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (String person : candidates(cluster.slots)) {
            PersonGroup group = find(person);
            if (group != null && passes(cluster.group, group)) {
                double score = score(cluster.group, group);
                if (score > bestScore) {
                    best = person;
                    bestScore = score;
                }
            }
        }
        cluster.slots.sort(Comparator.comparing(Slot::id));
        if (best == null && cluster.slots.stream().noneMatch(s -> s.ripe)) {
            return;
        }
        if (best == null) {
            best = newId(cluster.slots);
            result.newPersons++;
        } else {
            result.assigned += cluster.slots.size();
        }
        for (Slot slot : cluster.slots) {
            join(slot, best, result);
        }
        cluster.slots.forEach(s -> s.near.forEach(near -> near.near.remove(s)));
    }

    // As in a batch: the id of the smallest member whose id is free.
    private String newId(List<Slot> slots) {
        String fallback = "";
        for (Slot slot : slots) {
            String id =
                    PersonIds.fromSmallestMember(
                            slot.arrival.observation().member().collection(), slot.id());
            if (free(id)) {
                return id;
            }
            fallback = slot.id();
        }
        String id;
        String collection = slots.get(0).arrival.observation().member().collection();
        do {
            fallback = fallback + "'";
            id = PersonIds.fromSmallestMember(collection, fallback);
        } while (!free(id));
        return id;
    }

    private boolean free(String id) {
        return !snapshot.stamps().containsKey(id)
                && !snapshot.merged().containsKey(id)
                && !changed.containsKey(id);
    }

    private void letGo(Result result) {
        List<Slot> oldest = new ArrayList<>(waiting.values());
        oldest.sort(
                Comparator.comparingLong((Slot s) -> s.arrival.arrivedMillis())
                        .thenComparing(Slot::id));
        int tooMany = oldest.size() - limits.mostWaiting();
        for (int i = 0; i < oldest.size(); i++) {
            Slot slot = oldest.get(i);
            if (i >= tooMany
                    && result.now - slot.arrival.arrivedMillis() < limits.patienceMillis()) {
                break;
            }
            waiting.remove(slot.id());
            slot.near.forEach(near -> near.near.remove(slot));
            result.expired.add(slot.arrival);
        }
    }

    /** The state as texts, for tests. */
    List<String> waitingIds() {
        String[] ids = waiting.keySet().toArray(String[]::new);
        Arrays.sort(ids);
        return List.of(ids);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
