package org.aima.backfill.function;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.RowMapper;
import org.aima.backfill.core.SchemaMapping;
import org.aima.stores.EmbeddingSchema;

/** What a mapper is made from, as it travels with the job graph. */
public record RowMapperFactory(
        EmbeddingSchema source,
        EmbeddingSchema target,
        SchemaMapping mapping,
        PartitionScheme scheme,
        String withoutMedia)
        implements Serializable {

    public RowMapper create() {
        return new RowMapper(source, target, mapping, scheme, withoutMedia);
    }

    /** Paths of documents' fields that added fields are filled from. */
    public List<String> paths() {
        List<String> paths = new ArrayList<>();
        for (SchemaMapping.Addition addition : mapping.additions()) {
            if (addition.origin() != SchemaMapping.Origin.CONST) {
                paths.add(addition.path());
            }
        }
        return paths;
    }
}
