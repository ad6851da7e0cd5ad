package org.aima.jobs.config;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;

/**
 * Where a secret is found, never the secret itself: safe to serialise, print and store.
 *
 * <p>Neither text around the placeholder nor a fallback with text is allowed, so a literal secret
 * cannot be held.
 *
 * @param reference {@code ${env:NAME}}, {@code ${env:NAME:-}} or {@code ${file:/path}}
 */
public record SecretReference(String reference) implements Serializable {

    /** Names a file of {@code NAME=value} lines that is looked up before the environment. */
    public static final String SECRETS_FILE = "AIMA_SECRETS_FILE";

    public SecretReference {
        if (!Placeholders.isReferenceOnly(reference)) {
            throw new IllegalArgumentException("not a reference");
        }
    }

    /**
     * Reads the secret on the machine that needs it.
     *
     * @throws AimaException with {@link ExitCode#BAD_USAGE} when the variable or file is missing;
     *     the message names it
     */
    public String resolve() {
        return resolve(System.getenv());
    }

    /** As {@link #resolve()}, from a given environment. */
    public String resolve(Map<String, String> environment) {
        return Placeholders.resolve(reference, name -> lookUp(name, environment));
    }

    private static String lookUp(String name, Map<String, String> environment) {
        String file = environment.get(SECRETS_FILE);
        if (file != null && Files.isReadable(Path.of(file))) {
            Properties properties = new Properties();
            try (var reader = Files.newBufferedReader(Path.of(file))) {
                properties.load(reader);
            } catch (IOException e) {
                throw AimaException.failed("cannot read the secrets file " + file, e);
            }
            String value = properties.getProperty(name);
            if (value != null) {
                return value;
            }
        }
        return environment.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        return reference;
    }
}
