package org.aima.operate.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** The tables of the specification, read from a copy of it. */
final class DataModelTable {
    private static final Pattern INDEX_LINE =
            Pattern.compile("- (media_items|analysis_results|persons|dossiers): (.*)");
    private static final Pattern EMBEDDING_LINE =
            Pattern.compile("\\| (\\w+_embeddings) \\| (\\d+|any) \\|.*\\|.*\\|");

    private DataModelTable() {}

    /**
     * An index the specification asks for.
     *
     * @param keys as JSON, for documents compare equal in any order of keys
     */
    record Index(String collection, String keys, boolean unique) {
        Index(String collection, BsonDocument keys, boolean unique) {
            this(collection, keys.toJson(), unique);
        }
    }

    static List<Index> indexes() {
        List<Index> indexes = new ArrayList<>();
        for (String line : lines()) {
            Matcher matcher = INDEX_LINE.matcher(line);
            if (matcher.matches()) {
                for (String entry : matcher.group(2).split(";")) {
                    indexes.add(index(matcher.group(1), entry.trim()));
                }
            }
        }
        return indexes;
    }

    private static Index index(String collection, String entry) {
        BsonDocument keys = new BsonDocument();
        boolean unique = false;
        for (String field : entry.replaceAll("[()]", "").split(",")) {
            List<String> words = List.of(field.trim().split(" "));
            keys.put(words.get(0), new BsonInt32(words.contains("desc") ? -1 : 1));
            unique |= words.contains("unique");
        }
        return new Index(collection, keys, unique);
    }

    /** Names of the embedding collections and their dimensions, 0 for any. */
    static java.util.Map<String, Integer> embeddings() {
        java.util.Map<String, Integer> found = new java.util.TreeMap<>();
        for (String line : lines()) {
            Matcher matcher = EMBEDDING_LINE.matcher(line);
            if (matcher.matches()) {
                String dimension = matcher.group(2);
                found.put(
                        matcher.group(1),
                        dimension.equals("any") ? 0 : Integer.parseInt(dimension));
            }
        }
        return found;
    }

    private static List<String> lines() {
        try (InputStream in = DataModelTable.class.getResourceAsStream("/data-model.md")) {
            if (in == null) {
                throw new IllegalStateException("data-model.md is not among the test resources");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
