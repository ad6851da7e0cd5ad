package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One untuned setting is at most half a point below the best tuned baseline on real worlds. */
class LinkingQualityTest {
    private static final double ALLOWED_BELOW = 0.5;
    private static final int K = 80;
    private static final int PROBES = 24;
    private static final int BLOCK_ROWS = 4_096;

    @ParameterizedTest
    @CsvSource({"faces-lfw-dev, FACE, 98.98, 98.53", "voices-librispeech-dev, VOICE, 99.14, 99.45"})
    void nearTheBestTunedBaseline(
            String name, Modality modality, double bestPairwise, double bestBcubed)
            throws IOException {
        Path world =
                Path.of(System.getProperty("basedir", "."))
                        .resolve("../../shared/data/worlds")
                        .resolve(name)
                        .normalize();
        assumeTrue(
                Files.isDirectory(world),
                () -> "not measured: the labelled world " + world + " is not on this machine");
        List<Labelled> vectors = vectors(world.resolve(modality.collection() + ".ndjson.gz"));
        LinkingParameters d = LinkingParameters.DEFAULT;
        LinkingParameters parameters =
                new LinkingParameters(
                        d.falseLinks(),
                        d.sizePrior(),
                        d.sizeCorrection(),
                        0.5,
                        Double.NaN,
                        LinkingParameters.priorOf(modality));
        int count = (vectors.size() + BLOCK_ROWS - 1) / BLOCK_ROWS;
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, count);
        Map<String, String> labels = labels(world.resolve("labels.csv"));
        for (Map<String, String> found :
                List.of(
                        PlantedVectors.cluster(blocks, K, parameters).clusterById(),
                        PlantedVectors.clusterByCells(blocks, K, PROBES, parameters, List.of(), "")
                                .clusterById())) {
            ClusterScores scores = ClusterScores.of(found, labels);
            assertThat(scores.pairwise()).isGreaterThanOrEqualTo(bestPairwise - ALLOWED_BELOW);
            assertThat(scores.bcubed()).isGreaterThanOrEqualTo(bestBcubed - ALLOWED_BELOW);
        }
    }

    private static List<Labelled> vectors(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Labelled> vectors = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode row = json.readTree(line);
                JsonNode components = row.get("embedding");
                float[] vector = new float[components.size()];
                for (int i = 0; i < vector.length; i++) {
                    vector[i] = components.get(i).floatValue();
                }
                vectors.add(
                        new Labelled(
                                row.get("embedding_id").asText(),
                                EmbeddingValidator.unit(vector),
                                0));
            }
        }
        return vectors;
    }

    private static Map<String, String> labels(Path file) throws IOException {
        Map<String, String> labels = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            int comma = line.indexOf(',');
            if (!line.startsWith("embedding_id,")) {
                labels.put(line.substring(0, comma), line.substring(comma + 1));
            }
        }
        return labels;
    }
}
