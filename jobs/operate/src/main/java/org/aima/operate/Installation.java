package org.aima.operate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.error.AimaException;
import org.aima.stores.StoreOptions;

/** Where the suite's files, the cluster and the stores are, as the environment says. */
public final class Installation {
    private final Path root;
    private final Map<String, String> environment;

    public Installation(Path root, Map<String, String> environment) {
        this.root = root;
        this.environment = Map.copyOf(environment);
    }

    /** From this process's environment; the scripts set {@code AIMA_ROOT}. */
    public static Installation fromEnvironment() {
        Map<String, String> environment = System.getenv();
        return new Installation(
                Path.of(environment.getOrDefault("AIMA_ROOT", ".")).toAbsolutePath().normalize(),
                environment);
    }

    public Map<String, String> environment() {
        return environment;
    }

    public Path root() {
        return root;
    }

    public Path conf() {
        return Path.of(environment.getOrDefault("AIMA_CONF_DIR", root.resolve("conf").toString()));
    }

    public Path reports() {
        return Path.of(
                environment.getOrDefault(
                        "AIMA_REPORTS", root.resolve("target/reports").toString()));
    }

    public Path jobJar(String job) {
        if (!job.matches("[a-z][a-z-]*")) {
            throw AimaException.usage("'" + job + "' is not a job's name");
        }
        Path jar = root.resolve(job).resolve("target").resolve(job + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw AimaException.usage(
                    "there is no job " + job + " (looked for " + jar + "); build it: mvn package");
        }
        return jar;
    }

    /** Where jars and settings of started versions are kept. */
    public Path jars() {
        String given = environment.get("AIMA_JARS");
        if (given != null && !given.isBlank()) {
            return Path.of(given).toAbsolutePath();
        }
        String home = environment.get("AIMA_HOME");
        return (home == null || home.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache", "aima")
                        : Path.of(home))
                .resolve("jars")
                .toAbsolutePath();
    }

    public Path flinkHome() {
        return Path.of(required("FLINK_HOME", "the Flink distribution"));
    }

    public String flinkRest() {
        return required("AIMA_FLINK_REST", "the Flink cluster's REST address");
    }

    private String required(String name, String what) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw AimaException.usage(
                    name + " is not set: it names " + what + "; start the stack: aima stack up");
        }
        return value;
    }

    /**
     * The stores' configuration.
     *
     * @throws org.aima.jobs.error.ConfigurationException naming every problem
     */
    public Configuration stores() {
        ConfigurationLoader loader = new ConfigurationLoader(StoreOptions.all(), environment);
        Path file = conf().resolve("stores.yaml");
        if (Files.exists(file)) {
            loader.file(file);
        }
        return loader.load();
    }
}
