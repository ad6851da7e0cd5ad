package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Everything known about one subject in one medium, in bounded size: results are folded into it in
 * any order and in parts.
 *
 * @param results how many results
 * @param archived how many of them are archived
 * @param untimed how many of them say nothing about when
 * @param spans when, see {@link Spans}
 * @param confidences how many results have a confidence
 * @param confidenceSum in millionths
 * @param confidenceMin in millionths; meaningless without confidences
 * @param sizes how many results have a box
 * @param sizeSum of {@link Detection#size}
 * @param samples ids of the first results in order of id
 * @param archives the first files and row groups
 */
public record Facet(
        String mediaId,
        FacetKind kind,
        String subject,
        long results,
        long archived,
        long untimed,
        long[] spans,
        long confidences,
        long confidenceSum,
        long confidenceMin,
        long confidenceMax,
        long sizes,
        long sizeSum,
        String[] samples,
        String[] archives) {
    /** Result ids and archive files that are kept by name; {@code explain} finds the others. */
    public static final int SAMPLES = 3;

    private static final String[] NOTHING = {};

    public String key() {
        return key(mediaId, kind, subject);
    }

    static String key(String mediaId, FacetKind kind, String subject) {
        return mediaId + '\0' + kind.ordinal() + '\0' + subject;
    }

    /** The facets that one result contributes to. */
    public static List<Facet> of(Detection result) {
        List<Facet> facets = new ArrayList<>(3);
        facets.add(of(result, FacetKind.TYPE, result.type()));
        if (!result.personId().isEmpty() && result.type().equals(Detection.FACE)) {
            facets.add(of(result, FacetKind.SCREEN, result.personId()));
        }
        if (!result.personId().isEmpty() && result.type().equals(Detection.VOICE)) {
            facets.add(of(result, FacetKind.SPEECH, result.personId()));
        }
        if (!result.label().isEmpty()) {
            facets.add(
                    of(
                            result,
                            result.type().equals(Detection.SCENE)
                                    ? FacetKind.SCENE
                                    : FacetKind.OBJECT,
                            result.label()));
        }
        for (String tag : new TreeSet<>(List.of(result.tags()))) {
            facets.add(of(result, FacetKind.TAG, tag));
        }
        return facets;
    }

    private static Facet of(Detection result, FacetKind kind, String subject) {
        // Of all types only transcripts are asked when, and then as a whole.
        boolean timed =
                result.timed() && (kind != FacetKind.TYPE || subject.equals(Detection.TRANSCRIPT));
        return new Facet(
                result.mediaId(),
                kind,
                subject,
                1,
                result.archived() ? 1 : 0,
                result.timed() ? 0 : 1,
                timed ? new long[] {result.startMillis(), result.endMillis()} : Spans.NONE,
                result.hasConfidence() ? 1 : 0,
                result.hasConfidence() ? result.confidence() : 0,
                result.hasConfidence() ? result.confidence() : Long.MAX_VALUE,
                result.hasConfidence() ? result.confidence() : Long.MIN_VALUE,
                result.size() > 0 ? 1 : 0,
                result.size(),
                new String[] {result.resultId()},
                result.archived() ? new String[] {result.archive()} : NOTHING);
    }

    /** Time spans without results, as a person's document keeps them. */
    public static Facet remembered(String mediaId, String personId, long[] spans) {
        return bare(mediaId, FacetKind.REMEMBERED, personId, spans);
    }

    static Facet bare(String mediaId, FacetKind kind, String subject, long[] spans) {
        return new Facet(
                mediaId,
                kind,
                subject,
                0,
                0,
                0,
                spans,
                0,
                0,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                0,
                0,
                NOTHING,
                NOTHING);
    }

    /** The smallest and largest confidence of archived results, which are not known one by one. */
    public static Facet extremes(String mediaId, String type, long min, long max) {
        Facet bare = bare(mediaId, FacetKind.TYPE, type, Spans.NONE);
        return new Facet(
                bare.mediaId,
                bare.kind,
                bare.subject,
                0,
                0,
                0,
                bare.spans,
                0,
                0,
                min,
                max,
                0,
                0,
                NOTHING,
                NOTHING);
    }

    /** Archived results of an object class, of which only the number is known. */
    public static Facet archivedClass(
            String mediaId, String name, long count, long confidence, String file) {
        return new Facet(
                mediaId,
                FacetKind.OBJECT,
                name,
                count,
                count,
                count,
                Spans.NONE,
                count,
                count * confidence,
                confidence,
                confidence,
                0,
                0,
                NOTHING,
                new String[] {file});
    }

    /** Both together; commutative and associative. */
    public Facet plus(Facet other, long gap) {
        return new Facet(
                mediaId,
                kind,
                subject,
                results + other.results,
                archived + other.archived,
                untimed + other.untimed,
                Spans.merge(spans, other.spans, gap),
                confidences + other.confidences,
                confidenceSum + other.confidenceSum,
                Math.min(confidenceMin, other.confidenceMin),
                Math.max(confidenceMax, other.confidenceMax),
                sizes + other.sizes,
                sizeSum + other.sizeSum,
                first(samples, other.samples),
                first(archives, other.archives));
    }

    static String[] first(String[] a, String[] b) {
        if (b.length == 0) {
            return a;
        }
        SortedSet<String> both = new TreeSet<>(List.of(a));
        both.addAll(List.of(b));
        return both.stream().limit(SAMPLES).toArray(String[]::new);
    }
}
