package org.aima.testkit.servers;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of one test session: a variable that is already set wins, all others come from the
 * suite's own {@code stack} command under the stack name {@code test}.
 *
 * <p>Lives in the root store of JUnit, which closes it after the last test of the session.
 */
final class RunningServers implements ExtensionContext.Store.CloseableResource {
    private static final String STACK_NAME = "test";
    // The first start on a machine downloads and builds.
    private static final long UP_MINUTES = 20;
    private static final int SHOWN_LINES = 25;

    private final Map<String, String> started = new HashMap<>();
    private final Set<Server> asked = EnumSet.noneOf(Server.class);
    private boolean stopAtEnd;

    /** The value of one of the server's variables; starts the server at the first call. */
    synchronized String variable(Server server, String name) {
        String given = given(name);
        if (given != null) {
            return given;
        }
        if (asked.add(server)) {
            start(server);
        }
        String value = started.get(name);
        if (value == null) {
            throw new IllegalStateException(
                    "the stack command started "
                            + server.service()
                            + " but its `env --json` has no "
                            + name);
        }
        return value;
    }

    private void start(Server server) {
        Path directory = root();
        Map<String, String> before = environment(directory);
        boolean runs = before.keySet().containsAll(server.variables());
        if (!runs) {
            // A stack somebody else left running is theirs to stop.
            stopAtEnd = stopAtEnd || before.isEmpty();
            stack(directory, "up", "--only", server.service());
        }
        started.putAll(runs ? before : environment(directory));
    }

    private static Map<String, String> environment(Path directory) {
        String json = stack(directory, "env", "--json");
        try {
            return new ObjectMapper().readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (IOException e) {
            throw new IllegalStateException("`stack env --json` printed no JSON: " + json, e);
        }
    }

    @Override
    public synchronized void close() {
        if (stopAtEnd) {
            stack(root(), "down");
        }
    }

    private static @Nullable String given(String name) {
        String property = System.getProperty(name);
        String value = property == null ? System.getenv(name) : property;
        return value == null || value.isEmpty() ? null : value;
    }

    private static Path root() {
        String property = System.getProperty("aima.root");
        Path start = Path.of(property == null ? "" : property).toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("submit-scripts").resolve("stack"))) {
                return at;
            }
        }
        throw new IllegalStateException(
                "no submit-scripts/stack in "
                        + start
                        + " or above; set AIMA_MONGO_URI and its like, or -Daima.root");
    }

    private static String stack(Path root, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "submit-scripts/stack"));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile("aima-stack", ".out");
            Path err = Files.createTempFile("aima-stack", ".err");
            try {
                ProcessBuilder builder =
                        new ProcessBuilder(command)
                                .directory(root.toFile())
                                .redirectOutput(out.toFile())
                                .redirectError(err.toFile());
                builder.environment().put("AIMA_STACK", STACK_NAME);
                Process process = builder.start();
                if (!process.waitFor(UP_MINUTES, TimeUnit.MINUTES)) {
                    process.destroy();
                    throw failed(command, "took more than " + UP_MINUTES + " minutes", err);
                }
                if (process.exitValue() != 0) {
                    throw failed(command, "ended with " + process.exitValue(), err);
                }
                return Files.readString(out);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + String.join(" ", command), e);
        }
    }

    private static IllegalStateException failed(List<String> command, String how, Path err)
            throws IOException {
        List<String> lines = Files.readAllLines(err);
        return new IllegalStateException(
                String.join(" ", command)
                        + " "
                        + how
                        + ":\n"
                        + String.join(
                                "\n",
                                lines.subList(
                                        Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
    }
}
