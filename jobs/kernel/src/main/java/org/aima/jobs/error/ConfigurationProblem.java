package org.aima.jobs.error;

/**
 * One configuration error.
 *
 * @param origin where the value came from: a file, {@code argument} or {@code default}
 * @param key the option's key
 * @param value what was given; never a secret's value
 * @param remedy what to write instead
 */
public record ConfigurationProblem(String origin, String key, String value, String remedy) {

    /** One line: origin, key, value, remedy. */
    public String render() {
        return origin + ": " + key + (value.isEmpty() ? "" : " = " + value) + ": " + remedy;
    }
}
