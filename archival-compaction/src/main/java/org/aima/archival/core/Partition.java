package org.aima.archival.core;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;

/**
 * The directory a result belongs to: its analysis type and the month of its timestamp, UTC.
 *
 * @param month 1 to 12
 */
public record Partition(String analysisType, int year, int month) implements Comparable<Partition> {
    /** Under which all data files lie. */
    public static final String ROOT = "analysis_results/";

    private static final int HASH_CHARACTERS = 16;
    private static final String HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";

    public static Partition of(String analysisType, long timestampMillis) {
        ZonedDateTime time = Instant.ofEpochMilli(timestampMillis).atZone(ZoneOffset.UTC);
        return new Partition(analysisType, time.getYear(), time.getMonthValue());
    }

    /** The key prefix of its files, ending with a slash. */
    public String path() {
        return "%sanalysis_type=%s/year=%04d/month=%02d/"
                .formatted(ROOT, escaped(analysisType), year, month);
    }

    /**
     * The key of a file. Other bytes have another key: an attempt that is repeated after the commit
     * finds fewer documents, and must not write over what was published.
     *
     * @param slice 0 to 999,999
     * @param index 0 to 999, the how manieth file of the slice
     * @param sha256 of the file's bytes, hexadecimal
     */
    public String file(String run, int slice, int index, String sha256) {
        return path()
                + "part-%s-%05d-%s.parquet"
                        .formatted(
                                escaped(run),
                                slice * 1_000 + index,
                                sha256.substring(0, HASH_CHARACTERS));
    }

    // As Hive does it: other characters could leave the directory or break a reader's key=value.
    static String escaped(String value) {
        if (value.isEmpty()) {
            return HIVE_NULL;
        }
        StringBuilder out = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain =
                    c >= 'a' && c <= 'z'
                            || c >= 'A' && c <= 'Z'
                            || c >= '0' && c <= '9'
                            || c == '_'
                            || c == '-'
                            || c == '.' && out.length() > 0;
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            }
        }
        return out.toString();
    }

    @Override
    public int compareTo(Partition other) {
        int byType = analysisType.compareTo(other.analysisType);
        if (byType != 0) {
            return byType;
        }
        return year != other.year
                ? Integer.compare(year, other.year)
                : Integer.compare(month, other.month);
    }
}
