package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import org.aima.jobs.config.Option;

/** The options of embedding-backfill:import. */
final class ImportOptions {
    private static final String COLLECTION_NAME = "[A-Za-z_][A-Za-z0-9_]{0,254}";

    static final Option<String> COLLECTION =
            Option.text("collection", "Collection to write; made when it does not exist.")
                    .require(s -> s.matches(COLLECTION_NAME), "give a collection's name");
    static final Option<String> FROM =
            Option.text("from", "Files to read: s3://bucket/prefix, file:///directory or a path.");
    static final Option<Format> FORMAT =
            Option.choice(
                            "format",
                            Format.class,
                            "What the files are; auto tells it by their names.")
                    .defaultsTo("auto");
    static final Option<String> LIKE =
            Option.text(
                            "like",
                            "Alias or collection whose fields a new collection gets; - for its name"
                                    + " without version, else the data model's.")
                    .defaultsTo(EmbeddingBackfillOptions.NONE);
    static final Option<Integer> DIMENSION =
            Option.integer("dimension", "Of a new collection; 0 for what the files hold.")
                    .defaultsTo("0")
                    .require(n -> n >= 0 && n <= 32_768, "give a whole number from 0 to 32768");
    static final Option<String> ALIAS =
            Option.text(
                            "alias",
                            "Alias to point to the collection when it is verified; - for none.")
                    .defaultsTo(EmbeddingBackfillOptions.NONE)
                    .require(
                            s ->
                                    s.equals(EmbeddingBackfillOptions.NONE)
                                            || s.matches(COLLECTION_NAME),
                            "give an alias, or -");

    static final Option<String> PARTITION_BY =
            EmbeddingBackfillOptions.PARTITION_BY.defaultsTo("none");

    /** What files may be. */
    enum Format {
        AUTO,
        PARQUET,
        NDJSON,
        NPY
    }

    private ImportOptions() {}

    static List<Option<?>> all() {
        List<Option<?>> options =
                new ArrayList<>(List.of(COLLECTION, FROM, FORMAT, LIKE, DIMENSION, ALIAS));
        options.add(PARTITION_BY);
        options.add(EmbeddingBackfillOptions.WITHOUT_MEDIA);
        options.addAll(EmbeddingBackfillOptions.copy());
        options.addAll(EmbeddingBackfillOptions.verification());
        return options;
    }
}
