package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The vectors of one space that are one person: their sum and number, a few that stand for all, and
 * the pictures they were seen in.
 *
 * <p>Vectors of low quality belong to it without being part of its sum, as in linking; only where
 * there are no others they are. Not for several threads while it changes.
 */
public final class PersonGroup {
    private final String personId;
    private final int mostExemplars;
    private final float[] sum;
    private final List<float[]> exemplars;
    private int count;
    private boolean onlyWeak;
    private int weak;
    private long[] members;
    private int size;
    private long[] frames;
    private float[] boxes;
    private int sighted;

    /**
     * @param mostExemplars vectors that are kept to stand for all
     */
    public PersonGroup(String personId, int dimension, int mostExemplars) {
        this(personId, mostExemplars, new float[dimension], new ArrayList<>());
        this.members = new long[2];
        this.frames = new long[2];
        this.boxes = new float[2 * Sighting.BOX];
    }

    private PersonGroup(String personId, int mostExemplars, float[] sum, List<float[]> exemplars) {
        this.personId = personId;
        this.mostExemplars = mostExemplars;
        this.sum = sum;
        this.exemplars = exemplars;
        this.members = new long[0];
        this.frames = new long[0];
        this.boxes = new float[0];
    }

    /** A copy that may change without this one. */
    public PersonGroup copy() {
        PersonGroup copy =
                new PersonGroup(personId, mostExemplars, sum.clone(), new ArrayList<>(exemplars));
        copy.count = count;
        copy.onlyWeak = onlyWeak;
        copy.weak = weak;
        copy.members = members.clone();
        copy.size = size;
        copy.frames = frames.clone();
        copy.boxes = boxes.clone();
        copy.sighted = sighted;
        return copy;
    }

    /** A number that stands for an embedding id of the space. */
    public static long memberNumber(String embeddingId) {
        return PersonIds.hash(embeddingId);
    }

    /**
     * Adds a vector of unit length.
     *
     * @param weak of too low quality to be part of the sum
     * @return false when it was a member already
     */
    public boolean add(long member, float[] vector, Sighting sighting, boolean weak) {
        int at = Arrays.binarySearch(members, 0, size, member);
        if (at >= 0) {
            return false;
        }
        insertMember(-at - 1, member);
        if (sighting.frame() != 0) {
            insertSighting(sighting);
        }
        this.weak += weak ? 1 : 0;
        if (weak && count > 0 && !onlyWeak) {
            return true;
        }
        if (!weak && onlyWeak) {
            Arrays.fill(sum, 0);
            count = 0;
            exemplars.clear();
        }
        onlyWeak = weak;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += vector[i];
        }
        count++;
        keepIfTelling(vector);
        return true;
    }

    private void insertMember(int at, long member) {
        if (size == members.length) {
            members = Arrays.copyOf(members, Math.max(2, size + size / 2 + 1));
        }
        System.arraycopy(members, at, members, at + 1, size - at);
        members[at] = member;
        size++;
    }

    private void insertSighting(Sighting sighting) {
        int found = Arrays.binarySearch(frames, 0, sighted, sighting.frame());
        int at = found >= 0 ? found : -found - 1;
        if (sighted == frames.length) {
            int room = Math.max(2, sighted + sighted / 2 + 1);
            frames = Arrays.copyOf(frames, room);
            boxes = Arrays.copyOf(boxes, room * Sighting.BOX);
        }
        System.arraycopy(frames, at, frames, at + 1, sighted - at);
        System.arraycopy(
                boxes,
                at * Sighting.BOX,
                boxes,
                (at + 1) * Sighting.BOX,
                (sighted - at) * Sighting.BOX);
        frames[at] = sighting.frame();
        System.arraycopy(sighting.box(), 0, boxes, at * Sighting.BOX, Sighting.BOX);
        sighted++;
    }

    // The exemplars are to be far from each other: a new one takes the place of one of the two that
    // are closest, when it is farther from all than these are from each other.
    private void keepIfTelling(float[] vector) {
        if (exemplars.size() < mostExemplars) {
            exemplars.add(vector);
            return;
        }
        int closest = -1;
        double closestPair = -2;
        double nearest = -2;
        for (int i = 0; i < exemplars.size(); i++) {
            nearest = Math.max(nearest, dot(exemplars.get(i), vector));
            for (int j = i + 1; j < exemplars.size(); j++) {
                double similarity = dot(exemplars.get(i), exemplars.get(j));
                if (similarity > closestPair) {
                    closestPair = similarity;
                    closest = j;
                }
            }
        }
        if (closest >= 0 && nearest < closestPair) {
            exemplars.set(closest, vector);
        }
    }

    /** Whether a picture shows someone of this person beside the face at the sighting. */
    public boolean seenBeside(Sighting sighting) {
        if (sighting.frame() == 0) {
            return false;
        }
        int found = Arrays.binarySearch(frames, 0, sighted, sighting.frame());
        if (found < 0) {
            return false;
        }
        int first = found;
        while (first > 0 && frames[first - 1] == sighting.frame()) {
            first--;
        }
        float[] two = Arrays.copyOf(sighting.box(), 2 * Sighting.BOX);
        for (int at = first; at < sighted && frames[at] == sighting.frame(); at++) {
            System.arraycopy(boxes, at * Sighting.BOX, two, Sighting.BOX, Sighting.BOX);
            if (Sighting.apart(two, 0, Sighting.BOX)) {
                return true;
            }
        }
        return false;
    }

    /** Whether some picture shows someone of each. */
    public boolean seenBeside(PersonGroup other) {
        PersonGroup few = sighted <= other.sighted ? this : other;
        PersonGroup many = few == this ? other : this;
        for (int i = 0; i < few.sighted; i++) {
            int at = i * Sighting.BOX;
            if (many.seenBeside(
                    new Sighting(
                            few.frames[i],
                            few.boxes[at],
                            few.boxes[at + 1],
                            few.boxes[at + 2],
                            few.boxes[at + 3]))) {
                return true;
            }
        }
        return false;
    }

    /** Takes over all of another group. */
    void addAll(PersonGroup other) {
        for (int i = 0; i < other.size; i++) {
            int at = Arrays.binarySearch(members, 0, size, other.members[i]);
            if (at < 0) {
                insertMember(-at - 1, other.members[i]);
            }
        }
        for (int i = 0; i < other.sighted; i++) {
            int at = i * Sighting.BOX;
            insertSighting(
                    new Sighting(
                            other.frames[i],
                            other.boxes[at],
                            other.boxes[at + 1],
                            other.boxes[at + 2],
                            other.boxes[at + 3]));
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.sum[i];
        }
        count += other.count;
        weak += other.weak;
        other.exemplars.forEach(this::keepIfTelling);
    }

    public String personId() {
        return personId;
    }

    /** Vectors in the sum. */
    public int count() {
        return count;
    }

    /** Members, those of low quality included. */
    public int size() {
        return size;
    }

    /** Members of low quality. */
    public int weak() {
        return weak;
    }

    public boolean contains(long member) {
        return Arrays.binarySearch(members, 0, size, member) >= 0;
    }

    /** Calls back for every member's number. */
    public void forEachMember(java.util.function.LongConsumer consumer) {
        for (int i = 0; i < size; i++) {
            consumer.accept(members[i]);
        }
    }

    public List<float[]> exemplars() {
        return exemplars;
    }

    /** Average similarity with a vector. */
    public double average(float[] vector) {
        return dot(sum, vector) / Math.max(1, count);
    }

    /** Average similarity with another group's members. */
    public double average(PersonGroup other) {
        return dot(sum, other.sum) / ((double) Math.max(1, count) * Math.max(1, other.count));
    }

    /** Average similarity of the members with each other and themselves. */
    public double meanSquare() {
        return count <= 1 ? 1 : dot(sum, sum) / ((double) count * count);
    }

    /** Cosine of a vector with the mean. */
    public double cosine(float[] vector) {
        double norm = Math.sqrt(dot(sum, sum));
        return norm == 0 ? 0 : dot(sum, vector) / norm;
    }

    static double dot(float[] a, float[] b) {
        return VectorSet.dot(a, 0, b, 0, a.length);
    }
}
