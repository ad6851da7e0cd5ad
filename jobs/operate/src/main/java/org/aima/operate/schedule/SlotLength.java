package org.aima.operate.schedule;

import java.time.DayOfWeek;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** How long the slots of a schedule are; each begins on a whole hour, day, week or month of UTC. */
public enum SlotLength {
    HOUR("yyyy-MM-dd'T'HH", ChronoUnit.HOURS),
    DAY("yyyy-MM-dd", ChronoUnit.DAYS),
    WEEK("yyyy-MM-dd", ChronoUnit.WEEKS),
    MONTH("yyyy-MM", ChronoUnit.MONTHS);

    private final DateTimeFormatter label;
    private final ChronoUnit unit;

    SlotLength(String label, ChronoUnit unit) {
        this.label = DateTimeFormatter.ofPattern(label, Locale.ROOT);
        this.unit = unit;
    }

    /** The beginning of the slot that a moment lies in. */
    ZonedDateTime beginning(ZonedDateTime moment) {
        ZonedDateTime utc = moment.withZoneSameInstant(ZoneOffset.UTC);
        ZonedDateTime day = utc.truncatedTo(ChronoUnit.DAYS);
        return switch (this) {
            case HOUR -> utc.truncatedTo(ChronoUnit.HOURS);
            case DAY -> day;
            case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> day.withDayOfMonth(1);
        };
    }

    ZonedDateTime before(ZonedDateTime beginning) {
        return beginning.minus(1, unit);
    }

    String label(ZonedDateTime beginning) {
        return label.format(beginning);
    }
}
