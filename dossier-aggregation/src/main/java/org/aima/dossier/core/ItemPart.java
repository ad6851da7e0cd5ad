package org.aima.dossier.core;

/**
 * An item's part in one medium.
 *
 * @param subject a person, two persons joined by {@link #AND}, a class, a description or a tag
 * @param spans when
 * @param extentMillis how long, stills counted as the rules say
 * @param screenMillis of a person
 * @param speechMillis of a person
 * @param prominences how many results have a size relative to the frame
 * @param prominenceSum in millionths
 */
public record ItemPart(
        ItemKind kind,
        String subject,
        String mediaId,
        long[] spans,
        long extentMillis,
        long screenMillis,
        long speechMillis,
        long results,
        long archived,
        long confidences,
        long confidenceSum,
        long prominences,
        long prominenceSum,
        String[] samples,
        String[] archives) {
    /** Between the two persons of a co-appearance; no id holds this character. */
    public static final char AND = '\u001f';

    /** Time ranges, or one mention of the medium when there are none. */
    public int references() {
        return Math.max(1, Spans.count(spans));
    }

    double meanConfidence() {
        return confidences == 0
                ? 1
                : FixedPoint.round((double) confidenceSum / confidences / FixedPoint.ONE);
    }
}
