package org.aima.operate.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.error.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MigrationFileTest {
    @TempDir Path directory;

    private List<ConfigurationProblem> problems(Map<String, String> environment) {
        ConfigurationException refused =
                catchThrowableOfType(
                        () -> MigrationFile.readAll(directory, environment),
                        ConfigurationException.class);
        assertThat(refused).isNotNull();
        assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_USAGE);
        return refused.problems();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    @Test
    void readsTheFormOfTheArchitectureDocument() throws IOException {
        write(
                "0001.yaml",
                """
                version: 1
                description: rename and index
                type: mongodb
                operations:
                  - {action: create_collection, collection: a}
                  - {action: create_index, collection: a, index_spec: [[x, 1], [y, -1]], index_options: {unique: true}}
                  - {action: drop_index, collection: a, index_name: x_1}
                  - {action: update_documents, collection: a, filter: {x: {$exists: false}}, update: {$set: {x: 0}}, multi: true}
                  - {action: rename_field, collection: a, old_field: p, new_field: q}
                """);

        List<Migration> migrations = MigrationFile.readAll(directory, Map.of());

        assertThat(migrations).hasSize(1);
        assertThat(migrations.get(0).actions())
                .extracting(MigrationAction::describe)
                .containsExactly(
                        "create collection a",
                        "create index a.x_1_y_-1 {\"unique\": true}",
                        "drop index a.x_1",
                        "update documents of a where {\"x\": {\"$exists\": false}}",
                        "rename field p of a to q");
    }

    @Test
    void reportsEveryProblemOfEveryFileAtOnce() throws IOException {
        write(
                "0001.yaml",
                """
                version: 0
                description: first
                type: mongodb
                operations:
                  - {action: create_colection, collection: a}
                  - {action: create_index, collection: a, index_spec: {x: 3}}
                  - {action: create_index, collection: a, index_spec: {x: 1}, index_options: {uniqe: true}}
                  - {action: update_documents, collection: a, filter: {}, update: {$inc: {n: 1}}}
                """);
        write(
                "0002.yaml",
                """
                version: 2
                descripton: second
                parts:
                  - type: vector_db
                    operations:
                      - {action: create_collection, collection: v, dimension: "${env:DIMENSION}"}
                      - {action: create_collection, collection: v, fields: [{name: a, type: blob}]}
                  - type: object_storage
                    operations:
                      - {action: create_bucket, bucket: UPPER}
                      - {action: move_prefix, bucket: abc, from: a/, to: a/b/}
                """);

        assertThat(problems(Map.of()))
                .extracting(p -> Path.of(p.origin()).getFileName() + " " + p.key())
                .containsExactlyInAnyOrder(
                        "0001.yaml version",
                        "0001.yaml operations[0].action",
                        "0001.yaml operations[1].index_spec.x",
                        "0001.yaml operations[1].index_spec",
                        "0001.yaml operations[2].index_options.uniqe",
                        "0001.yaml operations[3].update.$inc",
                        "0002.yaml description",
                        "0002.yaml descripton",
                        "0002.yaml parts[0].operations[0].dimension",
                        "0002.yaml parts[0].operations[1].fields[0].type",
                        "0002.yaml parts[0].operations[1].fields",
                        "0002.yaml parts[0].operations[1].fields",
                        "0002.yaml parts[1].operations[0].bucket",
                        "0002.yaml parts[1].operations[1].to");
        assertThat(problems(Map.of()))
                .filteredOn(p -> p.key().equals("descripton"))
                .extracting(ConfigurationProblem::remedy)
                .containsExactly("unknown key; did you mean description?");
    }

    static Stream<Arguments> wrongFiles() {
        String end =
                "description: d\ntype: object_storage\noperations:\n"
                        + "  - {action: create_bucket, bucket: abc}\n";
        return Stream.of(
                Arguments.of("same version twice", "version: 1\n" + end, "version: 1\n" + end),
                Arguments.of("order of names", "version: 2\n" + end, "version: 1\n" + end),
                Arguments.of("not YAML", "version: 1\n" + end, "version: [\n"),
                Arguments.of(
                        "duplicate key", "version: 1\n" + end, "version: 2\nversion: 3\n" + end),
                Arguments.of("a list", "version: 1\n" + end, "- a\n"),
                Arguments.of(
                        "no operations",
                        "version: 1\n" + end,
                        "version: 2\ndescription: d\ntype: mongodb\n"),
                Arguments.of("both forms", "version: 1\n" + end, "version: 2\nparts: []\n" + end));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFiles")
    void refuses(String what, String first, String second) throws IOException {
        write("0001.yaml", first);
        assertThat(MigrationFile.readAll(directory, Map.of())).hasSize(1);
        write("0002.yaml", second);
        assertThat(problems(Map.of())).isNotEmpty();
    }

    @Test
    void refusesADirectoryWithoutMigrations() {
        assertThat(problems(Map.of())).hasSize(1);
    }

    @Test
    void resolvesVariablesAndTheirFallbacks() throws IOException {
        write(
                "0001.yaml",
                """
                version: 1
                description: dimensions
                type: vector_db
                operations:
                  - {action: create_collection, collection: v, dimension: "${env:FACE:-512}"}
                """);

        assertThat(MigrationFile.readAll(directory, Map.of()).get(0).actions())
                .extracting(MigrationAction::describe)
                .containsExactly("create embedding collection v (dimension 512)");
        assertThat(MigrationFile.readAll(directory, Map.of("FACE", "128")).get(0).actions())
                .extracting(MigrationAction::describe)
                .containsExactly("create embedding collection v (dimension 128)");
    }
}
