package org.aima.jobs.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.jobs.error.AimaException;
import org.jspecify.annotations.Nullable;

/**
 * The {@code ${env:NAME}}, {@code ${env:NAME:-fallback}} and {@code ${file:/path}} placeholders.
 */
final class Placeholders {
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\$\\{(env|file):([^}:]+)(?::-([^}]*))?}");
    // A fallback with text would be a literal secret.
    private static final Pattern SECRET = Pattern.compile("\\$\\{(env:[^}:]+(:-)?|file:[^}:]+)}");

    private Placeholders() {}

    /** Whether the text is one placeholder that holds no value itself. */
    static boolean isReferenceOnly(String text) {
        return SECRET.matcher(text).matches();
    }

    /**
     * Replaces every placeholder.
     *
     * @param environment looks a variable up; an empty result means it is not set
     * @throws AimaException when a variable without fallback is not set or a file cannot be read
     */
    static String resolve(String text, UnaryOperator<String> environment) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(2);
            @Nullable String fallback = matcher.group(3);
            String value;
            if ("env".equals(matcher.group(1))) {
                value = environment.apply(name);
                if (value.isEmpty()) {
                    if (fallback == null) {
                        throw AimaException.usage("environment variable " + name + " is not set");
                    }
                    value = fallback;
                }
            } else {
                try {
                    value = Files.readString(Path.of(name)).strip();
                } catch (IOException e) {
                    throw AimaException.usage("file " + name + " cannot be read");
                }
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(out).toString();
    }
}
