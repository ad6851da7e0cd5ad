package org.aima.operate.world;

/** Gives the vectors of persons. */
interface VectorSource {

    int dimension();

    /** The model's name, as results state it. */
    String model();

    /**
     * Writes a vector of unit length.
     *
     * @param row number of the vector among the person's
     * @param track vectors of one track differ less
     * @param frame the same frame of the same track gives the same vector
     * @return how sure a detector would be of it, 0 to 1
     */
    double fill(int person, long row, long track, long frame, float[] vector);
}
