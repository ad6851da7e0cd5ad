package org.aima.jobs.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One setting an operator can give: key, type, default, constraint and purpose.
 *
 * @param <T> the type of a valid value
 */
public final class Option<T> {
    private final String key;
    private final String typeName;
    private final String purpose;
    private final @Nullable String defaultText;
    private final boolean secret;
    private final Function<String, T> parser;
    private final Predicate<T> constraint;
    private final String remedy;

    private Option(
            String key,
            String typeName,
            String purpose,
            @Nullable String defaultText,
            boolean secret,
            Function<String, T> parser,
            Predicate<T> constraint,
            String remedy) {
        this.key = key;
        this.typeName = typeName;
        this.purpose = purpose;
        this.defaultText = defaultText;
        this.secret = secret;
        this.parser = parser;
        this.constraint = constraint;
        this.remedy = remedy;
    }

    public static Option<String> text(String key, String purpose) {
        return new Option<>(
                key, "text", purpose, null, false, s -> s, s -> !s.isBlank(), "give a text");
    }

    public static Option<Integer> integer(String key, String purpose) {
        return new Option<>(
                key,
                "integer",
                purpose,
                null,
                false,
                s -> Integer.parseInt(s.replace("_", "")),
                v -> true,
                "give a whole number");
    }

    public static Option<Double> number(String key, String purpose) {
        return new Option<>(
                key,
                "number",
                purpose,
                null,
                false,
                Double::parseDouble,
                v -> !v.isNaN(),
                "give a number");
    }

    public static Option<Boolean> flag(String key, String purpose) {
        return new Option<>(
                key,
                "true or false",
                purpose,
                null,
                false,
                s ->
                        switch (s.toLowerCase(Locale.ROOT)) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException(s);
                        },
                v -> true,
                "give true or false");
    }

    public static Option<Duration> duration(String key, String purpose) {
        return new Option<>(
                key,
                "duration",
                purpose,
                null,
                false,
                Option::parseDuration,
                d -> !d.isNegative(),
                "give a duration such as 500ms, 30s, 10m, 2h or 7d");
    }

    /**
     * A value that is resolved only where it is used, from {@code ${env:…}} or {@code ${file:…}}.
     */
    public static Option<SecretReference> secret(String key, String purpose) {
        return new Option<>(
                key,
                "secret",
                purpose,
                null,
                true,
                SecretReference::new,
                s -> true,
                "give ${env:NAME} or ${file:/path}; secrets are never written into files or"
                        + " arguments");
    }

    public static <E extends Enum<E>> Option<E> choice(String key, Class<E> type, String purpose) {
        String names =
                String.join(
                        ", ",
                        Arrays.stream(type.getEnumConstants()).map(Option::choiceName).toList());
        return new Option<>(
                key,
                names,
                purpose,
                null,
                false,
                s ->
                        Arrays.stream(type.getEnumConstants())
                                .filter(e -> choiceName(e).equals(s))
                                .findFirst()
                                .orElseThrow(() -> new IllegalArgumentException(s)),
                v -> true,
                "give one of: " + names);
    }

    /** The same option with a default, given as an operator would write it. */
    public Option<T> defaultsTo(String text) {
        return new Option<>(key, typeName, purpose, text, secret, parser, constraint, remedy);
    }

    /** The same option that also refuses values outside a constraint; the remedy names it. */
    public Option<T> require(Predicate<T> further, String furtherRemedy) {
        return new Option<>(
                key,
                typeName,
                purpose,
                defaultText,
                secret,
                parser,
                constraint.and(further),
                furtherRemedy);
    }

    public String key() {
        return key;
    }

    public String typeName() {
        return typeName;
    }

    public String purpose() {
        return purpose;
    }

    public @Nullable String defaultText() {
        return defaultText;
    }

    public boolean isSecret() {
        return secret;
    }

    /** What to write when a value is refused. */
    public String remedy() {
        return remedy;
    }

    /**
     * @throws IllegalArgumentException when the text is not a valid value; the message is not meant
     *     for people, {@link #remedy()} is
     */
    T parse(String text) {
        T value = parser.apply(text.trim());
        if (!constraint.test(value)) {
            throw new IllegalArgumentException(key);
        }
        return value;
    }

    private static String choiceName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Duration parseDuration(String text) {
        String s = text.toLowerCase(Locale.ROOT).replace(" ", "");
        int digits = 0;
        while (digits < s.length() && Character.isDigit(s.charAt(digits))) {
            digits++;
        }
        long amount = Long.parseLong(s.substring(0, digits));
        try {
            return switch (s.substring(digits)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m", "min" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> throw new IllegalArgumentException(text);
            };
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
