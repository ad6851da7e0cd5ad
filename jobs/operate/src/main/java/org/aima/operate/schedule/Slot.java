package org.aima.operate.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of time that a schedule owes a run for.
 *
 * @param label its logical date, the last part of the run's id
 * @param begins what <code>{slot}</code> in a setting stands for
 */
public record Slot(String label, Instant begins) {
    private static final Pattern MARK = Pattern.compile("\\{(slot|date)([^}]*)\\}");

    /** The id of the run of this slot; the same slot is always the same run. */
    public String runId(String name) {
        return name + "-" + label;
    }

    /**
     * A setting in which <code>{date}</code> is replaced by the logical date, <code>{slot}</code>
     * by the slot's beginning and <code>{slot-P180D}</code> by the moment so long before it, so
     * that a slot caught up late gets what it would have got in time.
     */
    public String fill(String setting) {
        Matcher mark = MARK.matcher(setting);
        StringBuilder filled = new StringBuilder();
        while (mark.find()) {
            String value =
                    mark.group(1).equals("date") && mark.group(2).isEmpty()
                            ? label
                            : moment(mark.group(2), setting).toString();
            mark.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return mark.appendTail(filled).toString();
    }

    private Instant moment(String offset, String setting) {
        if (offset.isEmpty()) {
            return begins;
        }
        try {
            if (offset.startsWith("-PT")) {
                return begins.minus(Duration.parse(offset.substring(1)));
            }
            if (offset.startsWith("-P")) {
                return begins.atZone(ZoneOffset.UTC)
                        .minus(Period.parse(offset.substring(1)))
                        .toInstant();
            }
        } catch (DateTimeParseException e) {
            throw unusable(setting, e);
        }
        throw unusable(setting, null);
    }

    private static AimaException unusable(String setting, @Nullable Throwable cause) {
        return new AimaException(
                ExitCode.BAD_USAGE,
                "'"
                        + setting
                        + "' is not usable; give {date}, {slot}, or {slot-P180D} or {slot-PT6H}"
                        + " with an ISO 8601 period or duration",
                cause);
    }
}
