package org.aima.testkit.savepoint;

/** State of the sample stream as it was when the golden savepoint was written. */
public class Tally {
    public long count;
    public String gone = "";
    public long last;
}
