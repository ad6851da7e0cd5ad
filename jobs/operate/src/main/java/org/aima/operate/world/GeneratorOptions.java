package org.aima.operate.world;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationProblem;
import org.jspecify.annotations.Nullable;

/**
 * What world to make.
 *
 * @param persons identities
 * @param faces rows of {@code face_embeddings}, poison included
 * @param voices rows of {@code voice_embeddings}, poison included
 * @param results analysis results in all; faces and voices have one each, so never fewer than those
 * @param poison share of face and voice rows that are broken on purpose, 0 to 0.5
 * @param faceBank a world whose real faces are drawn instead of synthetic ones
 * @param voiceBank likewise for voices
 * @param model name of the model in results; empty for a name that says where vectors come from
 */
public record GeneratorOptions(
        int persons,
        long faces,
        long voices,
        int media,
        long results,
        int dossiers,
        long seed,
        double poison,
        @Nullable Path faceBank,
        @Nullable Path voiceBank,
        String model) {
    private static final double MAX_POISON = 0.5;

    /** Refuses what contradicts itself, everything at once. */
    void check() {
        List<ConfigurationProblem> problems = new ArrayList<>();
        notNegative(problems, "--persons", persons);
        notNegative(problems, "--faces", faces);
        notNegative(problems, "--voices", voices);
        notNegative(problems, "--media", media);
        notNegative(problems, "--results", results);
        notNegative(problems, "--dossiers", dossiers);
        if (faces + voices > 0 && persons < 1) {
            problems.add(problem("--persons", persons, "faces and voices need at least 1 person"));
        }
        if (faces + voices + results + dossiers > 0 && media < 1) {
            problems.add(problem("--media", media, "what is generated needs at least 1 medium"));
        }
        if (!(poison >= 0 && poison <= MAX_POISON)) {
            problems.add(problem("--poison", poison, "give a share from 0 to " + MAX_POISON));
        }
        Configuration.throwIfAny(problems);
    }

    private static void notNegative(List<ConfigurationProblem> problems, String key, long value) {
        if (value < 0) {
            problems.add(problem(key, value, "give 0 or more"));
        }
    }

    private static ConfigurationProblem problem(String key, Number value, String remedy) {
        return new ConfigurationProblem("argument", key, value.toString(), remedy);
    }
}
