package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Relevance is bounded, grows with what it is made of, and is what a hand computes. */
class DossierFormulasTest {
    private static final AggregationRules RULES = AggregationRules.DEFAULT;

    private record World(long screen, long speech, long others, long otherSpeech, long media) {}

    private static ItemSums person(
            long screen, long speech, long media, long confidence, long prominence) {
        return new ItemSums(
                "d",
                ItemKind.PERSON,
                "p",
                media,
                media,
                screen + speech,
                screen,
                speech,
                10,
                0,
                10,
                10 * confidence,
                10,
                10 * prominence);
    }

    private static double score(ItemSums person, long others, long otherSpeech, long media) {
        return DossierFormulas.relevance(
                        person,
                        person.screenMillis() + others,
                        person.speechMillis() + otherSpeech,
                        media,
                        RULES.weights())
                .score();
    }

    @Provide
    Arbitrary<World> worlds() {
        Arbitrary<Long> time = Arbitraries.longs().between(0, 100_000_000);
        return Combinators.combine(time, time, time, time, Arbitraries.longs().between(1, 1_000))
                .as(World::new);
    }

    @Property
    void isBetweenZeroAndOne(
            @ForAll("worlds") World w,
            @ForAll @IntRange(max = 1_000_000) int confidence,
            @ForAll @IntRange(max = 1_000_000) int prominence) {
        ItemSums p = person(w.screen, w.speech, w.media, confidence, prominence);
        assertThat(score(p, w.others, w.otherSpeech, w.media)).isBetween(0.0, 1.0);
    }

    @Property
    void neverFallsWithMoreOfAnything(
            @ForAll("worlds") World w,
            @ForAll @IntRange(min = 1, max = 1_000_000) int confidence,
            @ForAll @IntRange(max = 999_000) int prominence,
            @ForAll @IntRange(min = 1, max = 1_000) int more) {
        ItemSums p = person(w.screen, w.speech, 1, confidence, prominence);
        double base = score(p, w.others, w.otherSpeech, w.media);
        double slack = 1e-6;
        assertThat(
                        score(
                                person(w.screen + more, w.speech, 1, confidence, prominence),
                                w.others,
                                w.otherSpeech,
                                w.media))
                .isGreaterThanOrEqualTo(base - slack);
        assertThat(
                        score(
                                person(w.screen, w.speech + more, 1, confidence, prominence),
                                w.others,
                                w.otherSpeech,
                                w.media))
                .isGreaterThanOrEqualTo(base - slack);
        assertThat(
                        score(
                                person(
                                        w.screen,
                                        w.speech,
                                        Math.min(w.media, 1L + more),
                                        confidence,
                                        prominence),
                                w.others,
                                w.otherSpeech,
                                w.media))
                .isGreaterThanOrEqualTo(base - slack);
        assertThat(
                        score(
                                person(w.screen, w.speech, 1, confidence, prominence + more),
                                w.others,
                                w.otherSpeech,
                                w.media))
                .isGreaterThanOrEqualTo(base - slack);
    }

    @Test
    void isWhatAHandComputes() {
        // 30 of 120 s on screen, 10 of 20 s of speech, 3 of 4 media, sqrt share 0.2, confidence 0.9
        ItemSums p = person(30_000, 10_000, 3, 900_000, 200_000);
        double expected = 0.9 * (0.4 * 0.25 + 0.3 * 0.5 + 0.2 * 0.75 + 0.1 * 0.2) / 1.0;
        assertThat(score(p, 90_000, 10_000, 4)).isEqualTo(expected, within(1e-6));
    }

    @Test
    void aShareOfNothingIsLeftOutWithItsWeight() {
        ItemSums silent = person(30_000, 0, 4, 1_000_000, 1_000_000);
        assertThat(score(silent, 0, 0, 4)).isEqualTo(1.0);
        assertThat(score(silent, 0, 1_000, 4)).isEqualTo(0.7, within(1e-6));
    }

    @Test
    void aSightingWithoutTimeCountsOnceAndOnlyAlone() {
        assertThat(DossierFormulas.extent(Spans.NONE, 7, false, RULES)).isEqualTo(1_000);
        assertThat(DossierFormulas.extent(Spans.NONE, 0, true, RULES)).isEqualTo(1_000);
        assertThat(DossierFormulas.extent(Spans.NONE, 0, false, RULES)).isZero();
        assertThat(DossierFormulas.extent(new long[] {0, 300}, 7, false, RULES)).isEqualTo(300);
    }

    @Test
    void prominenceIsTheMeanSideOfTheBoxInThatOfTheFrame() {
        // Two boxes of 192 x 108 in 1920 x 1080: a tenth each.
        double frame = Math.sqrt(1920.0 * 1080);
        long side = Math.round(Math.sqrt(192.0 * 108) * 1_000);
        assertThat(DossierFormulas.prominence(2 * side, 2, frame)).isEqualTo(200_000);
        assertThat(DossierFormulas.prominence(90_000_000, 2, frame)).isEqualTo(2_000_000);
    }
}
