package org.aima.backfill.core;

import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;

/**
 * How rows are spread over partitions.
 *
 * @param byType whether the media type is part of the name
 * @param period the stretch of time (UTC) that is part of the name
 * @param keyField the field whose value the server partitions by; empty without one
 */
public record PartitionScheme(boolean byType, Period period, String keyField)
        implements Serializable {
    /** Where Milvus puts rows of collections that have no other partition. */
    public static final String DEFAULT_PARTITION = "_default";

    /** What operators may write. */
    public static final String REMEDY =
            "give none, key:<field>, or media-type and one of month, quarter, year, joined by commas";

    /** A stretch of time. */
    public enum Period {
        NONE,
        MONTH,
        QUARTER,
        YEAR
    }

    /**
     * Reads {@code media-type,month} and the like.
     *
     * @throws IllegalArgumentException when the text is no scheme
     */
    public static PartitionScheme parse(String text) {
        String wish = text.replace(" ", "").toLowerCase(Locale.ROOT);
        if (wish.equals("none")) {
            return new PartitionScheme(false, Period.NONE, "");
        }
        if (wish.startsWith("key:")) {
            String field = text.strip().substring("key:".length()).strip();
            if (!field.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new IllegalArgumentException(text);
            }
            return new PartitionScheme(false, Period.NONE, field);
        }
        boolean byType = false;
        Period period = Period.NONE;
        for (String word : wish.split(",", -1)) {
            switch (word) {
                case "media-type" -> byType = true;
                case "month", "quarter", "year" -> {
                    if (period != Period.NONE) {
                        throw new IllegalArgumentException(text);
                    }
                    period = Period.valueOf(word.toUpperCase(Locale.ROOT));
                }
                default -> throw new IllegalArgumentException(text);
            }
        }
        return new PartitionScheme(byType, period, "");
    }

    /** Whether the server itself chooses the partition. */
    public boolean byKey() {
        return !keyField.isEmpty();
    }

    /** Whether rows need a media type or a time to be placed. */
    public boolean needsMedia() {
        return byType || period != Period.NONE;
    }

    /**
     * The partition of a row, empty when what the scheme needs is unknown.
     *
     * @param type media type, empty when unknown
     * @param epochMillis time, 0 when unknown
     */
    public Optional<String> partition(String type, long epochMillis) {
        if (byType && type.isBlank() || period != Period.NONE && epochMillis <= 0) {
            return Optional.empty();
        }
        if (!needsMedia()) {
            return Optional.of(DEFAULT_PARTITION);
        }
        String prefix = byType ? name(type) : "all";
        return Optional.of(period == Period.NONE ? prefix : prefix + "_" + periodName(epochMillis));
    }

    private String periodName(long epochMillis) {
        LocalDate day = Instant.ofEpochMilli(epochMillis).atZone(ZoneOffset.UTC).toLocalDate();
        return switch (period) {
            case MONTH -> "%04d_%02d".formatted(day.getYear(), day.getMonthValue());
            case QUARTER -> "%04d_q%d".formatted(day.getYear(), (day.getMonthValue() + 2) / 3);
            case YEAR -> "%04d".formatted(day.getYear());
            case NONE -> "";
        };
    }

    /** A media type as part of a partition's name. */
    private static String name(String type) {
        String clean = type.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
        return clean.matches("[a-z].*") ? clean : "t_" + clean;
    }

    /** The next scheme with fewer partitions, if there is one. */
    public Optional<PartitionScheme> coarser() {
        return switch (period) {
            case MONTH -> Optional.of(new PartitionScheme(byType, Period.QUARTER, ""));
            case QUARTER -> Optional.of(new PartitionScheme(byType, Period.YEAR, ""));
            case YEAR ->
                    byType
                            ? Optional.of(new PartitionScheme(true, Period.NONE, ""))
                            : Optional.empty();
            case NONE -> Optional.empty();
        };
    }

    /** As an operator writes it. */
    public String text() {
        if (byKey()) {
            return "key:" + keyField;
        }
        String time = period == Period.NONE ? "" : period.name().toLowerCase(Locale.ROOT);
        if (!byType) {
            return time.isEmpty() ? "none" : time;
        }
        return time.isEmpty() ? "media-type" : "media-type," + time;
    }
}
