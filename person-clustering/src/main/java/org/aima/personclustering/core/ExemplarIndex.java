package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The exemplars of the persons of one space in blocks, to be compared with many vectors at once.
 *
 * <p>Not for several threads: it shares its kernel.
 */
public final class ExemplarIndex {
    private static final int BLOCK_ROWS = 8_192;
    private static final int MOST_CANDIDATES = 16;

    private final SimilarityKernel kernel;
    private final int dimension;
    private final double candidate;
    private final List<float[]> blocks = new ArrayList<>();
    private final List<String[]> owners = new ArrayList<>();

    public ExemplarIndex(SimilarityKernel kernel, SpacePersons persons, int dimension) {
        this.kernel = kernel;
        this.dimension = dimension;
        this.candidate = persons.scale().candidate();
        List<float[]> rows = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, PersonGroup> person : new TreeMap<>(persons.groups()).entrySet()) {
            for (float[] exemplar : person.getValue().exemplars()) {
                rows.add(exemplar);
                names.add(person.getKey());
                if (rows.size() == BLOCK_ROWS) {
                    addBlock(rows, names);
                }
            }
        }
        addBlock(rows, names);
    }

    private void addBlock(List<float[]> rows, List<String> names) {
        if (!rows.isEmpty()) {
            float[] block = new float[rows.size() * dimension];
            for (int i = 0; i < rows.size(); i++) {
                System.arraycopy(rows.get(i), 0, block, i * dimension, dimension);
            }
            blocks.add(block);
            owners.add(names.toArray(String[]::new));
            rows.clear();
            names.clear();
        }
    }

    /** For each vector the persons that have an exemplar near it, most similar first. */
    public String[][] candidates(List<float[]> vectors) {
        float[] tile = new float[vectors.size() * dimension];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, tile, i * dimension, dimension);
        }
        List<Map<String, Float>> found = new ArrayList<>();
        vectors.forEach(v -> found.add(new TreeMap<>()));
        for (int b = 0; b < blocks.size(); b++) {
            String[] names = owners.get(b);
            kernel.load(blocks.get(b), names.length, dimension);
            float[] product = kernel.multiply(tile, 0, vectors.size());
            for (int i = 0; i < vectors.size(); i++) {
                for (int j = 0; j < names.length; j++) {
                    float similarity = product[i * names.length + j];
                    if (similarity >= candidate) {
                        found.get(i).merge(names[j], similarity, Math::max);
                    }
                }
            }
        }
        return found.stream().map(ExemplarIndex::best).toArray(String[][]::new);
    }

    private static String[] best(Map<String, Float> similarities) {
        List<Map.Entry<String, Float>> sorted = new ArrayList<>(similarities.entrySet());
        sorted.sort(
                Map.Entry.<String, Float>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()));
        String[] best = new String[Math.min(MOST_CANDIDATES, sorted.size())];
        Arrays.setAll(best, i -> sorted.get(i).getKey());
        return best;
    }
}
