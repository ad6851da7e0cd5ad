package org.aima.operate.world;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.evaluation.Evaluation;
import org.aima.jobs.evaluation.Labels;
import org.aima.operate.progress.ProgressListener;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;

/** Scores the persons of an embedding collection against known identities. */
public final class Evaluator {
    private static final String PERSON = "person_id";

    private final EmbeddingStore store;

    /**
     * @param store stays open
     */
    public Evaluator(EmbeddingStore store) {
        this.store = store;
    }

    /**
     * What was found.
     *
     * @param vectors rows of the collection
     * @param withoutLabel rows no label speaks of; they do not count
     * @param withoutPerson labelled rows that belong to nobody; each is a cluster of its own
     * @param labelsWithoutRow labels whose row is not in the collection; they do not count
     */
    public record Report(
            String collection,
            long vectors,
            long withoutLabel,
            long withoutPerson,
            long labelsWithoutRow,
            Evaluation scores) {}

    /** Reads every row of the collection, without vectors, and the labels. */
    public Report evaluate(String collection, Path labelsFile, ProgressListener progress) {
        if (store.describe(collection).flatMap(s -> s.field(PERSON)).isEmpty()) {
            Configuration.throwIfAny(
                    List.of(
                            new ConfigurationProblem(
                                    "argument",
                                    "--collection",
                                    collection,
                                    "Milvus has no such collection with a field person_id; name"
                                            + " one, or run: aima migrate")));
        }
        Map<String, String> labels = Labels.read(labelsFile);
        long total = store.count(collection, null, null);
        long vectors = 0;
        long withoutLabel = 0;
        long withoutPerson = 0;
        Evaluation.Contingency counts = new Evaluation.Contingency();
        // Not closed: closing a page reader closes the store it was given.
        MilvusPageReader reader = new MilvusPageReader(store, collection, List.of(PERSON), false);
        for (KeyRange range : reader.ranges()) {
            KeyRange rest = range;
            while (rest != null) {
                Page<PartitionRow> page = reader.read(rest);
                for (Page.Keyed<PartitionRow> row : page.rows()) {
                    vectors++;
                    String identity = labels.remove(row.key());
                    if (identity == null) {
                        withoutLabel++;
                        continue;
                    }
                    String person = row.value().row().text(PERSON);
                    if (person.isEmpty()) {
                        withoutPerson++;
                    }
                    counts.add(
                            person.isEmpty() ? "alone " + row.key() : "person " + person, identity);
                }
                progress.advance("evaluate " + collection, vectors, total);
                rest = page.rest();
            }
        }
        return new Report(
                collection, vectors, withoutLabel, withoutPerson, labels.size(), counts.evaluate());
    }
}
