package org.aima.jobs.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Configuration} from layers: default, then each YAML file in the order given, then
 * {@code key=value} arguments. A later layer wins; every error of every layer is reported at once.
 */
public final class ConfigurationLoader {
    /** What a printed value becomes when it might hold a secret. */
    public static final String REDACTED = "(redacted)";

    private static final YAMLMapper YAML =
            YAMLMapper.builder(YAMLFactory.builder().build())
                    .enable(
                            com.fasterxml.jackson.core.JsonParser.Feature
                                    .STRICT_DUPLICATE_DETECTION)
                    .build();
    private static final int NEAREST_KEY_MAX_EDITS = 6;

    private final Map<String, Option<?>> options = new TreeMap<>();
    private final Map<String, Entry> entries = new TreeMap<>();
    private final List<ConfigurationProblem> problems = new ArrayList<>();
    private final Map<String, String> environment;

    /**
     * @param options every option that may be set
     * @param environment what {@code ${env:…}} sees
     */
    public ConfigurationLoader(List<Option<?>> options, Map<String, String> environment) {
        options.forEach(o -> this.options.put(o.key(), o));
        this.environment = Map.copyOf(environment);
    }

    /** Adds a YAML file; nested keys are joined by dots. A missing file is an error. */
    public ConfigurationLoader file(Path path) {
        try {
            return yaml(Files.readString(path), path.toString());
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(
                            path.toString(), "-c", "", "the file cannot be read; check the path"));
            return this;
        }
    }

    /** Adds YAML text under the name of its origin. */
    public ConfigurationLoader yaml(String text, String origin) {
        try {
            JsonNode root = YAML.readTree(text);
            if (root != null && !root.isMissingNode() && !(root instanceof NullNode)) {
                if (!root.isObject()) {
                    problems.add(
                            new ConfigurationProblem(
                                    origin, "(whole file)", "", "write keys and values"));
                } else {
                    flatten("", root, origin);
                }
            }
        } catch (JsonProcessingException e) {
            problems.add(
                    new ConfigurationProblem(
                            origin,
                            "line " + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                            "",
                            "not valid YAML: " + firstLine(e.getOriginalMessage())));
        }
        return this;
    }

    /** Adds {@code key=value} arguments. */
    public ConfigurationLoader arguments(List<String> keyValues) {
        for (String pair : keyValues) {
            int eq = pair.indexOf('=');
            if (eq <= 0) {
                // What is not a plain word may be a misplaced secret, so it is not repeated.
                problems.add(
                        new ConfigurationProblem(
                                "argument",
                                pair.matches("[A-Za-z0-9._-]{1,40}") ? pair : REDACTED,
                                "",
                                "write key=value, for example parallelism=2"));
            } else {
                put(pair.substring(0, eq), pair.substring(eq + 1), "argument");
            }
        }
        return this;
    }

    /**
     * @throws ConfigurationException naming every problem of every layer
     */
    public Configuration load() {
        Map<Option<?>, Object> values = new LinkedHashMap<>();
        List<Setting> settings = new ArrayList<>();
        for (Option<?> option : options.values()) {
            Entry entry = entries.get(option.key());
            String text = entry == null ? option.defaultText() : entry.text();
            String origin = entry == null ? "default" : entry.origin();
            if (text == null) {
                problems.add(
                        new ConfigurationProblem(
                                origin,
                                option.key(),
                                "",
                                "is required and has no default; " + option.remedy()));
                continue;
            }
            Object value = parse(option, text, origin);
            if (value != null) {
                values.put(option, value);
                settings.add(
                        new Setting(
                                option.key(),
                                value.toString(),
                                origin,
                                option.isSecret(),
                                option.purpose()));
            }
        }
        Configuration.throwIfAny(problems);
        return new Configuration(values, settings);
    }

    private @Nullable Object parse(Option<?> option, String text, String origin) {
        try {
            if (option.isSecret()) {
                SecretReference reference = (SecretReference) option.parse(text);
                reference.resolve(environment);
                return reference;
            }
            return option.parse(
                    Placeholders.resolve(text, name -> environment.getOrDefault(name, "")));
        } catch (AimaException e) {
            problems.add(
                    new ConfigurationProblem(
                            origin,
                            option.key(),
                            text,
                            e.getMessage() + "; set it or change the value"));
        } catch (IllegalArgumentException e) {
            problems.add(
                    new ConfigurationProblem(
                            origin,
                            option.key(),
                            option.isSecret() ? REDACTED : text,
                            option.remedy()));
        }
        return null;
    }

    private void flatten(String prefix, JsonNode node, String origin) {
        node.fields()
                .forEachRemaining(
                        field -> {
                            String key =
                                    prefix.isEmpty()
                                            ? field.getKey()
                                            : prefix + "." + field.getKey();
                            JsonNode value = field.getValue();
                            if (value.isObject()) {
                                flatten(key, value, origin);
                            } else if (value.isArray()) {
                                put(
                                        key,
                                        StreamSupport.stream(value.spliterator(), false)
                                                .map(JsonNode::asText)
                                                .collect(Collectors.joining(",")),
                                        origin);
                            } else if (!value.isNull()) {
                                put(key, value.asText(), origin);
                            }
                        });
    }

    private void put(String key, String text, String origin) {
        if (options.containsKey(key)) {
            entries.put(key, new Entry(text, origin));
        } else {
            problems.add(new ConfigurationProblem(origin, key, "", "unknown key" + nearest(key)));
        }
    }

    private String nearest(String key) {
        LevenshteinDistance distance = new LevenshteinDistance(NEAREST_KEY_MAX_EDITS);
        String best = null;
        int bestEdits = Integer.MAX_VALUE;
        for (String known : options.keySet()) {
            int edits = distance.apply(key, known);
            if (edits >= 0 && edits < bestEdits) {
                best = known;
                bestEdits = edits;
            }
        }
        return best == null
                ? "; known keys: " + String.join(", ", options.keySet())
                : "; did you mean " + best + "?";
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private record Entry(String text, String origin) {}
}
