package org.aima.jobs.model;

/**
 * A named figure that a stage contributes to the run's summary: a count that is added up, or a fact
 * such as a threshold, which is text.
 *
 * @param name for example {@code read}, {@code rejected.zero_vector} or {@code threshold.face}
 * @param amount what to add; 0 for a fact
 * @param text empty for a count
 */
public record Figure(String name, long amount, String text) {

    public static Figure count(String name, long amount) {
        return new Figure(name, amount, "");
    }

    public static Figure fact(String name, String text) {
        return new Figure(name, 0, text);
    }

    /** Both figures of one name as one: counts add up, of two facts the later one holds. */
    public Figure plus(Figure later) {
        return new Figure(name, amount + later.amount, later.text.isEmpty() ? text : later.text);
    }
}
