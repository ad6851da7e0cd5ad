package org.aima.personclustering.core;

/** Unit vectors by index, with the pictures they were seen in: what rounds of merges work on. */
interface UnitVectors {
    int size();

    int dimension();

    /** Reads a vector. */
    void read(int index, float[] into);

    /** The picture a vector was found in, 0 when unknown. */
    long frame(int index);

    /** Whether two vectors of one picture show two faces. */
    boolean apart(int a, int b);
}
