package org.aima.jobs.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;

/** The validated values of a set of options: every read succeeds because loading checked them. */
public final class Configuration {
    private final Map<Option<?>, Object> values;
    private final List<Setting> settings;

    Configuration(Map<Option<?>, Object> values, List<Setting> settings) {
        this.values = new LinkedHashMap<>(values);
        this.settings = List.copyOf(settings);
    }

    /** The value of an option that was part of the load. */
    @SuppressWarnings("unchecked")
    public <T> T get(Option<T> option) {
        Object value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException(option.key() + " was not among the loaded options");
        }
        return (T) value;
    }

    /** Every effective value with its origin, in order of key. */
    public List<Setting> settings() {
        return settings;
    }

    /** The effective values by key, secrets as references: what the ledger and the report hold. */
    public Map<String, String> redacted() {
        Map<String, String> out = new TreeMap<>();
        settings.forEach(s -> out.put(s.key(), s.value()));
        return out;
    }

    /**
     * Throws when checks that need more than one option (or a store) found problems.
     *
     * @throws ConfigurationException naming all of them
     */
    public static void throwIfAny(List<ConfigurationProblem> problems) {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(new ArrayList<>(problems));
        }
    }
}
