package org.aima.jobs.config;

/**
 * One effective value and where it came from, safe to print.
 *
 * @param key the option's key
 * @param value the value as text; a secret shows its reference only
 * @param origin {@code default}, a file's path, or {@code argument}
 * @param secret whether the value is a reference to a secret
 * @param purpose what the option does
 */
public record Setting(String key, String value, String origin, boolean secret, String purpose) {}
