package org.aima.operate.world;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationProblem;

/**
 * The files of a world.
 *
 * @param documents a file for each document collection, parents before children
 * @param embeddings a file for each embedding collection
 * @param dimensions by embedding collection, as {@code world.json} states them
 */
record WorldDirectory(
        Path directory,
        List<DataFile> documents,
        List<DataFile> embeddings,
        Map<String, Integer> dimensions) {

    /** The document collections of a world, with the field that names a document. */
    static final Map<String, String> NATURAL_IDS =
            Map.of(
                    "media_items", "media_id",
                    "analysis_results", "result_id",
                    "persons", "person_id",
                    "dossiers", "dossier_id");

    static final List<String> DOCUMENT_COLLECTIONS =
            List.of("media_items", "analysis_results", "persons", "dossiers");

    /** The embedding collections of the data model. */
    static final List<String> EMBEDDING_COLLECTIONS =
            List.of(
                    "face_embeddings",
                    "voice_embeddings",
                    "object_embeddings",
                    "scene_embeddings",
                    "general_embeddings");

    static final String DESCRIPTION_FILE = "world.json";
    static final String LINES = ".ndjson";
    static final String COMPRESSED = ".ndjson.gz";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A file and the collection its lines belong to. */
    record DataFile(String collection, Path path) {
        String name() {
            return path.getFileName().toString();
        }
    }

    /**
     * Looks at a directory.
     *
     * @throws org.aima.jobs.error.ConfigurationException naming everything that makes it unusable
     */
    static WorldDirectory open(Path directory) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        Map<String, DataFile> files = new TreeMap<>();
        try (Stream<Path> listed = Files.list(directory)) {
            for (Path path : listed.sorted().toList()) {
                String collection = collection(path.getFileName().toString());
                if (collection.isEmpty()) {
                    continue;
                }
                DataFile other = files.putIfAbsent(collection, new DataFile(collection, path));
                if (other != null) {
                    problems.add(
                            new ConfigurationProblem(
                                    directory.toString(),
                                    path.getFileName().toString(),
                                    "",
                                    "is there twice, plain and compressed; remove one"));
                }
            }
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(
                            directory.toString(), "DIR", "", "is not a readable directory"));
        }
        Map<String, Integer> dimensions = readDimensions(directory, problems);
        Configuration.throwIfAny(problems);
        List<DataFile> documents = new ArrayList<>();
        for (String collection : DOCUMENT_COLLECTIONS) {
            DataFile file = files.remove(collection);
            if (file != null) {
                documents.add(file);
            }
        }
        return new WorldDirectory(
                directory, documents, List.copyOf(files.values()), Map.copyOf(dimensions));
    }

    private static String collection(String fileName) {
        if (fileName.endsWith(COMPRESSED)) {
            return fileName.substring(0, fileName.length() - COMPRESSED.length());
        }
        if (fileName.endsWith(LINES)) {
            return fileName.substring(0, fileName.length() - LINES.length());
        }
        return "";
    }

    private static Map<String, Integer> readDimensions(
            Path directory, List<ConfigurationProblem> problems) {
        Map<String, Integer> dimensions = new TreeMap<>();
        Path file = directory.resolve(DESCRIPTION_FILE);
        if (!Files.exists(file)) {
            return dimensions;
        }
        try {
            JsonNode stated = JSON.readTree(Files.readString(file)).path("dimensions");
            stated.fields()
                    .forEachRemaining(
                            f -> {
                                if (f.getValue().isInt() && f.getValue().asInt() > 0) {
                                    dimensions.put(f.getKey(), f.getValue().asInt());
                                } else {
                                    problems.add(
                                            new ConfigurationProblem(
                                                    file.toString(),
                                                    "dimensions." + f.getKey(),
                                                    f.getValue().toString(),
                                                    "give a whole number above 0"));
                                }
                            });
        } catch (JsonProcessingException e) {
            problems.add(
                    new ConfigurationProblem(
                            file.toString(), "(whole file)", "", "is not valid JSON"));
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(
                            file.toString(), "(whole file)", "", "cannot be read"));
        }
        return dimensions;
    }
}
