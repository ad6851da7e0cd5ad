package org.aima.operate.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.operate.Installation;

/** A job's jar: asked in a process of its own, and submitted by {@code flink run}. */
public final class JobJar {
    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A graph is built by reflection on these packages, as in the distribution's configuration. */
    private static final List<String> OPENS =
            Stream.of("lang", "util", "io", "nio", "text", "time", "net", "lang.reflect")
                    .map(p -> "--add-opens=java.base/java." + p + "=ALL-UNNAMED")
                    .toList();

    private final Installation installation;
    private final Path jar;
    private final Path conf;

    public JobJar(Installation installation, String job) {
        this(installation, installation.jobJar(job), installation.conf());
    }

    /**
     * A certain jar under a certain configuration.
     *
     * @param conf directory of {@code stores.yaml} and the job's own file
     */
    public JobJar(Installation installation, Path jar, Path conf) {
        this.installation = installation;
        this.jar = jar;
        this.conf = conf;
    }

    /** The file. */
    public Path file() {
        return jar;
    }

    /**
     * Validates the configuration and reaches the stores.
     *
     * @return the effective settings and the target
     * @throws AimaException with exit code 2 and all problems
     */
    public JsonNode check(List<String> arguments) {
        return ask("--check", arguments);
    }

    /** The job's options by action. */
    public JsonNode describe() {
        return ask("--describe", List.of());
    }

    /** The operators of the graph that these arguments make. */
    public JsonNode operators(List<String> arguments) {
        return ask("--operators", arguments);
    }

    /**
     * Compares a savepoint with the graph that these arguments make; the answer says whether it can
     * be taken over.
     *
     * @param drop what of it may be lost
     */
    public JsonNode savepoint(String path, Collection<String> drop, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(path));
        drop.forEach(name -> all.addAll(List.of("--drop", name)));
        all.addAll(arguments);
        return ask("--savepoint", all);
    }

    /** Reads the stores back after a run; the answer says which checks passed. */
    public JsonNode verify(List<String> arguments, Consumer<ProgressLines.Progress> progress) {
        return ask("--verify", arguments, progress);
    }

    /** Brings the stores back to what they were before a run; the answer tells conflicts. */
    public JsonNode undo(List<String> arguments) {
        return ask("--undo", arguments);
    }

    /**
     * Does one step of a run's course; the job's process notes in the ledger that it is done.
     *
     * @throws AimaException with the exit code of the step's process
     */
    public JsonNode step(
            String step, List<String> arguments, Consumer<ProgressLines.Progress> progress) {
        List<String> all = new ArrayList<>(List.of(step));
        all.addAll(arguments);
        return ask("--step", all, progress);
    }

    private JsonNode ask(String question, List<String> arguments) {
        return ask(question, arguments, progress -> {});
    }

    private JsonNode ask(
            String question, List<String> arguments, Consumer<ProgressLines.Progress> progress) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        command.add("-XX:+UseSerialGC");
        command.addAll(OPENS);
        if (!question.equals("--step") && !question.equals("--verify")) {
            // An answer of a second is over before the better compiler would pay.
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.add(
                "-Dlog4j2.configurationFile="
                        + installation.conf().resolve("log4j2-cli.properties"));
        command.add("-cp");
        command.add(jar + ":" + installation.flinkHome().resolve("lib") + "/*");
        command.add(mainClass());
        command.add(question);
        command.addAll(arguments);
        Answer answer = run(command, progress);
        String json = lastJsonLine(answer.output());
        // A verdict of no is an answer too.
        boolean answered =
                answer.exit() == 0
                        || (Set.of("--verify", "--savepoint").contains(question)
                                && !json.isEmpty());
        if (!answered) {
            throw new AimaException(exitCode(answer.exit()), answer.errors().strip(), null);
        }
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw AimaException.failed("the job's answer is not JSON: " + answer.output(), e);
        }
    }

    /**
     * Submits the job and returns Flink's job id.
     *
     * @throws AimaException when the cluster did not take it
     */
    public String submit(List<String> arguments) {
        return submit(List.of(), arguments);
    }

    /**
     * The same with options of {@code flink run}.
     *
     * @throws AimaException when the cluster did not take it
     */
    public String submit(List<String> options, List<String> arguments) {
        URI rest = URI.create(installation.flinkRest());
        List<String> command = new ArrayList<>();
        command.add(installation.flinkHome().resolve("bin/flink").toString());
        command.add("run");
        command.add("-d");
        command.add("-m");
        command.add(rest.getHost() + ":" + rest.getPort());
        command.addAll(options);
        command.add(jar.toString());
        command.addAll(arguments);
        Answer answer = run(command, progress -> {});
        Matcher matcher = JOB_ID.matcher(answer.output());
        if (answer.exit() != 0 || !matcher.find()) {
            throw AimaException.failed(
                    "flink run failed:\n" + tail(answer.output() + "\n" + answer.errors()), null);
        }
        return matcher.group(1);
    }

    private static ExitCode exitCode(int exit) {
        return Arrays.stream(ExitCode.values())
                .filter(code -> code != ExitCode.DONE && code.code() == exit)
                .findFirst()
                .orElse(ExitCode.FAILED);
    }

    private Answer run(List<String> command, Consumer<ProgressLines.Progress> progress) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(installation.environment());
        builder.environment().put("AIMA_CONF_DIR", conf.toString());
        Path home = installation.flinkHome();
        builder.environment().putIfAbsent("FLINK_CONF_DIR", home.resolve("conf").toString());
        builder.environment().putIfAbsent("FLINK_PLUGINS_DIR", home.resolve("plugins").toString());
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            CompletableFuture<String> output =
                    CompletableFuture.supplyAsync(() -> read(process.getInputStream()), readers);
            CompletableFuture<String> errors =
                    CompletableFuture.supplyAsync(
                            () -> readTelling(process.getErrorStream(), progress), readers);
            return new Answer(process.waitFor(), output.join(), errors.join());
        } catch (IOException e) {
            throw AimaException.failed("cannot start " + command.get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AimaException(ExitCode.INTERRUPTED, "interrupted", e);
        } finally {
            readers.shutdown();
        }
    }

    private static String read(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Everything but the lines of progress, which are passed on as they come. */
    private static String readTelling(InputStream in, Consumer<ProgressLines.Progress> progress) {
        StringBuilder rest = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<ProgressLines.Progress> told = ProgressLines.read(line);
                told.ifPresent(progress);
                if (told.isEmpty()) {
                    rest.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            rest.append(e.getMessage());
        }
        return rest.toString();
    }

    private String mainClass() {
        try (java.util.jar.JarFile file = new java.util.jar.JarFile(jar.toFile())) {
            return file.getManifest().getMainAttributes().getValue("Main-Class");
        } catch (IOException e) {
            throw AimaException.failed("cannot read " + jar, e);
        }
    }

    private static String lastJsonLine(String output) {
        return output.lines().filter(l -> l.startsWith("{")).reduce("", (a, b) -> b);
    }

    private static String tail(String text) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    private record Answer(int exit, String output, String errors) {}
}
