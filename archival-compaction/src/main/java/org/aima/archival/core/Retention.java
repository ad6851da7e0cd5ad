package org.aima.archival.core;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How long archived results are kept, by class.
 *
 * @param byType a period such as {@code P7Y} by analysis type
 * @param others for all other types; empty keeps them for ever
 */
public record Retention(Map<String, String> byType, String others) implements Serializable {
    public static final String FOREVER = "forever";

    /**
     * @param text {@code type=P2Y,type=P5Y}, or {@code none}
     * @throws IllegalArgumentException when it is not of that form
     */
    public static Retention parse(String text, String others) {
        Map<String, String> byType = new TreeMap<>();
        if (!text.equals("none")) {
            for (String rule : text.split(",")) {
                int eq = rule.indexOf('=');
                if (eq <= 0) {
                    throw new IllegalArgumentException(rule);
                }
                byType.put(rule.substring(0, eq).trim(), period(rule.substring(eq + 1).trim()));
            }
        }
        return new Retention(Map.copyOf(byType), period(others));
    }

    private static String period(String text) {
        if (text.equals(FOREVER)) {
            return "";
        }
        try {
            Period period = Period.parse(text);
            if (period.isNegative() || period.isZero()) {
                throw new IllegalArgumentException(text);
            }
            return period.toString();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Results of the type before this time have expired; empty when they never do. */
    public Optional<Instant> limit(String analysisType, Instant now) {
        String period = byType.getOrDefault(analysisType, others);
        return period.isEmpty()
                ? Optional.empty()
                : Optional.of(now.atZone(ZoneOffset.UTC).minus(Period.parse(period)).toInstant());
    }
}
