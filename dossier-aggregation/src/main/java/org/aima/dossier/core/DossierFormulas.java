package org.aima.dossier.core;

/**
 * Every formula of the aggregates.
 *
 * <p><b>Times.</b> A person's <i>screen time</i> in a medium is the length of the union of its face
 * results' time ranges, where ranges at most {@code appearances.merge-gap} apart are one; its
 * <i>speech time</i> likewise of its voice results. A subject that is in a medium only without time
 * (every subject of an image is) counts {@code relevance.still} there, once. Times of a dossier are
 * sums over its media, so they are additive over disjoint media.
 *
 * <p><b>Relevance</b> of a person, 0 to 1, in a dossier of M listed media:
 *
 * <pre>
 *   score = confidence * (ws * screen + wv * speech + wm * spread + wp * prominence) / (sum of w)
 *   screen     = own screen time / screen time of all persons
 *   speech     = own speech time / speech time of all persons
 *   spread     = media with the person / M
 *   prominence = mean over its faces of sqrt(box area / frame area), at most 1
 *   confidence = mean confidence of its results, 1 when none has one
 * </pre>
 *
 * A share whose whole is nothing (nobody speaks; no box has a frame) is left out with its weight.
 * More time, more media, larger faces or more confidence, all else equal, never lower a score.
 *
 * <p><b>Events.</b> <i>co_appearance</i>: two persons whose screen times in the same media overlap
 * for at least {@code events.co-appearance}, summed over the dossier. <i>speech</i>: a person's
 * stretches of speech of at least {@code events.speech} each. <i>object</i>: a class detected at
 * least {@code events.object-results} times with a mean confidence of at least {@code
 * events.object-confidence}. <i>scene</i>: a description that lasts at least {@code events.scene}.
 * The confidence of an event is the mean of its results'; of a co-appearance, in each medium, that
 * of the less certain person, weighted by the time together. Events are listed by {@link #weight
 * descending weight}.
 */
public final class DossierFormulas {
    private DossierFormulas() {}

    /**
     * The parts of a person's score; NaN where a part is left out.
     *
     * @param score see above
     */
    public record Relevance(
            double score,
            double screen,
            double speech,
            double spread,
            double prominence,
            double confidence) {}

    /**
     * @param screenOfAll screen time of all persons of the dossier
     * @param listedMedia media of the dossier
     */
    public static Relevance relevance(
            ItemSums person,
            long screenOfAll,
            long speechOfAll,
            long listedMedia,
            AggregationRules.Weights weights) {
        double screen = part(person.screenMillis(), screenOfAll);
        double speech = part(person.speechMillis(), speechOfAll);
        double spread = part(person.media(), listedMedia);
        double prominence =
                part(
                        person.prominenceSum(),
                        Math.multiplyExact(person.prominences(), FixedPoint.ONE));
        double confidence = confidence(person.confidenceSum(), person.confidences());
        double sum = 0;
        double whole = 0;
        double[][] terms = {
            {weights.screen(), screen},
            {weights.speech(), speech},
            {weights.spread(), spread},
            {weights.prominence(), prominence}
        };
        for (double[] term : terms) {
            if (!Double.isNaN(term[1])) {
                sum += term[0] * term[1];
                whole += term[0];
            }
        }
        return new Relevance(
                whole == 0 ? 0 : FixedPoint.round(confidence * sum / whole),
                screen,
                speech,
                spread,
                prominence,
                confidence);
    }

    private static double part(long own, long whole) {
        return whole == 0 ? Double.NaN : Math.min(1, (double) own / whole);
    }

    /** A mean confidence from a sum of millionths; 1 when there is none. */
    public static double confidence(long sum, long count) {
        return count == 0 ? 1 : (double) sum / count / FixedPoint.ONE;
    }

    /** How long a subject is in a medium. */
    public static long extent(long[] spans, long untimed, boolean still, AggregationRules rules) {
        return spans.length == 0 && (untimed > 0 || still)
                ? rules.stillMillis()
                : Spans.length(spans);
    }

    /** Faces' sizes relative to the frame, in millionths, summed. */
    public static long prominence(long sizeSum, long sizes, double frameSize) {
        return Math.min(
                sizes * FixedPoint.ONE,
                Math.round(sizeSum * (FixedPoint.ONE / 1_000.0) / frameSize));
    }

    /** Whether an item is an event. */
    public static boolean isEvent(ItemSums item, AggregationRules rules) {
        return switch (item.kind()) {
            case CO_APPEARANCE -> item.extentMillis() >= rules.coAppearanceMillis();
            case SPEECH -> item.extentMillis() > 0;
            case OBJECT ->
                    item.results() >= rules.objectResults()
                            && confidence(item.confidenceSum(), item.confidences())
                                    >= rules.objectConfidence();
            case SCENE -> item.extentMillis() >= rules.sceneMillis();
            case PERSON, TAG -> false;
        };
    }

    /** Events with more weight come first: seconds times confidence. */
    public static double weight(ItemSums event) {
        return FixedPoint.round(
                FixedPoint.seconds(event.extentMillis())
                        * confidence(event.confidenceSum(), event.confidences()));
    }
}
