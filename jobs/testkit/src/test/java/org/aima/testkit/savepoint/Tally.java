package org.aima.testkit.savepoint;

/**
 * State of the sample stream. When the golden savepoint was written it had the fields {@code
 * count}, {@code gone} (a text) and {@code last}, in that order.
 */
public class Tally {
    public long last;
    public int added;
    public long count;
}
