package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.SpeechJudge.Verdict;

/** A voice is given the face that is seen while it is heard, and only when others are ruled out. */
class SpeechEvidenceTest {
    private static final double PROBABILITY = 0.95;

    /** What happens in some media. */
    private static final class Scene {
        private final Map<String, List<Placement>> media = new TreeMap<>();

        Scene seen(String medium, String face, double start, double end) {
            return add(medium, face, true, start, end);
        }

        Scene heard(String medium, String voice, double start, double end) {
            return add(medium, voice, false, start, end);
        }

        private Scene add(String medium, String cluster, boolean face, double start, double end) {
            media.computeIfAbsent(medium, m -> new ArrayList<>())
                    .add(new Placement(cluster, medium, face, start, end));
            return this;
        }

        List<SpeechEvidence> evidence() {
            return media.values().stream().flatMap(m -> SpeechScorer.score(m).stream()).toList();
        }

        Map<String, Verdict> verdicts() {
            return judge(evidence(), PROBABILITY).verdicts();
        }

        /** Face by voice. */
        Map<String, String> joined() {
            Map<String, String> joined = new TreeMap<>();
            verdicts().forEach((voice, verdict) -> joined.put(voice, verdict.faceCluster()));
            return joined;
        }
    }

    private static SpeechJudge judge(List<SpeechEvidence> evidence, double probability) {
        SpeechJudge judge = new SpeechJudge(probability);
        evidence.forEach(judge::add);
        return judge;
    }

    /** Two talk in turn; the picture shows the one who talks but for a look at the listener. */
    private static Scene conversation(int media) {
        Scene scene = new Scene();
        for (int i = 0; i < media; i++) {
            String medium = "m-" + i;
            scene.heard(medium, "voice of ada", 0, 30)
                    .seen(medium, "ada", 0, 20)
                    .seen(medium, "bob", 20, 25)
                    .seen(medium, "ada", 25, 30)
                    .heard(medium, "voice of bob", 30, 60)
                    .seen(medium, "bob", 30, 40)
                    .seen(medium, "ada", 40, 45)
                    .seen(medium, "bob", 45, 60);
        }
        return scene;
    }

    @Example
    void faceSeenWhileItsVoiceIsHeardIsItsOwner() {
        assertThat(conversation(3).joined())
                .isEqualTo(Map.of("voice of ada", "ada", "voice of bob", "bob"));
    }

    @Example
    void faceIsTheOwnersThoughItIsNotSeenInEveryMedium() {
        Scene scene = conversation(4);
        scene.heard("radio", "voice of ada", 0, 60);
        scene.heard("window", "voice of ada", 0, 5).seen("window", "passer-by", 0, 5);
        assertThat(scene.joined()).containsEntry("voice of ada", "ada");
    }

    @Example
    void facesThatAreAlwaysSeenTogetherDecideNothing() {
        Scene scene = new Scene();
        for (String medium : List.of("m-0", "m-1", "m-2")) {
            scene.seen(medium, "ada", 0, 60)
                    .seen(medium, "bob", 0, 60)
                    .heard(medium, "voice of ada", 0, 30)
                    .heard(medium, "voice of bob", 30, 60);
        }
        assertThat(scene.evidence()).isNotEmpty();
        assertThat(scene.joined()).isEmpty();
    }

    /** Nobody but the voices tell ada from bob, and bob's is known from elsewhere. */
    @Example
    void faceWhoseVoiceIsKnownIsLeftOutForAnother() {
        Scene scene = new Scene();
        for (int i = 0; i < 2; i++) {
            String both = "both-" + i;
            scene.seen(both, "ada", 0, 20)
                    .seen(both, "bob", 0, 20)
                    .heard(both, "voice of ada", 0, 20)
                    .seen(both, "listener", 20, 60);
        }
        assertThat(scene.joined()).isEmpty();
        for (int i = 0; i < 4; i++) {
            String alone = "alone-" + i;
            scene.seen(alone, "bob", 0, 20)
                    .heard(alone, "voice of bob", 0, 20)
                    .seen(alone, "listener", 20, 60);
        }
        assertThat(scene.joined()).isEqualTo(Map.of("voice of ada", "ada", "voice of bob", "bob"));
    }

    @Example
    void speakerWhoIsNotFilmedInManyMediaIsFoundInOthers() {
        Scene scene = conversation(3);
        for (int i = 0; i < 8; i++) {
            String medium = "voice-over-" + i;
            scene.heard(medium, "voice of ada", 0, 60).seen(medium, "face-" + i, 0, 60);
        }
        assertThat(scene.joined()).containsEntry("voice of ada", "ada");
    }

    /**
     * The same evidence is enough where people are filmed as a rule, and not where they are not.
     */
    @Example
    void howOftenPeopleAreFilmedIsLearntFromAllVoices() {
        for (boolean filmed : List.of(true, false)) {
            List<SpeechEvidence> evidence = new ArrayList<>();
            evidence.add(new SpeechEvidence("voice of ada", "ada", 1.5, 1));
            for (int i = 0; i < 40; i++) {
                evidence.add(new SpeechEvidence("voice-" + i, "face-" + i, filmed ? 6 : -3, 1));
            }
            assertThat(judge(evidence, PROBABILITY).verdicts().containsKey("voice of ada"))
                    .as("filmed %s", filmed)
                    .isEqualTo(filmed);
        }
    }

    @Example
    void narratorOverTheFacesOfOthersStaysAlone() {
        Scene scene = new Scene();
        for (String medium : List.of("m-0", "m-1", "m-2")) {
            scene.heard(medium, "narrator", 0, 60);
            for (int i = 0; i < 12; i++) {
                scene.seen(medium, "face-" + i, 5 * i, 5 * i + 5);
            }
        }
        assertThat(scene.joined()).isEmpty();
    }

    @Example
    void faceSeenNowAndThenIsNotTheSpeakers() {
        Scene scene = new Scene();
        for (String medium : List.of("m-0", "m-1", "m-2")) {
            scene.heard(medium, "narrator", 0, 60).seen(medium, "ada", 0, 15);
            for (int i = 3; i < 12; i++) {
                scene.seen(medium, medium + " " + i, 5 * i, 5 * i + 5);
            }
            scene.seen(medium, "bob", 60, 120);
        }
        assertThat(scene.joined()).isEmpty();
    }

    @Example
    void crowdSeenOnceStaysAlone() {
        Scene one = new Scene().heard("m", "voice", 0, 30).seen("m", "face-0", 0, 30);
        assertThat(one.joined()).containsEntry("voice", "face-0");
        for (int i = 1; i < 7; i++) {
            one.seen("m", "face-" + i, 0, 30);
        }
        assertThat(one.joined()).isEmpty();
    }

    @Example
    void oneShortPieceStaysAlone() {
        Scene scene = new Scene().heard("m", "voice", 0, 3).seen("m", "face", 0, 3);
        scene.seen("m", "listener", 3, 60);
        assertThat(scene.evidence()).isNotEmpty();
        assertThat(scene.joined()).isEmpty();
    }

    @Example
    void oneMediumAloneProvesLittle() {
        Scene scene = new Scene().heard("m", "voice", 0, 3_000).seen("m", "face", 0, 3_000);
        scene.seen("m", "other", 3_000, 6_000);
        assertThat(judge(scene.evidence(), 0.9999).verdicts()).isEmpty();
        assertThat(judge(scene.evidence(), PROBABILITY).verdicts()).containsKey("voice");
    }

    @Example
    void voicesAreCountedWhereAnyFaceIsSeen() {
        Scene scene = conversation(2).heard("radio", "voice of radio", 0, 60);
        assertThat(judge(scene.evidence(), PROBABILITY).voices()).isEqualTo(2);
    }

    private static Scene random(Random random) {
        Scene scene = new Scene();
        for (int i = 0; i < 40; i++) {
            String medium = "m-" + random.nextInt(3);
            double start = random.nextInt(400) / 7.0;
            double end = start + random.nextInt(100) / 7.0;
            if (random.nextBoolean()) {
                scene.seen(medium, "face-" + random.nextInt(5), start, end);
            } else {
                scene.heard(medium, "voice-" + random.nextInt(4), start, end);
            }
        }
        return scene;
    }

    @Property(tries = 200)
    void orderDoesNotMatter(@ForAll long seed) {
        Random random = new Random(seed);
        Scene scene = random(random);
        List<SpeechEvidence> evidence = new ArrayList<>(scene.evidence());
        for (int medium = 0; medium < 50; medium++) {
            double weight = random.nextGaussian();
            evidence.add(new SpeechEvidence("voice-0", "face-0", weight, 0));
        }
        Map<String, Verdict> verdicts = judge(evidence, 0).verdicts();
        scene.media.values().forEach(placements -> Collections.shuffle(placements, random));
        assertThat(evidence).startsWith(scene.evidence().toArray(SpeechEvidence[]::new));
        List<SpeechEvidence> shuffled = new ArrayList<>(evidence);
        Collections.shuffle(shuffled, random);
        assertThat(judge(shuffled, 0).verdicts()).isEqualTo(verdicts);
    }

    @Property(tries = 200)
    void probabilitiesAreProbabilities(@ForAll long seed) {
        Random random = new Random(seed);
        List<SpeechEvidence> evidence = new ArrayList<>(random(random).evidence());
        for (int medium = 0; medium < random.nextInt(300); medium++) {
            int pieces = random.nextInt(1_000);
            evidence.add(new SpeechEvidence("voice-0", "", 0, pieces));
            double weight = 12 * random.nextDouble() - 6;
            evidence.add(
                    new SpeechEvidence("voice-0", "face-" + random.nextInt(5), weight, pieces));
        }
        assertThat(judge(evidence, 0).verdicts().values())
                .isNotEmpty()
                .allMatch(v -> v.probability() >= 0 && v.probability() <= 1);
    }
}
