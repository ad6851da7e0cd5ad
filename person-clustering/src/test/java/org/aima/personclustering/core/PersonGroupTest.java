package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.junit.jupiter.api.Test;

/** A group is the sum of its members, each once, and keeps some that are far apart. */
class PersonGroupTest {
    private static final float[] EAST = {1, 0, 0};
    private static final float[] NORTH = {0, 1, 0};

    @Test
    void aMemberCountsOnce() {
        PersonGroup group = new PersonGroup("p", 3, 4);
        assertThat(group.add(1, EAST, Sighting.UNKNOWN, false)).isTrue();
        assertThat(group.add(1, NORTH, Sighting.UNKNOWN, false)).isFalse();
        group.add(2, NORTH, Sighting.UNKNOWN, false);
        assertThat(group.count()).isEqualTo(2);
        assertThat(group.average(EAST)).isEqualTo(0.5);
        assertThat(group.meanSquare()).isEqualTo(0.5);
        assertThat(group.cosine(EAST)).isCloseTo(Math.sqrt(0.5), within(1e-6));
    }

    @Test
    void lowQualityCountsOnlyWhereThereIsNothingElse() {
        PersonGroup group = new PersonGroup("p", 3, 4);
        group.add(1, EAST, Sighting.UNKNOWN, true);
        assertThat(group.average(EAST)).isEqualTo(1);
        group.add(2, NORTH, Sighting.UNKNOWN, false);
        assertThat(group.average(EAST)).isZero();
        group.add(3, EAST, Sighting.UNKNOWN, true);
        assertThat(group.average(EAST)).isZero();
        assertThat(group.size()).isEqualTo(3);
        assertThat(group.count()).isEqualTo(1);
        assertThat(group.weak()).isEqualTo(2);
    }

    @Test
    void aCopyChangesAlone() {
        PersonGroup group = new PersonGroup("p", 3, 4);
        group.add(1, EAST, new Sighting(5, 0, 0, 1, 1), false);
        PersonGroup copy = group.copy();
        copy.add(2, NORTH, new Sighting(6, 0, 0, 1, 1), false);
        assertThat(group.contains(2)).isFalse();
        assertThat(group.average(NORTH)).isZero();
        assertThat(group.exemplars()).hasSize(1);
        assertThat(group.seenBeside(new Sighting(6, 50, 0, 1, 1))).isFalse();
        assertThat(copy.seenBeside(new Sighting(6, 50, 0, 1, 1))).isTrue();
        assertThat(copy.seenBeside(new Sighting(6, 0, 0, 1, 1))).isFalse();
        assertThat(copy.seenBeside(group)).isFalse();
        PersonGroup other = new PersonGroup("q", 3, 4);
        other.add(9, NORTH, new Sighting(5, 50, 0, 1, 1), false);
        assertThat(copy.seenBeside(other)).isTrue();
    }

    @Test
    void exemplarsShowEverySideOfAPerson() {
        // Thirty near one direction and one far from them: it must be among four.
        Random random = new Random(3);
        List<Labelled> many = PlantedVectors.around(random, 64, 0.3, 30);
        Labelled far = PlantedVectors.around(random, 64, 0.3, 1).get(0);
        PersonGroup group = new PersonGroup("p", 64, 4);
        for (int i = 0; i < many.size(); i++) {
            group.add(i, many.get(i).vector(), Sighting.UNKNOWN, false);
            if (i == 20) {
                group.add(1_000, far.vector(), Sighting.UNKNOWN, false);
            }
        }
        assertThat(group.exemplars()).hasSize(4).contains(far.vector());
    }
}
