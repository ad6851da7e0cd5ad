package org.aima.operate.world;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What analysis would see of a person: the same every time but for mistakes. */
final class Traits {
    private static final List<String> CLOTHING =
            List.of("jacket", "shirt", "dress", "hat", "scarf", "suit", "hoodie", "coat");
    private static final List<String> FEATURES =
            List.of("glasses", "beard", "moustache", "freckles", "earrings", "tattoo");
    private static final double AGE_ERROR = 4;
    private static final double WRONG_GENDER = 0.03;
    private static final double FEATURE_SEEN = 0.8;

    private final Seeds seeds;

    Traits(Seeds seeds) {
        this.seeds = seeds;
    }

    /** The attributes one detection reports, as JSON. */
    void write(JsonLines out, int person, long medium, long detection, boolean seen) {
        SplittableRandom self = seeds.random(Seeds.Purpose.TRAITS, person);
        double age = 16 + 60 * self.nextDouble();
        boolean female = self.nextBoolean();
        int wardrobe = self.nextInt();
        int features = self.nextInt();
        features &= self.nextInt();
        SplittableRandom noise = seeds.random(Seeds.Purpose.DETECTED_TRAITS, detection);
        int estimate = (int) Math.max(1, Math.round(age + AGE_ERROR * noise.nextGaussian()));
        boolean mistaken = noise.nextDouble() < WRONG_GENDER;
        out.raw("{\"estimated_age\":").number(estimate);
        out.raw(",\"gender\":").text(female != mistaken ? "female" : "male");
        double sure = mistaken ? 0.5 + 0.2 * noise.nextDouble() : 0.8 + 0.2 * noise.nextDouble();
        out.raw(",\"gender_confidence\":").number(sure);
        if (seen) {
            // People change clothes between recordings, not within one.
            int today = wardrobe & seeds.random(Seeds.Purpose.TRAITS, ~medium).nextInt();
            out.raw(",\"clothing\":");
            list(out, CLOTHING, today, null);
            out.raw(",\"distinguishing_features\":");
            list(out, FEATURES, features, noise);
        }
        out.raw("}");
    }

    private static void list(
            JsonLines out, List<String> words, int bits, @Nullable SplittableRandom noise) {
        out.raw("[");
        boolean first = true;
        for (int i = 0; i < words.size(); i++) {
            boolean shown = noise == null || noise.nextDouble() < FEATURE_SEEN;
            if ((bits >> i & 1) != 0 && shown) {
                out.raw(first ? "" : ",").text(words.get(i));
                first = false;
            }
        }
        out.raw("]");
    }
}
