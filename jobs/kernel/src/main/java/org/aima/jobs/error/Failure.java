package org.aima.jobs.error;

/** Whether a store's error goes away by itself: a transient one is retried, a fatal one is not. */
public enum Failure {
    TRANSIENT,
    FATAL
}
