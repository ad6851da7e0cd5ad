package org.aima.operate.world;

/** A line that cannot be loaded; the message says what was seen. */
final class BadLineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final String key;

    BadLineException(String reason, String key, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
        this.key = key;
    }

    /** The fixed word. */
    String reason() {
        return reason;
    }

    /** The id as far as it is known. */
    String key() {
        return key;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
