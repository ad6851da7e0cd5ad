package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.personclustering.core.TimeRanges.Range;

/**
 * Weighs, within one medium, which faces are seen while a voice is heard.
 *
 * <p>Speech is cut into pieces of at most five seconds. A piece counts when any face is seen in it.
 * If the face is the speaker's, it is seen in a share {@link #ON_SCREEN} of the pieces and
 * otherwise as often as while others speak, b; if not, as often as while others speak. So a piece
 * with the face weighs {@code ln((p + (1 - p) b) / b)} and one without {@code ln(1 - p)}. A face
 * that is always seen, as in a shot of two, gives no evidence; a crowd gives every face the same. A
 * face that is nowhere in the medium weighs the same however long the voice is heard: whether
 * somebody is filmed at all is decided once a medium. Rates were chosen on eight generated worlds;
 * see benchmarks/README.md.
 */
public final class SpeechScorer {
    static final double ON_SCREEN = 0.65;

    private static final double PIECE_SECONDS = 5;
    private static final double SEEN_SHARE = 0.25;
    // Faces are often sampled once a second.
    private static final double FACE_GAP_SECONDS = 1.5;
    private static final double VOICE_GAP_SECONDS = 0.5;
    private static final double PRIOR_SECONDS = 5;
    private static final double PRIOR_SEEN = 0.2;
    private static final double RAREST = 0.06;
    // Pieces of one medium are not independent: shots and seats repeat.
    private static final double MOST_OF_A_MEDIUM = 6;
    private static final double NOT_FILMED = -0.1;

    private SpeechScorer() {}

    /** Evidence of one medium; the same for every order of the placements. */
    public static List<SpeechEvidence> score(List<Placement> medium) {
        Map<String, List<Range>> faces = new TreeMap<>();
        Map<String, List<Range>> voices = new TreeMap<>();
        for (Placement placement : medium) {
            (placement.face() ? faces : voices)
                    .computeIfAbsent(placement.cluster(), c -> new ArrayList<>())
                    .add(new Range(placement.startSeconds(), placement.endSeconds()));
        }
        if (faces.isEmpty() || voices.isEmpty()) {
            return List.of();
        }
        List<Range> anyFace = new ArrayList<>();
        faces.replaceAll((f, ranges) -> TimeRanges.merge(ranges, FACE_GAP_SECONDS));
        faces.values().forEach(anyFace::addAll);
        anyFace = TimeRanges.merge(anyFace, 0);
        voices.replaceAll((v, ranges) -> TimeRanges.merge(ranges, VOICE_GAP_SECONDS));
        List<SpeechEvidence> evidence = new ArrayList<>();
        for (Map.Entry<String, List<Range>> voice : voices.entrySet()) {
            List<Range> pieces = pieces(voice.getValue(), anyFace);
            if (pieces.isEmpty()) {
                continue;
            }
            evidence.add(new SpeechEvidence(voice.getKey(), "", NOT_FILMED, pieces.size()));
            double outside = length(anyFace) - shared(anyFace, voice.getValue());
            for (Map.Entry<String, List<Range>> face : faces.entrySet()) {
                long seen = pieces.stream().filter(p -> isSeen(p, face.getValue())).count();
                if (seen > 0) {
                    double seenOutside =
                            length(face.getValue()) - shared(face.getValue(), voice.getValue());
                    double weight = weight(seen, pieces.size() - seen, seenOutside, outside);
                    evidence.add(
                            new SpeechEvidence(
                                    voice.getKey(),
                                    face.getKey(),
                                    weight - NOT_FILMED,
                                    pieces.size()));
                }
            }
        }
        return evidence;
    }

    private static double weight(long seen, long unseen, double seenOutside, double outside) {
        double chance =
                Math.max(
                        RAREST,
                        Math.min(
                                1,
                                (seenOutside + PRIOR_SEEN * PRIOR_SECONDS)
                                        / (outside + PRIOR_SECONDS)));
        double weight =
                seen * Math.log((ON_SCREEN + (1 - ON_SCREEN) * chance) / chance)
                        + unseen * Math.log(1 - ON_SCREEN);
        return Math.max(-MOST_OF_A_MEDIUM, Math.min(MOST_OF_A_MEDIUM, weight));
    }

    private static List<Range> pieces(List<Range> speech, List<Range> anyFace) {
        List<Range> pieces = new ArrayList<>();
        for (Range range : speech) {
            double length = range.end() - range.start();
            int count = (int) Math.max(1, Math.ceil(length / PIECE_SECONDS));
            for (int i = 0; i < count; i++) {
                Range piece =
                        new Range(
                                range.start() + length * i / count,
                                range.start() + length * (i + 1) / count);
                if (isSeen(piece, anyFace)) {
                    pieces.add(piece);
                }
            }
        }
        return pieces;
    }

    private static boolean isSeen(Range piece, List<Range> face) {
        double seen = shared(List.of(piece), face);
        return seen > 0 && seen >= SEEN_SHARE * (piece.end() - piece.start());
    }

    private static double length(List<Range> ranges) {
        return ranges.stream().mapToDouble(r -> r.end() - r.start()).sum();
    }

    // Both lists are disjoint and ascending.
    private static double shared(List<Range> a, List<Range> b) {
        double sum = 0;
        int j = 0;
        for (Range range : a) {
            while (j < b.size() && b.get(j).end() <= range.start()) {
                j++;
            }
            for (int at = j; at < b.size() && b.get(at).start() < range.end(); at++) {
                sum +=
                        Math.min(range.end(), b.get(at).end())
                                - Math.max(range.start(), b.get(at).start());
            }
        }
        return sum;
    }
}
