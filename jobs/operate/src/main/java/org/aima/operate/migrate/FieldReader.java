package org.aima.operate.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.jobs.error.ConfigurationProblem;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.bson.BsonDocument;
import org.bson.json.JsonParseException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one object of a migration file and collects what is wrong with them; after a
 * problem it answers with a stand-in, so that reading goes on to the next one.
 */
final class FieldReader {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{env:([^}:]+)(?::-([^}]*))?}");
    private static final int NEAREST_MAX_EDITS = 6;

    private final String origin;
    private final String path;
    private final JsonNode node;
    private final Map<String, String> environment;
    private final List<ConfigurationProblem> problems;
    private final Set<String> known = new TreeSet<>();

    FieldReader(
            String origin,
            String path,
            JsonNode node,
            Map<String, String> environment,
            List<ConfigurationProblem> problems) {
        this.origin = origin;
        this.path = path;
        this.node = node;
        this.environment = environment;
        this.problems = problems;
        if (!node.isObject()) {
            problems.add(
                    new ConfigurationProblem(
                            origin,
                            path.isEmpty() ? "(whole file)" : path,
                            node.asText(),
                            "write keys and values"));
        }
    }

    boolean has(String key) {
        known.add(key);
        return !field(key).isMissingNode();
    }

    /** A required text. */
    String text(String key, Pattern allowed, String remedy) {
        JsonNode value = field(key);
        String text = value.isValueNode() && !value.isNull() ? resolve(key, value.asText()) : "";
        if (text == null) {
            return "";
        }
        if (!allowed.matcher(text).matches()) {
            problem(key, text, (value.isMissingNode() ? "is required; " : "") + remedy);
        }
        return text;
    }

    /** A text that may be left out. */
    String text(String key, Pattern allowed, String remedy, String fallback) {
        return has(key) ? text(key, allowed, remedy) : fallback;
    }

    /** A required whole number. */
    int integer(String key, int min, int max) {
        String remedy = "give a whole number from " + min + " to " + max;
        JsonNode value = field(key);
        if (value.isMissingNode()) {
            problem(key, "", "is required; " + remedy);
            return min;
        }
        String text = resolve(key, value.asText());
        if (text == null) {
            return min;
        }
        try {
            int number = Integer.parseInt(text.trim());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers outside the bounds.
        }
        problem(key, text, remedy);
        return min;
    }

    int integer(String key, int min, int max, int fallback) {
        return has(key) ? integer(key, min, max) : fallback;
    }

    boolean flag(String key, boolean fallback) {
        if (!has(key)) {
            return fallback;
        }
        JsonNode value = field(key);
        if (!value.isBoolean()) {
            problem(key, value.asText(), "give true or false");
        }
        return value.asBoolean();
    }

    /** An object as BSON; extended JSON such as {@code {$date: ...}} is understood. */
    BsonDocument document(String key) {
        JsonNode value = field(key);
        if (!value.isObject()) {
            problem(
                    key,
                    value.isMissingNode() ? "" : value.toString(),
                    (value.isMissingNode() ? "is required; " : "") + "give keys and values");
            return new BsonDocument();
        }
        JsonNode resolved = resolveAll(key, value);
        try {
            return BsonDocument.parse(resolved.toString());
        } catch (JsonParseException e) {
            problem(key, value.toString(), "is not a document: " + e.getMessage());
            return new BsonDocument();
        }
    }

    /** Any value, untouched. */
    JsonNode raw(String key) {
        return field(key);
    }

    /** The texts of an object's fields, in order. */
    Map<String, String> texts(String key) {
        Map<String, String> out = new LinkedHashMap<>();
        JsonNode value = field(key);
        if (value.isMissingNode()) {
            return out;
        }
        if (!value.isObject()) {
            problem(key, value.asText(), "give keys and values");
            return out;
        }
        value.fields()
                .forEachRemaining(
                        f -> {
                            String text = resolve(key + "." + f.getKey(), f.getValue().asText());
                            out.put(f.getKey(), text == null ? "" : text);
                        });
        return out;
    }

    /** The objects of a list. */
    List<FieldReader> list(String key, boolean required) {
        JsonNode value = field(key);
        List<FieldReader> out = new ArrayList<>();
        if (value.isMissingNode() && !required) {
            return out;
        }
        if (!value.isArray() || value.isEmpty()) {
            problem(
                    key,
                    value.isValueNode() ? value.asText() : "",
                    (value.isMissingNode() ? "is required; " : "") + "give a list with entries");
            return out;
        }
        for (int i = 0; i < value.size(); i++) {
            out.add(
                    new FieldReader(
                            origin, at(key) + "[" + i + "]", value.get(i), environment, problems));
        }
        return out;
    }

    /** Adds a problem of one field. */
    void problem(String key, String value, String remedy) {
        problems.add(new ConfigurationProblem(origin, at(key), value, remedy));
    }

    /** Refuses every field that was not asked for. */
    void finish() {
        node.fieldNames()
                .forEachRemaining(
                        name -> {
                            if (!known.contains(name)) {
                                problem(name, "", "unknown key" + nearest(name));
                            }
                        });
    }

    private JsonNode field(String key) {
        known.add(key);
        JsonNode value = node.get(key);
        return value == null ? MissingNode.getInstance() : value;
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private JsonNode resolveAll(String key, JsonNode value) {
        if (!value.toString().contains("${env:")) {
            return value;
        }
        JsonNode copy = value.deepCopy();
        replaceTexts(key, copy);
        return copy;
    }

    private void replaceTexts(String key, JsonNode value) {
        if (value instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode child = object.get(name);
                if (child.isTextual()) {
                    String text = resolve(key + "." + name, child.asText());
                    object.put(name, text == null ? "" : text);
                } else {
                    replaceTexts(key + "." + name, child);
                }
            }
        } else if (value.isArray()) {
            value.forEach(child -> replaceTexts(key, child));
        }
    }

    private @Nullable String resolve(String key, String text) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            String value = environment.getOrDefault(name, "");
            if (value.isEmpty()) {
                value = matcher.group(2);
            }
            if (value == null) {
                problem(
                        key,
                        text,
                        "environment variable "
                                + name
                                + " is not set; set it or write ${env:"
                                + name
                                + ":-fallback}");
                return null;
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(out).toString();
    }

    private String nearest(String name) {
        LevenshteinDistance distance = new LevenshteinDistance(NEAREST_MAX_EDITS);
        String best = null;
        int bestEdits = Integer.MAX_VALUE;
        for (String candidate : known) {
            int edits = distance.apply(name, candidate);
            if (edits >= 0 && edits < bestEdits) {
                best = candidate;
                bestEdits = edits;
            }
        }
        return best == null
                ? "; known keys: " + String.join(", ", known)
                : "; did you mean " + best + "?";
    }
}
