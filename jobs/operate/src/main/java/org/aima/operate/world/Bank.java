package org.aima.operate.world;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.evaluation.Labels;

/** Real vectors by identity; kept in memory, for banks are samples. */
final class Bank implements VectorSource {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double FILL_UP_NOISE = 0.002;

    private final List<List<float[]>> identities;
    private final int dimension;
    private final String model;
    private final Seeds seeds;

    private Bank(List<List<float[]>> identities, int dimension, String model, Seeds seeds) {
        this.identities = identities;
        this.dimension = dimension;
        this.model = model;
        this.seeds = seeds;
    }

    /**
     * Reads a world's labelled vectors and picks identities at random, the largest first.
     *
     * @param wanted at most so many identities
     */
    static Bank read(Path world, String collection, int wanted, String model, Seeds seeds) {
        WorldDirectory.DataFile file =
                WorldDirectory.open(world).embeddings().stream()
                        .filter(f -> f.collection().equals(collection))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ConfigurationException(
                                                List.of(
                                                        new ConfigurationProblem(
                                                                "argument",
                                                                "bank",
                                                                world.toString(),
                                                                "holds no " + collection))));
        Map<String, String> labels = Labels.read(world.resolve("labels.csv"));
        Map<String, List<float[]>> byIdentity = new TreeMap<>();
        int dimension = 0;
        try (LineReader lines = LineReader.open(file.path())) {
            LineReader.Line line = lines.next();
            while (line != null) {
                JsonNode row = JSON.readTree(line.bytes());
                String identity = labels.get(row.path("embedding_id").asText());
                JsonNode components = row.path("embedding");
                if (identity != null && !components.isEmpty()) {
                    dimension = dimension == 0 ? components.size() : dimension;
                    if (components.size() == dimension) {
                        byIdentity
                                .computeIfAbsent(identity, i -> new ArrayList<>())
                                .add(vector(components));
                    }
                }
                line = lines.next();
            }
        } catch (JsonProcessingException e) {
            throw AimaException.failed(file.path() + " holds a line that is not JSON", e);
        } catch (IOException e) {
            throw AimaException.failed("cannot read " + file.path(), e);
        }
        List<List<float[]>> all = new ArrayList<>(byIdentity.values());
        SplittableRandom random = seeds.random(Seeds.Purpose.BANK, collection.hashCode());
        List<List<float[]>> picked = new ArrayList<>();
        for (int index : Population.shuffled(all.size(), random)) {
            if (picked.size() < wanted) {
                picked.add(all.get(index));
            }
        }
        // Largest first on both sides: persons often seen are then persons often heard.
        picked.sort(Comparator.comparingInt((List<float[]> i) -> i.size()).reversed());
        return new Bank(picked, dimension, model, seeds);
    }

    private static float[] vector(JsonNode components) {
        float[] vector = new float[components.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) components.get(i).asDouble();
        }
        return vector;
    }

    int identities() {
        return identities.size();
    }

    /** Rows of each person: as many as the bank has, scaled to the number asked for. */
    long[] counts(int persons, long rows) {
        double[] weights = new double[persons];
        for (int p = 0; p < Math.min(persons, identities.size()); p++) {
            weights[p] = identities.get(p).size();
        }
        return Population.share(weights, rows);
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public double fill(int person, long row, long track, long frame, float[] vector) {
        List<float[]> own = identities.get(person);
        float[] source = own.get((int) (row % own.size()));
        System.arraycopy(source, 0, vector, 0, dimension);
        if (row >= own.size()) {
            SplittableRandom random = seeds.random(Seeds.Purpose.FRAME, frame);
            for (int i = 0; i < dimension; i++) {
                // Zeros stay: a ReLU encoder never leaves them.
                if (vector[i] != 0) {
                    vector[i] += (float) (FILL_UP_NOISE * random.nextGaussian());
                }
            }
            Basis.normalize(vector);
        }
        return 0.99;
    }
}
