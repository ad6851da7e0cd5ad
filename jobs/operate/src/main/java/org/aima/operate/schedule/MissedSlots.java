package org.aima.operate.schedule;

/** What is done about slots for which no run succeeded. */
public enum MissedSlots {
    /** The present slot runs, the missed ones never do. */
    SKIP,
    /** The missed ones run first, the oldest at the beginning. */
    CATCH_UP
}
