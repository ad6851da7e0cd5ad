package org.aima.dossier.core;

/**
 * What aggregation needs of a media item.
 *
 * @param type video, audio, image
 * @param durationMillis 0 when unknown
 * @param frameSize geometric mean of the frame's sides in pixels, 0 when unknown
 * @param month of its upload in UTC, such as 2026-03; empty when unknown
 */
public record MediumInfo(
        String mediaId, String type, long durationMillis, double frameSize, String month) {
    public static final String IMAGE = "image";
    public static final String UNKNOWN = "unknown";

    static MediumInfo missing(String mediaId) {
        return new MediumInfo(mediaId, UNKNOWN, 0, 0, "");
    }
}
