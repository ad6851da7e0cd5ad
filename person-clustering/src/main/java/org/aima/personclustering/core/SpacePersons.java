package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The persons of one space as they were read.
 *
 * @param groups by person id; never changed after they were handed over
 * @param minimumQuality below it a vector joins persons but makes none; 0 where quality says
 *     nothing
 */
public record SpacePersons(
        LinkScale scale, double minimumQuality, Map<String, PersonGroup> groups) {
    private static final int FEWEST_STRANGERS = 200;
    private static final int MOST_SAMPLED = 630;

    /** A space nobody was seen in yet. */
    public static SpacePersons none(LinkingParameters parameters) {
        return of(parameters, null, Map.of());
    }

    /**
     * @param measured what the last batch measured of strangers in this space, null when it did not
     *     know the space; then the exemplars of different persons are strangers
     */
    public static SpacePersons of(
            LinkingParameters parameters,
            @Nullable Measured measured,
            Map<String, PersonGroup> groups) {
        int vectors = 0;
        int weak = 0;
        for (PersonGroup group : groups.values()) {
            vectors += group.size();
            weak += group.weak();
        }
        ImpostorCalibration calibration =
                measured != null ? measured.calibration() : strangers(parameters, groups);
        return new SpacePersons(
                new LinkScale(
                        calibration,
                        parameters,
                        Math.max(2, Math.max(vectors, measured == null ? 0 : measured.vectors()))),
                LinkScale.qualityCounts(weak, vectors) ? parameters.minimumQuality() : 0,
                groups);
    }

    private static ImpostorCalibration strangers(
            LinkingParameters parameters, Map<String, PersonGroup> groups) {
        List<PersonGroup> sampled = new ArrayList<>(groups.values());
        sampled.removeIf(g -> g.exemplars().isEmpty());
        sampled.sort(Comparator.comparing(PersonGroup::personId));
        int taken = Math.min(MOST_SAMPLED, sampled.size());
        double[] similarities = new double[taken * (taken - 1) / 2];
        int at = 0;
        for (int i = 0; i < taken; i++) {
            for (int j = i + 1; j < taken; j++) {
                similarities[at++] =
                        PersonGroup.dot(
                                sampled.get(i).exemplars().get(0),
                                sampled.get(j).exemplars().get(0));
            }
        }
        return similarities.length < FEWEST_STRANGERS
                ? parameters.prior()
                : ImpostorCalibration.estimate(Arrays.copyOf(similarities, at), false);
    }
}
