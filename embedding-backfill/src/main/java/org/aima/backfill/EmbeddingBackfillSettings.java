package org.aima.backfill;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.SchemaMapping;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Index;

/**
 * How rows are placed and shaped, as the options say.
 *
 * @param withoutMedia partition of rows without a medium; empty rejects them
 */
record EmbeddingBackfillSettings(
        PartitionScheme scheme, SchemaMapping mapping, String withoutMedia) {

    /** Rows stay as they are and lie in the default partition. */
    static final EmbeddingBackfillSettings PLAIN =
            new EmbeddingBackfillSettings(
                    PartitionScheme.parse("none"),
                    SchemaMapping.IDENTITY,
                    PartitionScheme.DEFAULT_PARTITION);

    static EmbeddingBackfillSettings of(Configuration configuration) {
        String without = configuration.get(EmbeddingBackfillOptions.WITHOUT_MEDIA);
        return new EmbeddingBackfillSettings(
                PartitionScheme.parse(configuration.get(EmbeddingBackfillOptions.PARTITION_BY)),
                SchemaMapping.parse(
                        configuration.get(EmbeddingBackfillOptions.RENAME),
                        configuration.get(EmbeddingBackfillOptions.DROP),
                        configuration.get(EmbeddingBackfillOptions.ADD),
                        configuration.get(EmbeddingBackfillOptions.MAX_LENGTH)),
                without.equals("reject") ? "" : without);
    }

    /** The schema that the target gets. */
    EmbeddingSchema targetSchema(EmbeddingSchema source, String name, int shards) {
        return mapping.target(
                source, name, scheme.keyField(), shards == 0 ? source.shards() : shards);
    }

    RowMapperFactory mappers(EmbeddingSchema source, EmbeddingSchema target) {
        return new RowMapperFactory(source, target, mapping, scheme, withoutMedia);
    }

    /** What does not fit the source, one sentence each. */
    List<String> problems(EmbeddingSchema source) {
        List<String> problems = new ArrayList<>(mapping.problems(source));
        if (scheme.byKey()) {
            EmbeddingSchema target = targetSchema(source, "target", 0);
            if (target.field(scheme.keyField()).isEmpty()) {
                problems.add("the target has no field " + scheme.keyField() + " to partition by");
            } else if (target.primaryKey().name().equals(scheme.keyField())) {
                problems.add("the primary key cannot be the partition key");
            }
        }
        return problems;
    }

    /** The index of the target. */
    static Index index(Configuration configuration, Index source, String field) {
        String type = configuration.get(EmbeddingBackfillOptions.INDEX_TYPE);
        String metric = configuration.get(EmbeddingBackfillOptions.INDEX_METRIC);
        String params = configuration.get(EmbeddingBackfillOptions.INDEX_PARAMS);
        boolean sameType = type.equals(EmbeddingBackfillOptions.NONE) || type.equals(source.type());
        return new Index(
                field,
                type.equals(EmbeddingBackfillOptions.NONE) ? source.type() : type,
                metric.equals(EmbeddingBackfillOptions.NONE) ? source.metric() : metric,
                params.equals(EmbeddingBackfillOptions.NONE)
                        ? sameType ? source.params() : Map.of()
                        : new TreeMap<>(pairs(params)));
    }

    /** Parameters of searches. */
    static Map<String, String> searchParams(Configuration configuration) {
        return pairs(configuration.get(EmbeddingBackfillOptions.SEARCH_PARAMS));
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (!text.equals(EmbeddingBackfillOptions.NONE)) {
            for (String part : text.split(",")) {
                int colon = part.indexOf(':');
                if (colon > 0) {
                    pairs.put(part.substring(0, colon).strip(), part.substring(colon + 1).strip());
                }
            }
        }
        return pairs;
    }
}
