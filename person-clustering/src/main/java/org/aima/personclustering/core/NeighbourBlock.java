package org.aima.personclustering.core;

import java.util.List;

/**
 * The nearest neighbours of every row of a block, most similar first.
 *
 * @param k neighbours a row; rows with fewer are padded with address -1
 * @param addresses {@code rows * k} addresses, see {@link VectorBlock#address}
 * @param similarities cosines beside them
 * @param audited rows whose exact neighbours follow, to measure recall
 * @param exactAddresses {@code audited rows * k} addresses
 * @param exactSimilarities cosines beside them
 */
public record NeighbourBlock(
        String space,
        int block,
        int k,
        int[] addresses,
        float[] similarities,
        int[] audited,
        int[] exactAddresses,
        float[] exactSimilarities) {

    /** What several tasks found for one block as one, the same in every order. */
    public static NeighbourBlock merge(List<NeighbourBlock> parts) {
        NeighbourBlock first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        NearestLists found = new NearestLists(first.addresses.length / first.k, first.k);
        NearestLists exact = new NearestLists(first.audited.length, first.k);
        for (NeighbourBlock part : parts) {
            offer(found, part.addresses, part.similarities, first.k);
            offer(exact, part.exactAddresses, part.exactSimilarities, first.k);
        }
        return new NeighbourBlock(
                first.space,
                first.block,
                first.k,
                found.addresses(),
                found.similarities(),
                first.audited,
                exact.addresses(),
                exact.similarities());
    }

    private static void offer(NearestLists lists, int[] addresses, float[] similarities, int k) {
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i] != -1) {
                lists.offer(i / k, addresses[i], similarities[i]);
            }
        }
    }
}
