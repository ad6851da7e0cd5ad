package org.aima.personclustering.core;

/**
 * A fixed part of a space: the vectors whose ids hash to it, in order of id.
 *
 * <p>Blocks depend on the data and the block count only, never on parallelism or arrival, and all
 * similarities are computed block against block: that makes every figure reproducible.
 *
 * @param block its number
 * @param vectors rows of {@code dimension} components one after another, unit length
 * @param frames {@link Sighting#frame} of each row
 * @param boxes {@link Sighting#box} of each row, one after another
 * @param tracks {@link Sighting#track} of each row
 * @param quality {@link Observation#quality} of each row
 */
public record VectorBlock(
        String space,
        int block,
        int dimension,
        String[] ids,
        float[] vectors,
        long[] frames,
        float[] boxes,
        long[] tracks,
        float[] quality) {
    /** Rows are addressed by 16 bits within a block. */
    public static final int MAX_ROWS = 1 << 16;

    /** A block whose rows were sighted nowhere in particular, all of the best quality. */
    public VectorBlock(String space, int block, int dimension, String[] ids, float[] vectors) {
        this(
                space,
                block,
                dimension,
                ids,
                vectors,
                new long[ids.length],
                new float[ids.length * Sighting.BOX],
                new long[ids.length],
                best(ids.length));
    }

    private static float[] best(int rows) {
        float[] quality = new float[rows];
        java.util.Arrays.fill(quality, 1);
        return quality;
    }

    public int rows() {
        return ids.length;
    }

    /** A row's address within its space. */
    public static int address(int block, int row) {
        return block << 16 | row;
    }

    public static int blockOf(int address) {
        return address >>> 16;
    }

    public static int rowOf(int address) {
        return address & 0xFFFF;
    }

    /** The block of an id among {@code blocks}; stable over machines and releases. */
    public static int blockFor(String embeddingId, int blocks) {
        // FNV-1a: String.hashCode keeps the order of similar ids and would skew the blocks.
        int hash = 0x811C9DC5;
        for (int i = 0; i < embeddingId.length(); i++) {
            hash = (hash ^ embeddingId.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 15;
        return Integer.remainderUnsigned(hash, blocks);
    }
}
