package org.aima.operate.migrate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.jspecify.annotations.Nullable;

/**
 * Migrations as YAML, one version a file.
 *
 * <p>A file holds {@code version}, {@code description} and either {@code type} with {@code
 * operations}, or {@code parts}, a list of those two, when one version spans several stores.
 */
public final class MigrationFile {
    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();
    private static final Pattern ANY = Pattern.compile("(?s).+");

    private MigrationFile() {}

    /**
     * Reads every {@code *.yaml} of a directory in order of name.
     *
     * @param environment what {@code ${env:...}} sees
     * @throws ConfigurationException naming every problem of every file
     */
    public static List<Migration> readAll(Path directory, Map<String, String> environment) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        List<Migration> migrations = new ArrayList<>();
        for (Path file : files(directory, problems)) {
            Migration migration = read(file, environment, problems);
            if (migration != null) {
                migrations.add(migration);
            }
        }
        checkOrder(migrations, problems);
        Configuration.throwIfAny(problems);
        return migrations;
    }

    private static List<Path> files(Path directory, List<ConfigurationProblem> problems) {
        try (Stream<Path> listed = Files.list(directory)) {
            List<Path> files =
                    listed.filter(f -> f.getFileName().toString().endsWith(".yaml"))
                            .sorted()
                            .toList();
            if (files.isEmpty()) {
                problems.add(
                        new ConfigurationProblem(
                                directory.toString(), "*.yaml", "", "holds no migration"));
            }
            return files;
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(
                            directory.toString(), "*.yaml", "", "cannot be read; check the path"));
            return List.of();
        }
    }

    private static void checkOrder(
            List<Migration> migrations, List<ConfigurationProblem> problems) {
        Map<Integer, String> seen = new TreeMap<>();
        int highest = 0;
        for (Migration migration : migrations) {
            String other = seen.putIfAbsent(migration.version(), migration.file());
            if (other != null) {
                problems.add(
                        new ConfigurationProblem(
                                migration.file(),
                                "version",
                                Integer.toString(migration.version()),
                                "is also the version of " + other + "; give each file its own"));
            } else if (migration.version() < highest) {
                problems.add(
                        new ConfigurationProblem(
                                migration.file(),
                                "version",
                                Integer.toString(migration.version()),
                                "comes after version "
                                        + highest
                                        + " in order of file name; rename the file"));
            }
            highest = Math.max(highest, migration.version());
        }
    }

    private static @Nullable Migration read(
            Path file, Map<String, String> environment, List<ConfigurationProblem> problems) {
        String origin = file.toString();
        JsonNode root;
        try {
            root = YAML.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            problems.add(
                    new ConfigurationProblem(
                            origin,
                            "line " + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                            "",
                            "not valid YAML: "
                                    + Objects.toString(e.getOriginalMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse("")));
            return null;
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(origin, "(whole file)", "", "cannot be read as text"));
            return null;
        }
        if (root == null || !root.isObject()) {
            problems.add(
                    new ConfigurationProblem(
                            origin, "(whole file)", "", "write version, description and parts"));
            return null;
        }
        FieldReader fields = new FieldReader(origin, "", root, environment, problems);
        int before = problems.size();
        int version = fields.integer("version", 1, Integer.MAX_VALUE);
        boolean versionUsable = problems.size() == before;
        String description =
                fields.text("description", ANY, "say in a sentence what the version is for");
        List<Migration.Part> parts = new ArrayList<>();
        if (fields.has("parts")) {
            if (fields.has("type") || fields.has("operations")) {
                fields.problem("parts", "", "give either parts, or type with operations");
            }
            for (FieldReader part : fields.list("parts", true)) {
                parts.add(part(part, version));
                part.finish();
            }
        } else {
            parts.add(part(fields, version));
        }
        fields.finish();
        return versionUsable
                ? new Migration(file.getFileName().toString(), version, description, parts)
                : null;
    }

    private static Migration.Part part(FieldReader fields, int version) {
        String word =
                fields.text(
                        "type",
                        Pattern.compile("mongodb|vector_db|object_storage"),
                        "give mongodb, vector_db or object_storage");
        @Nullable StoreType type = StoreType.of(word).orElse(null);
        List<MigrationAction> actions = new ArrayList<>();
        for (FieldReader operation : fields.list("operations", true)) {
            String action = operation.text("action", ANY, "name the action");
            if (type != null) {
                MigrationAction read =
                        switch (type) {
                            case MONGODB -> MongoAction.read(action, operation);
                            case VECTOR_DB ->
                                    action.equals(RunAction.REPARTITION)
                                            ? RunAction.repartition(operation, version)
                                            : VectorAction.read(action, operation);
                            case OBJECT_STORAGE -> ObjectAction.read(action, operation);
                        };
                if (read != null) {
                    actions.add(read);
                    operation.finish();
                } else if (!action.isEmpty()) {
                    operation.problem(
                            "action",
                            action,
                            "unknown for "
                                    + word
                                    + "; give one of: "
                                    + String.join(", ", words(type)));
                }
            }
        }
        return new Migration.Part(type == null ? StoreType.MONGODB : type, actions);
    }

    private static List<String> words(StoreType type) {
        return switch (type) {
            case MONGODB -> MongoAction.WORDS;
            case VECTOR_DB -> VectorAction.WORDS;
            case OBJECT_STORAGE -> ObjectAction.WORDS;
        };
    }
}
