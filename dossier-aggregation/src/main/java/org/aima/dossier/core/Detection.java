package org.aima.dossier.core;

/**
 * What aggregation needs of an analysis result.
 *
 * @param problem empty, or the reason word why the result cannot be used
 * @param problemDetail what was seen
 * @param personId empty until the result is attributed
 * @param timed whether start and end are known
 * @param startMillis from the medium's beginning
 * @param hasConfidence whether there is one
 * @param confidence in millionths
 * @param size geometric mean of the box's sides in thousandths of a pixel, 0 when unknown
 * @param label the object class or the scene; empty for other types
 * @param archive file and row group of an archived result, empty for a live one
 */
public record Detection(
        String resultId,
        String mediaId,
        String type,
        String problem,
        String problemDetail,
        String personId,
        boolean timed,
        long startMillis,
        long endMillis,
        boolean hasConfidence,
        long confidence,
        long size,
        String label,
        String[] tags,
        String archive) {
    public static final String FACE = "face_detection";
    public static final String VOICE = "speaker_diarization";
    public static final String TRANSCRIPT = "speech_recognition";
    public static final String OBJECT = "object_detection";
    public static final String SCENE = "scene_analysis";

    public Detection of(String person) {
        return new Detection(
                resultId,
                mediaId,
                type,
                problem,
                problemDetail,
                person,
                timed,
                startMillis,
                endMillis,
                hasConfidence,
                confidence,
                size,
                label,
                tags,
                archive);
    }

    public boolean archived() {
        return !archive.isEmpty();
    }
}
