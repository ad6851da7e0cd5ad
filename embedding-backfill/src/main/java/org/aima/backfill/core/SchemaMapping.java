package org.aima.backfill.core;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;

/**
 * How the fields of a row change on the way from one collection to another.
 *
 * @param renames new name by old name
 * @param drops fields that are left behind
 * @param additions fields the target has besides
 * @param lengths of VARCHAR fields, by their name in the source
 */
public record SchemaMapping(
        Map<String, String> renames,
        Set<String> drops,
        List<Addition> additions,
        Map<String, Integer> lengths)
        implements Serializable {
    /** Nothing changes. */
    public static final SchemaMapping IDENTITY =
            new SchemaMapping(Map.of(), Set.of(), List.of(), Map.of());

    private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";
    private static final Pattern ADDITION =
            Pattern.compile(
                    "(" + NAME + "):([a-z0-9]+)(?:\\((\\d+)\\))?=(const|media|result):(.*)",
                    Pattern.DOTALL);
    private static final int LONGEST = 65_535;

    /** Where the value of an added field comes from. */
    public enum Origin {
        CONST,
        MEDIA,
        RESULT
    }

    /**
     * An added field.
     *
     * @param value the constant, or the path of the document's field
     */
    public record Addition(Field field, Origin origin, String value) implements Serializable {
        /** The key of its value in {@link MediaFacts#values}. */
        public String path() {
            return origin.name().toLowerCase(Locale.ROOT) + ":" + value;
        }
    }

    public SchemaMapping {
        renames = new TreeMap<>(renames);
        drops = new java.util.TreeSet<>(drops);
        additions = new ArrayList<>(additions);
        lengths = new TreeMap<>(lengths);
    }

    /**
     * Reads the four settings; {@code -} stands for nothing.
     *
     * @param rename {@code old:new,…}
     * @param drop {@code field,…}
     * @param add {@code name:type(length)=const:TEXT;name:type=media:<path>;…}
     * @param length {@code field:bytes,…}
     * @throws IllegalArgumentException naming the part that cannot be read
     */
    public static SchemaMapping parse(String rename, String drop, String add, String length) {
        Map<String, String> renames = pairs(rename);
        for (String name : renames.values()) {
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException("'" + name + "' is not a field's name");
            }
        }
        Map<String, Integer> lengths = new LinkedHashMap<>();
        pairs(length)
                .forEach(
                        (field, bytes) -> {
                            if (!bytes.matches("[0-9]{1,5}")
                                    || Integer.parseInt(bytes) < 1
                                    || Integer.parseInt(bytes) > LONGEST) {
                                throw new IllegalArgumentException(
                                        "'" + bytes + "' is not a length from 1 to " + LONGEST);
                            }
                            lengths.put(field, Integer.parseInt(bytes));
                        });
        List<Addition> additions = new ArrayList<>();
        for (String part : parts(add, ";")) {
            additions.add(addition(part));
        }
        return new SchemaMapping(renames, new HashSet<>(parts(drop, ",")), additions, lengths);
    }

    private static Addition addition(String part) {
        Matcher matcher = ADDITION.matcher(part);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + part
                            + "' is not name:type(length)=const:TEXT, =media:PATH or =result:PATH");
        }
        Type type;
        try {
            type = Type.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + matcher.group(2) + "' is not a type", e);
        }
        if (type == Type.FLOAT_VECTOR) {
            throw new IllegalArgumentException("a vector cannot be added: " + part);
        }
        int length = matcher.group(3) == null ? 256 : Integer.parseInt(matcher.group(3));
        Field field =
                new Field(
                        matcher.group(1), type, type == Type.VARCHAR ? length : 0, 0, false, false);
        Addition addition =
                new Addition(
                        field,
                        Origin.valueOf(matcher.group(4).toUpperCase(Locale.ROOT)),
                        matcher.group(5));
        if (addition.origin() == Origin.CONST) {
            value(field, addition.value());
        }
        return addition;
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String part : parts(text, ",")) {
            int colon = part.indexOf(':');
            if (colon < 1 || colon == part.length() - 1) {
                throw new IllegalArgumentException(
                        "'" + part + "' has not two parts joined by ':'");
            }
            pairs.put(part.substring(0, colon), part.substring(colon + 1));
        }
        return pairs;
    }

    private static List<String> parts(String text, String separator) {
        List<String> parts = new ArrayList<>();
        if (!text.equals("-")) {
            for (String part : text.split(separator, -1)) {
                if (!part.isBlank()) {
                    parts.add(part.strip());
                }
            }
        }
        return parts;
    }

    /** What in this mapping does not fit a collection, one sentence each. */
    public List<String> problems(EmbeddingSchema source) {
        List<String> problems = new ArrayList<>();
        Set<String> named = new HashSet<>(renames.keySet());
        named.addAll(drops);
        named.addAll(lengths.keySet());
        for (String name : named) {
            if (source.field(name).isEmpty()) {
                problems.add(source.name() + " has no field " + name);
            }
        }
        for (String name : drops) {
            if (source.field(name)
                    .map(f -> f.primary() || f.type() == Type.FLOAT_VECTOR)
                    .orElse(false)) {
                problems.add("the field " + name + " cannot be dropped");
            }
        }
        lengths.forEach(
                (name, bytes) -> {
                    if (source.field(name).map(f -> f.type() != Type.VARCHAR).orElse(false)) {
                        problems.add("the field " + name + " is no VARCHAR and has no length");
                    }
                });
        Set<String> seen = new HashSet<>();
        for (Field field : fields(source, "")) {
            if (!seen.add(field.name())) {
                problems.add("the target would have two fields " + field.name());
            }
        }
        return problems;
    }

    /**
     * The schema of the target.
     *
     * @param keyField the field to partition by; empty without one
     */
    public EmbeddingSchema target(
            EmbeddingSchema source, String name, String keyField, int shards) {
        return new EmbeddingSchema(name, fields(source, keyField), shards);
    }

    private List<Field> fields(EmbeddingSchema source, String keyField) {
        List<Field> fields = new ArrayList<>();
        for (Field field : source.fields()) {
            if (!drops.contains(field.name())) {
                String name = renames.getOrDefault(field.name(), field.name());
                fields.add(
                        new Field(
                                name,
                                field.type(),
                                lengths.getOrDefault(field.name(), field.maxLength()),
                                field.dimension(),
                                field.primary(),
                                name.equals(keyField)));
            }
        }
        additions.forEach(
                a ->
                        fields.add(
                                new Field(
                                        a.field().name(),
                                        a.field().type(),
                                        a.field().maxLength(),
                                        0,
                                        false,
                                        a.field().name().equals(keyField))));
        return List.copyOf(fields);
    }

    /** Whether a row of the target says everything a row of the source said. */
    public boolean invertible() {
        return drops.isEmpty();
    }

    /**
     * A text as the value of a field.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Object value(Field field, String text) {
        try {
            return switch (field.type()) {
                case VARCHAR -> text;
                case INT64 -> text.isEmpty() ? 0L : Long.valueOf(text);
                case INT32 -> text.isEmpty() ? 0 : Integer.valueOf(text);
                case FLOAT -> text.isEmpty() ? 0f : Float.valueOf(text);
                case DOUBLE -> text.isEmpty() ? 0d : Double.valueOf(text);
                case BOOL -> Boolean.valueOf(text);
                case FLOAT_VECTOR -> throw new IllegalArgumentException(field.name());
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a value of field " + field.name(), e);
        }
    }
}
