package org.aima.personclustering.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.CommandStack;
import org.aima.testkit.command.FlinkCluster;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The one stack of the session, started and used by the operator's command alone.
 *
 * <p>Its cluster knows MongoDB and Milvus by addresses that carry made-up secrets, so that every
 * test also leaves traces in which those must not be found.
 */
final class OperatorStack implements ExtensionContext.Store.CloseableResource {
    /** In the connection string; the driver ignores the option and the server never sees it. */
    static final String MONGO_SECRET = "canary-mongo-7c1fb2e95d";

    /** Sent as the token; a Milvus without login ignores it. */
    static final String MILVUS_SECRET = "canary-milvus-09d4e8a3b6";

    /** In an address that only the cluster's processes hold, for a run that fails there. */
    static final String WORKER_SECRET = "canary-worker-52e6c07f1a";

    static final String DATABASE = "e2e";

    private static final String STACK = "e2e";

    private final Path root;
    private final Map<String, String> environment;
    private final Map<String, String> addresses = new TreeMap<>();
    private final boolean stopAtEnd;
    private final Path reports;
    private final Path state;
    private final Map<String, String> clusterEnvironment = new TreeMap<>();
    private SharedWorld world;
    private FlinkCluster cluster;

    private OperatorStack() {
        root = Path.of(System.getProperty("aima.root")).toAbsolutePath();
        reports = root.resolve("person-clustering/target/e2e-reports");
        environment = CommandStack.emptyEnvironment();
        environment.put("AIMA_STACK", STACK);
        environment.put("AIMA_NO_BUILD", "1");
        environment.put("AIMA_MONGO_DB", DATABASE);
        environment.put("AIMA_REPORTS", reports.toString());
        state = CommandStack.stateOf(environment, STACK);
        stopAtEnd = aima("stack", "env", "--json").exits(0).json().isEmpty();
        try {
            if (stopAtEnd) {
                aima("stack", "reset", "--yes").exits(0);
            }
            aima("stack", "up", "--only", "mongo,milvus,s3,kafka,redis").exits(0);
            readAddresses();
            environment.put(
                    "AIMA_MONGO_URI", addresses.get("AIMA_MONGO_URI") + "/?sealed=" + MONGO_SECRET);
            environment.put("AIMA_MILVUS_TOKEN", "root:" + MILVUS_SECRET);
            clusterEnvironment.putAll(environment);
            // A slash that is not escaped: the driver's own message would repeat the password.
            clusterEnvironment.put(
                    "AIMA_E2E_MONGO_URI", "mongodb://robot:" + WORKER_SECRET + "/1@127.0.0.1/");
            startCluster().await().exits(0);
            readAddresses();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private void readAddresses() {
        JsonNode found = aima("stack", "env", "--json").exits(0).json();
        found.fields().forEachRemaining(f -> addresses.put(f.getKey(), f.getValue().asText()));
    }

    /** Starts what is not running, with the environment the workers are meant to have. */
    Command startCluster() {
        return start(clusterEnvironment, "stack", "up");
    }

    /** Runs {@code submit-scripts/aima} to its end. */
    Command.Result aima(String... arguments) {
        return aima(environment, arguments);
    }

    Command.Result aima(Map<String, String> environment, String... arguments) {
        return start(environment, arguments).await();
    }

    Command start(String... arguments) {
        return start(environment, arguments);
    }

    Command start(Map<String, String> environment, String... arguments) {
        List<String> words =
                new ArrayList<>(List.of(root.resolve("submit-scripts/aima").toString()));
        words.addAll(Arrays.asList(arguments));
        return Command.start(root, environment, words);
    }

    /** The environment of commands; a copy to change. */
    Map<String, String> environment() {
        return new TreeMap<>(environment);
    }

    /** A variable as {@code stack env} prints it. */
    String variable(String name) {
        return addresses.get(name);
    }

    /**
     * A run id nobody has used: a stack that was left running remembers those of its last session.
     */
    static String newRunId(String what) {
        return what + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    Path root() {
        return root;
    }

    Path reports() {
        return reports;
    }

    /** Where the stack keeps logs and process records. */
    Path state() {
        return state;
    }

    FlinkCluster cluster() {
        if (cluster == null) {
            cluster = new FlinkCluster(variable("AIMA_FLINK_REST"), state.resolve("run"));
        }
        return cluster;
    }

    /** The loaded world; loads it at the first call. */
    SharedWorld world() {
        if (world == null) {
            world = SharedWorld.load(this);
        }
        return world;
    }

    @Override
    public void close() {
        if (world != null) {
            world.close();
        }
        // A stack that ran before belongs to whoever started it.
        if (stopAtEnd && Files.isDirectory(state)) {
            aima("stack", "down");
        }
    }

    /** Gives test classes the stack of the session. */
    static final class Extension implements BeforeAllCallback, ParameterResolver {
        private static OperatorStack of(ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(OperatorStack.class))
                    .getOrComputeIfAbsent(
                            OperatorStack.class, k -> new OperatorStack(), OperatorStack.class);
        }

        @Override
        public void beforeAll(ExtensionContext context) {
            of(context);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == OperatorStack.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return of(context);
        }
    }
}
