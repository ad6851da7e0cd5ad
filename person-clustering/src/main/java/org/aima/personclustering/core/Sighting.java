package org.aima.personclustering.core;

/**
 * The picture a face was found in, and where in it.
 *
 * @param frame a hash of medium and instant, 0 when the picture or the box is unknown
 * @param track a hash of medium and track, 0 when it belongs to none
 * @param x left edge of the box; all four in one unit, pixels or shares
 */
public record Sighting(long frame, long track, float x, float y, float width, float height) {
    /** Nothing is known. */
    public static final Sighting UNKNOWN = new Sighting(0, 0, 0, 0, 0, 0);

    // Detectors that report one face twice place the boxes on top of each other; the boxes of two
    // persons side by side hardly touch.
    private static final double SAME_FACE = 0.3;

    /** Components of {@link #box()}. */
    public static final int BOX = 4;

    /** A sighting that belongs to no track. */
    public Sighting(long frame, float x, float y, float width, float height) {
        this(frame, 0, x, y, width, height);
    }

    public float[] box() {
        return new float[] {x, y, width, height};
    }

    /**
     * Whether two boxes of one picture are too far apart to show one face: their intersection over
     * union is below 0.3.
     */
    static boolean apart(float[] boxes, int a, int b) {
        double left = Math.max(boxes[a], boxes[b]);
        double top = Math.max(boxes[a + 1], boxes[b + 1]);
        double right = Math.min(boxes[a] + boxes[a + 2], boxes[b] + boxes[b + 2]);
        double bottom = Math.min(boxes[a + 1] + boxes[a + 3], boxes[b + 1] + boxes[b + 3]);
        double shared = Math.max(0, right - left) * Math.max(0, bottom - top);
        double all =
                (double) boxes[a + 2] * boxes[a + 3]
                        + (double) boxes[b + 2] * boxes[b + 3]
                        - shared;
        return shared < SAME_FACE * all;
    }
}
