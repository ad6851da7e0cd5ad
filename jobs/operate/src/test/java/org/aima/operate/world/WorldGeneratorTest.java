package org.aima.operate.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.evaluation.Labels;
import org.aima.operate.progress.ProgressListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorldGeneratorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path directory;

    private static GeneratorOptions options(
            int persons, long faces, long voices, int media, long results, long seed) {
        return new GeneratorOptions(
                persons, faces, voices, media, results, 5, seed, 0, null, null, "");
    }

    private static GeneratorOptions poisoned(GeneratorOptions o, double share) {
        return new GeneratorOptions(
                o.persons(),
                o.faces(),
                o.voices(),
                o.media(),
                o.results(),
                o.dossiers(),
                o.seed(),
                share,
                null,
                null,
                "");
    }

    private Path generate(String name, GeneratorOptions options) {
        Path out = directory.resolve(name);
        new WorldGenerator(options).generate(out, ProgressListener.SILENT);
        return out;
    }

    private static List<JsonNode> lines(Path world, String collection) throws IOException {
        List<JsonNode> nodes = new ArrayList<>();
        try (LineReader lines = LineReader.open(world.resolve(collection + ".ndjson"))) {
            for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
                nodes.add(JSON.readTree(line.bytes()));
            }
        }
        return nodes;
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherGivesOthers() throws IOException {
        GeneratorOptions options = poisoned(options(40, 400, 80, 20, 700, 1), 0.1);
        Path first = generate("first", options);
        Path second = generate("second", options);
        Path other = generate("other", poisoned(options(40, 400, 80, 20, 700, 2), 0.1));

        for (String file :
                List.of(
                        "face_embeddings.ndjson",
                        "voice_embeddings.ndjson",
                        "analysis_results.ndjson",
                        "media_items.ndjson",
                        "dossiers.ndjson",
                        "truth.csv",
                        "world.json")) {
            assertThat(Files.mismatch(first.resolve(file), second.resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
            assertThat(Files.mismatch(first.resolve(file), other.resolve(file)))
                    .as(file)
                    .isNotEqualTo(-1);
        }
        assertThat(Files.mismatch(first.resolve("truth.csv"), first.resolve("labels.csv")))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "40, 400, 80, 20, 700",
        "40, 400, 80, 20, 0",
        "500, 300, 20, 3, 400",
        "3, 200, 100, 1, 301",
        "10, 0, 50, 4, 60",
        "10, 50, 0, 4, 60",
        "10, 0, 0, 4, 60",
        "1, 30, 10, 200, 0"
    })
    void writesExactlyWhatWasAskedFor(int persons, long faces, long voices, int media, long results)
            throws IOException {
        Path world = generate("w", options(persons, faces, voices, media, results, 3));

        assertThat(lines(world, "face_embeddings")).hasSize((int) faces);
        assertThat(lines(world, "voice_embeddings")).hasSize((int) voices);
        assertThat(lines(world, "media_items")).hasSize(media);
        assertThat(lines(world, "dossiers")).hasSize(5);
        assertThat(lines(world, "analysis_results"))
                .hasSize((int) Math.max(results, faces + voices));
        assertThat(Labels.read(world.resolve("truth.csv"))).hasSize((int) (faces + voices));
    }

    @Test
    void everythingLoadsAndRefersToWhatExists() throws IOException {
        Path world = generate("w", options(40, 400, 80, 20, 700, 3));
        WorldFixture stores = new WorldFixture(directory);
        stores.embeddings.dropCollection("face_embeddings");
        stores.embeddings.createCollection(WorldFixture.schema("face_embeddings", 512));
        stores.embeddings.createCollection(WorldFixture.schema("voice_embeddings", 256));

        LoadReport report = stores.load(world);

        assertThat(report.total().rejected()).isZero();
        assertThat(report.total().written()).isEqualTo(700 + 480 + 20 + 5);
        Set<String> media = texts(lines(world, "media_items"), "/media_id");
        Set<String> results = texts(lines(world, "analysis_results"), "/result_id");
        assertThat(results).hasSize(700);
        assertThat(media).containsAll(texts(lines(world, "analysis_results"), "/media_id"));
        assertThat(media).containsAll(texts(lines(world, "face_embeddings"), "/media_id"));
        assertThat(results).containsAll(texts(lines(world, "face_embeddings"), "/result_id"));
        assertThat(results).containsAll(texts(lines(world, "voice_embeddings"), "/result_id"));
        for (JsonNode dossier : lines(world, "dossiers")) {
            dossier.path("media_items").forEach(m -> assertThat(media).contains(m.asText()));
        }
    }

    private static Set<String> texts(List<JsonNode> nodes, String path) {
        Set<String> texts = new TreeSet<>();
        nodes.forEach(n -> texts.add(n.at(path).asText()));
        return texts;
    }

    @Test
    void oneFrameNeverShowsAPersonTwiceAndATrackIsOnePerson() throws IOException {
        Path world = generate("w", options(60, 3_000, 300, 30, 0, 3));
        Map<String, String> truth = Labels.read(world.resolve("truth.csv"));
        Map<String, List<JsonNode>> frames = new HashMap<>();
        Map<String, Set<String>> tracks = new HashMap<>();
        for (JsonNode result : lines(world, "analysis_results")) {
            if (!result.path("analysis_type").asText().equals("face_detection")) {
                continue;
            }
            String medium = result.path("media_id").asText();
            frames.computeIfAbsent(
                            medium + "/" + result.at("/time_range/start_seconds").asText(),
                            f -> new ArrayList<>())
                    .add(result);
            if (result.at("/metadata/track_id").isTextual()) {
                tracks.computeIfAbsent(
                                medium + "/" + result.at("/metadata/track_id").asText(),
                                t -> new HashSet<>())
                        .add(truth.get(result.at("/vector_embeddings/embedding_id").asText()));
            }
        }
        int shared = 0;
        for (List<JsonNode> frame : frames.values()) {
            Set<String> persons = new HashSet<>();
            Set<String> boxes = new HashSet<>();
            frame.forEach(
                    f -> {
                        persons.add(truth.get(f.at("/vector_embeddings/embedding_id").asText()));
                        boxes.add(f.path("spatial_location").toString());
                    });
            assertThat(persons).hasSize(frame.size());
            assertThat(boxes).hasSize(frame.size());
            assertThat(texts(frame, "/metadata/frame")).hasSize(1);
            shared += frame.size() > 1 ? 1 : 0;
        }
        assertThat(shared).isGreaterThan(frames.size() / 5);
        assertThat(tracks.values()).allMatch(persons -> persons.size() == 1);
        assertThat(tracks.size()).isLessThan(1_500);
    }

    @Test
    void mostSpeakersAreSeenWhileTheySpeak() throws IOException {
        Path world = generate("w", options(60, 3_000, 600, 30, 0, 3));
        Map<String, String> truth = Labels.read(world.resolve("truth.csv"));
        Map<String, List<double[]>> seen = new HashMap<>();
        List<JsonNode> results = lines(world, "analysis_results");
        for (JsonNode result : results) {
            if (result.path("analysis_type").asText().equals("face_detection")) {
                seen.computeIfAbsent(who(result, truth), w -> new ArrayList<>()).add(range(result));
            }
        }
        int heard = 0;
        int onScreen = 0;
        for (JsonNode result : results) {
            if (result.path("analysis_type").asText().equals("speaker_diarization")) {
                double[] spoken = range(result);
                heard++;
                onScreen +=
                        seen.getOrDefault(who(result, truth), List.of()).stream()
                                        .anyMatch(f -> f[0] < spoken[1] && spoken[0] < f[1])
                                ? 1
                                : 0;
            }
        }
        assertThat(heard).isEqualTo(600);
        assertThat(onScreen).isBetween(heard / 4, heard * 9 / 10);
    }

    private static String who(JsonNode result, Map<String, String> truth) {
        return result.path("media_id").asText()
                + "/"
                + truth.get(result.at("/vector_embeddings/embedding_id").asText());
    }

    private static double[] range(JsonNode result) {
        return new double[] {
            result.at("/time_range/start_seconds").asDouble(),
            result.at("/time_range/end_seconds").asDouble()
        };
    }

    @Test
    void mostPersonsHaveOneFaceAndAFewHaveMany() throws IOException {
        Path world = generate("w", options(1_000, 4_000, 0, 50, 0, 3));
        Map<String, Integer> sizes = new TreeMap<>();
        Labels.read(world.resolve("truth.csv"))
                .values()
                .forEach(identity -> sizes.merge(identity, 1, Integer::sum));

        assertThat(sizes).hasSize(1_000);
        assertThat(sizes.values().stream().filter(s -> s == 1).count()).isBetween(500L, 950L);
        assertThat(sizes.values().stream().mapToInt(s -> s).max().orElse(0)).isBetween(100, 800);
    }

    @Test
    void similaritiesAreThoseOfRealEmbeddings() throws IOException {
        Path world = generate("w", options(600, 2_500, 1_200, 40, 0, 3));
        Map<String, String> truth = Labels.read(world.resolve("truth.csv"));

        Similarities faces = new Similarities(lines(world, "face_embeddings"), truth);
        assertThat(faces.mean(faces.strangers)).isBetween(-0.02, 0.04);
        assertThat(faces.quantile(faces.strangers, 0.999)).isBetween(0.29, 0.40);
        assertThat(faces.quantile(faces.same, 0.5)).isBetween(0.60, 0.72);
        assertThat(faces.equalErrorRate()).isBetween(0.003, 0.014);

        Similarities voices = new Similarities(lines(world, "voice_embeddings"), truth);
        assertThat(voices.mean(voices.strangers)).isBetween(0.51, 0.59);
        assertThat(voices.quantile(voices.same, 0.5)).isBetween(0.92, 0.97);
        assertThat(voices.equalErrorRate()).isBetween(0.006, 0.025);
        assertThat(voices.smallest).isGreaterThanOrEqualTo(0);
    }

    /** Cosines of all pairs, of one person and of two. */
    private static final class Similarities {
        private final double[] same;
        private final double[] strangers;
        private double smallest = 1;

        Similarities(List<JsonNode> rows, Map<String, String> truth) {
            List<float[]> vectors = new ArrayList<>();
            List<String> identities = new ArrayList<>();
            for (JsonNode row : rows) {
                float[] vector = new float[row.path("embedding").size()];
                for (int i = 0; i < vector.length; i++) {
                    vector[i] = (float) row.path("embedding").get(i).asDouble();
                    smallest = Math.min(smallest, vector[i]);
                }
                vectors.add(vector);
                identities.add(truth.get(row.path("embedding_id").asText()));
            }
            double[] one = new double[vectors.size() * vectors.size() / 2];
            double[] two = new double[one.length];
            int ones = 0;
            int twos = 0;
            for (int i = 0; i < vectors.size(); i++) {
                for (int j = 0; j < i; j++) {
                    double cosine = 0;
                    for (int k = 0; k < vectors.get(i).length; k++) {
                        cosine += vectors.get(i)[k] * vectors.get(j)[k];
                    }
                    if (identities.get(i).equals(identities.get(j))) {
                        one[ones++] = cosine;
                    } else {
                        two[twos++] = cosine;
                    }
                }
            }
            same = Arrays.copyOf(one, ones);
            strangers = Arrays.copyOf(two, twos);
            Arrays.sort(same);
            Arrays.sort(strangers);
        }

        double mean(double[] values) {
            return Arrays.stream(values).average().orElse(0);
        }

        double quantile(double[] sorted, double share) {
            return sorted[(int) (share * (sorted.length - 1))];
        }

        double equalErrorRate() {
            for (double share = 0; share < 1; share += 0.0005) {
                double threshold = quantile(same, share);
                int position = Arrays.binarySearch(strangers, threshold);
                double accepted =
                        1 - (double) (position < 0 ? -position - 1 : position) / strangers.length;
                if (accepted <= share) {
                    return share;
                }
            }
            return 1;
        }
    }

    @Test
    void poisonCoversEveryKindAndTheLoaderFindsIt() throws IOException {
        GeneratorOptions options = poisoned(options(60, 1_500, 500, 30, 2_100, 5), 0.1);
        Path world = directory.resolve("w");
        GeneratorReport made = new WorldGenerator(options).generate(world, ProgressListener.SILENT);
        WorldFixture stores = new WorldFixture(directory);
        stores.embeddings.dropCollection("face_embeddings");
        stores.embeddings.createCollection(WorldFixture.schema("face_embeddings", 512));
        stores.embeddings.createCollection(WorldFixture.schema("voice_embeddings", 256));

        LoadReport loaded = stores.load(world);

        assertThat(made.poison()).hasSize(12);
        assertThat(made.poison().values().stream().mapToLong(v -> v).sum()).isBetween(150L, 250L);
        assertThat(made.poison().get("oversized_document")).isBetween(1L, 2L);
        Map<String, Long> expected = new HashMap<>(made.poison());
        // Loaded: what Milvus can hold is left to the job that reads it.
        expected.keySet().removeAll(Set.of("zero_vector", "quoted_id", "missing_result"));
        assertThat(loaded.total().reasons()).isEqualTo(expected);
        assertThat(loaded.total().read())
                .isEqualTo(loaded.total().written() + loaded.total().rejected());
        long survivors = made.poison().get("quoted_id");
        assertThat(Labels.read(world.resolve("truth.csv")))
                .hasSize(
                        (int)
                                (2_000
                                        - made.poison().values().stream().mapToLong(v -> v).sum()
                                        + survivors));
        assertThat(made.lines()).containsEntry("analysis_results.ndjson", 2_100L);
    }

    @Test
    void aBankGivesRealVectorsAndPairsIdentitiesWithSpeakers() throws IOException {
        Path bank = generate("bank", options(20, 200, 100, 5, 0, 9));
        GeneratorOptions options =
                new GeneratorOptions(8, 60, 40, 6, 0, 1, 4, 0, bank, bank, "real-model");

        Path world = generate("w", options);

        List<JsonNode> faces = lines(world, "face_embeddings");
        Set<String> drawn = new HashSet<>();
        faces.forEach(f -> drawn.add(f.path("embedding").toString()));
        Set<String> source = new HashSet<>();
        lines(bank, "face_embeddings").forEach(f -> source.add(f.path("embedding").toString()));
        assertThat(faces).hasSize(60);
        assertThat(drawn.stream().filter(source::contains).count()).isGreaterThan(20);
        Map<String, String> truth = Labels.read(world.resolve("truth.csv"));
        Set<String> seen = new TreeSet<>();
        Set<String> heard = new TreeSet<>();
        faces.forEach(f -> seen.add(truth.get(f.path("embedding_id").asText())));
        lines(world, "voice_embeddings")
                .forEach(v -> heard.add(truth.get(v.path("embedding_id").asText())));
        assertThat(seen).hasSize(8);
        assertThat(seen).containsAll(heard);
        assertThat(texts(lines(world, "analysis_results"), "/model_info/name"))
                .containsExactly("real-model");
    }

    @Test
    void refusesMorePersonsThanABankHas() {
        Path bank = generate("bank", options(5, 50, 0, 2, 0, 9));

        assertThat(
                        catchThrowableOfType(
                                () ->
                                        generate(
                                                "w",
                                                new GeneratorOptions(
                                                        6, 60, 0, 6, 0, 1, 4, 0, bank, null, "")),
                                ConfigurationException.class))
                .hasMessageContaining("5 identities");
    }

    @Test
    void refusesContradictionsAllAtOnce() {
        ConfigurationException refused =
                catchThrowableOfType(
                        () -> new WorldGenerator(options(0, 10, 0, 0, 0, 1)),
                        ConfigurationException.class);

        assertThat(refused.problems()).hasSize(2);
    }
}
