package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Which clusters of one space may not become one, kept up to date while clusters merge.
 *
 * <p>Three reasons: two confirmed persons, a manual cannot-link, two faces side by side in one
 * picture. People outrank pictures: what they put together stays together.
 */
final class MergeRules {
    private static final int[] NONE = {};

    private final UnitVectors vectors;
    private final int[] person;
    private final int[][] tags;
    private final int[][] crowd;
    private final int[] picture;
    private final List<String> personNames = new ArrayList<>(List.of(""));
    private final List<Together> together = new ArrayList<>();

    /** Members that belong together, and who says so. */
    record Together(String source, int[] members) {}

    /** Only what pictures forbid. */
    MergeRules(UnitVectors vectors) {
        this.vectors = vectors;
        int size = vectors.size();
        this.person = new int[size];
        this.tags = new int[size][];
        this.crowd = new int[size][];
        this.picture = new int[size];
        Arrays.fill(tags, NONE);
        Arrays.fill(crowd, NONE);
        gatherPictures();
    }

    MergeRules(VectorSet vectors, Collection<LinkRule> rules, String collection) {
        this(vectors);
        List<LinkRule> ordered = new ArrayList<>(rules);
        ordered.sort(Comparator.comparing(LinkRule::kind).thenComparing(LinkRule::source));
        int tag = 0;
        for (LinkRule rule : ordered) {
            int[] a = indexes(vectors, rule.a(), collection);
            int[] b = indexes(vectors, rule.b(), collection);
            switch (rule.kind()) {
                case CONFIRMED -> confirm(rule.source(), a);
                case TOGETHER -> {
                    int[] both = Arrays.copyOf(a, a.length + b.length);
                    System.arraycopy(b, 0, both, a.length, b.length);
                    together.add(new Together(rule.source(), both));
                }
                case APART -> {
                    mark(a, tag);
                    mark(b, tag + 1);
                    tag += 2;
                }
            }
        }
    }

    private void confirm(String name, int[] members) {
        int number = personNames.size();
        personNames.add(name);
        List<Integer> own = new ArrayList<>();
        for (int member : members) {
            // Listed by two confirmed persons, it stays with the first, as in IdentityMatcher.
            if (person[member] == 0) {
                person[member] = number;
                own.add(member);
            }
        }
        together.add(new Together(name, own.stream().mapToInt(i -> i).toArray()));
    }

    private void mark(int[] members, int tag) {
        for (int member : members) {
            tags[member] = union(tags[member], new int[] {tag});
        }
    }

    private static int[] indexes(VectorSet vectors, String[] keys, String collection) {
        return Arrays.stream(keys)
                .filter(k -> k.startsWith(collection + "/"))
                .mapToInt(k -> vectors.indexOfId(k.substring(collection.length() + 1)))
                .filter(i -> i >= 0)
                .sorted()
                .distinct()
                .toArray();
    }

    // Only pictures that show two persons or more can forbid anything.
    private void gatherPictures() {
        Integer[] seen =
                java.util.stream.IntStream.range(0, vectors.size())
                        .filter(i -> vectors.frame(i) != 0)
                        .boxed()
                        .toArray(Integer[]::new);
        Arrays.sort(
                seen,
                Comparator.comparingLong((Integer i) -> vectors.frame(i)).thenComparing(i -> i));
        int number = 0;
        for (int start = 0; start < seen.length; ) {
            int end = start + 1;
            while (end < seen.length && vectors.frame(seen[end]) == vectors.frame(seen[start])) {
                end++;
            }
            if (end - start > 1) {
                number++;
                for (int i = start; i < end; i++) {
                    picture[seen[i]] = number;
                    crowd[seen[i]] = new int[] {seen[i]};
                }
            }
            start = end;
        }
    }

    /** What people put together, in a fixed order. */
    List<Together> together() {
        return together;
    }

    /** The confirmed person of a cluster, empty when it has none. */
    String personOf(int root) {
        return personNames.get(person[root]);
    }

    /** Whether people keep two clusters apart. */
    boolean forbiddenByPeople(int a, int b) {
        if (person[a] != 0 && person[b] != 0 && person[a] != person[b]) {
            return true;
        }
        for (int tag : tags[a]) {
            if (Arrays.binarySearch(tags[b], tag ^ 1) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether two clusters must stay two. */
    boolean forbidden(int a, int b) {
        return forbiddenByPeople(a, b) || seenTogether(a, b);
    }

    /** Whether some picture shows both clusters side by side. */
    boolean seenTogether(int a, int b) {
        int[] few = crowd[a].length <= crowd[b].length ? crowd[a] : crowd[b];
        int[] many = few == crowd[a] ? crowd[b] : crowd[a];
        for (int member : few) {
            for (int at = firstOf(many, picture[member]);
                    at < many.length && picture[many[at]] == picture[member];
                    at++) {
                if (vectors.apart(member, many[at])) {
                    return true;
                }
            }
        }
        return false;
    }

    private int firstOf(int[] members, int wanted) {
        int low = 0;
        int high = members.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (picture[members[middle]] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Tells that one cluster took the other in. */
    void merged(int into, int from) {
        if (person[into] == 0) {
            person[into] = person[from];
        }
        tags[into] = union(tags[into], tags[from]);
        crowd[into] = mergedCrowd(crowd[into], crowd[from]);
        tags[from] = NONE;
        crowd[from] = NONE;
    }

    private int[] mergedCrowd(int[] a, int[] b) {
        if (b.length == 0) {
            return a;
        }
        if (a.length == 0) {
            return b;
        }
        int[] all = new int[a.length + b.length];
        int i = 0;
        int j = 0;
        for (int at = 0; at < all.length; at++) {
            boolean first = j == b.length || i < a.length && picture[a[i]] <= picture[b[j]];
            all[at] = first ? a[i++] : b[j++];
        }
        return all;
    }

    private static int[] union(int[] a, int[] b) {
        if (b.length == 0) {
            return a;
        }
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return Arrays.stream(all).sorted().distinct().toArray();
    }
}
