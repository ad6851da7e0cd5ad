package org.aima.testkit.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A stack of one module's own, empty when it starts, that the operator's command alone uses. */
public final class CommandStack implements AutoCloseable {
    private final Path root = Path.of(System.getProperty("aima.root")).toAbsolutePath();
    private final Map<String, String> environment;
    private final Map<String, String> addresses = new TreeMap<>();
    private final Path state;
    private final String servers;
    private @Nullable FlinkCluster cluster;

    /**
     * Empties the stack and starts it.
     *
     * @param module directory of the module, for its reports
     * @param stack the stack's name; {@code .ci/run} has to name it too, to stop it
     * @param database of MongoDB
     * @param servers what to start, joined by commas
     */
    public CommandStack(String module, String stack, String database, String servers) {
        this(module, stack, database, servers, Map.of());
    }

    /**
     * The same with more variables: addresses of servers that are part of every configuration but
     * are not started here.
     */
    public CommandStack(
            String module,
            String stack,
            String database,
            String servers,
            Map<String, String> variables) {
        this.servers = servers;
        environment = emptyEnvironment();
        environment.putAll(variables);
        environment.put("AIMA_STACK", stack);
        environment.put("AIMA_NO_BUILD", "1");
        environment.put("AIMA_MONGO_DB", database);
        environment.put(
                "AIMA_REPORTS", root.resolve(module).resolve("target/e2e-reports").toString());
        state = stateOf(environment, stack);
        try {
            aima("stack", "reset", "--yes").exits(0);
            up();
            JsonNode found = aima("stack", "env", "--json").exits(0).json();
            found.fields().forEachRemaining(f -> addresses.put(f.getKey(), f.getValue().asText()));
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** This process's environment without addresses, which would be used in place of a stack's. */
    public static Map<String, String> emptyEnvironment() {
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment
                .keySet()
                .removeIf(
                        k ->
                                k.startsWith("FLINK_")
                                        || k.startsWith("AIMA_") && !k.equals("AIMA_HOME"));
        return environment;
    }

    /** Where a stack keeps its logs and process records. */
    public static Path stateOf(Map<String, String> environment, String stack) {
        String home =
                environment.getOrDefault(
                        "AIMA_HOME", System.getProperty("user.home") + "/.cache/aima");
        return Path.of(home, "stacks", stack);
    }

    /** Starts those servers again that do not run. */
    public void up() {
        aima("stack", "up", "--only", servers).exits(0);
    }

    /** Runs {@code submit-scripts/aima} to its end. */
    public Command.Result aima(String... arguments) {
        return start(arguments).await();
    }

    /** Starts {@code submit-scripts/aima}. */
    public Command start(String... arguments) {
        List<String> words =
                new ArrayList<>(List.of(root.resolve("submit-scripts/aima").toString()));
        words.addAll(Arrays.asList(arguments));
        return Command.start(root, environment, words);
    }

    /** Runs another script of {@code submit-scripts} to its end. */
    public Command.Result script(String name, String... arguments) {
        List<String> words =
                new ArrayList<>(List.of(root.resolve("submit-scripts").resolve(name).toString()));
        words.addAll(Arrays.asList(arguments));
        return Command.start(root, environment, words).await();
    }

    /** A variable as {@code stack env} prints it. */
    public String variable(String name) {
        return Objects.requireNonNull(addresses.get(name), name);
    }

    /** The Flink cluster of the stack. */
    public FlinkCluster cluster() {
        if (cluster == null) {
            cluster = new FlinkCluster(variable("AIMA_FLINK_REST"), state.resolve("run"));
        }
        return cluster;
    }

    @Override
    public void close() {
        if (Files.isDirectory(state)) {
            aima("stack", "down");
        }
    }
}
