package org.aima.testkit.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.jspecify.annotations.Nullable;

/** What must hold of the graph of every job, checked without running it. */
public final class GraphAssertions {
    /** What Flink calls an operator that nobody named. */
    private static final Set<String> DEFAULT_NAMES =
            Set.of(
                    "Map",
                    "Flat Map",
                    "Filter",
                    "Process",
                    "KeyedProcess",
                    "Co-Map",
                    "Co-Flat Map",
                    "Co-Process",
                    "Co-Keyed-Process",
                    "Async I/O",
                    "Keyed Reduce",
                    "Keyed Aggregation",
                    "Timestamps/Watermarks",
                    "Collection Source",
                    "Custom Source",
                    "Source: Collection Source",
                    "Source: Custom Source",
                    "Source: Data Generator Source",
                    "Sink: Unnamed",
                    "Sink: Writer",
                    "Sink: Committer",
                    "Unnamed");

    private final StreamGraph graph;

    private GraphAssertions(StreamGraph graph) {
        this.graph = graph;
    }

    /** The graph that was defined in the environment so far; it stays executable. */
    public static GraphAssertions assertThatGraph(StreamExecutionEnvironment environment) {
        return new GraphAssertions(environment.getStreamGraph(false));
    }

    /** All rules but the lock file. */
    public GraphAssertions keepsTheRules() {
        return everyOperatorHasUid()
                .everyOperatorIsNamed()
                .everyOperatorHasMaxParallelism()
                .noTypeUsesKryo();
    }

    /** Without a uid an operator's state is lost when the graph changes. */
    public GraphAssertions everyOperatorHasUid() {
        assertThat(labels(n -> n.getTransformationUID() == null))
                .as("operators without uid; use Operators.named")
                .isEmpty();
        return this;
    }

    /** A name chosen by a person, used once: metrics and logs are read by it. */
    public GraphAssertions everyOperatorIsNamed() {
        assertThat(labels(n -> DEFAULT_NAMES.contains(name(n))))
                .as("operators with Flink's default name; use Operators.named")
                .isEmpty();
        assertThat(graph.getStreamNodes().stream().map(GraphAssertions::name).toList())
                .as("operator names")
                .doesNotHaveDuplicates();
        return this;
    }

    /** Derived from parallelism it could never be raised. */
    public GraphAssertions everyOperatorHasMaxParallelism() {
        assertThat(labels(n -> maxParallelism(n) <= 0))
                .as("operators without max parallelism; create the environment by JobEnvironment")
                .isEmpty();
        return this;
    }

    /** Kryo's bytes cannot be read by a later class, nor by Flink 2. */
    public GraphAssertions noTypeUsesKryo() {
        List<String> found = new ArrayList<>();
        for (StreamNode node : graph.getStreamNodes()) {
            List<TypeSerializer<?>> serializers = new ArrayList<>();
            serializers.addAll(List.of(node.getTypeSerializersIn()));
            serializers.add(node.getTypeSerializerOut());
            serializers.add(node.getStateKeySerializer());
            node.getOutEdges().forEach(e -> serializers.add(sideOutput(e)));
            for (TypeSerializer<?> serializer : serializers) {
                kryo(serializer, Collections.newSetFromMap(new IdentityHashMap<>()))
                        .forEach(type -> found.add(name(node) + ": " + type));
            }
        }
        assertThat(found).as("types that fall back to Kryo").isEmpty();
        return this;
    }

    private static @Nullable TypeSerializer<?> sideOutput(
            org.apache.flink.streaming.api.graph.StreamEdge edge) {
        return edge.getOutputTag() == null
                ? null
                : edge.getOutputTag()
                        .getTypeInfo()
                        .createSerializer(
                                new org.apache.flink.api.common.ExecutionConfig()
                                        .getSerializerConfig());
    }

    /**
     * The uids equal those of a resource with one uid a line. State is found by uid, so a change is
     * a decision: it goes into the file in the same commit, with its migration.
     */
    public GraphAssertions uidsEqual(String resource) {
        Set<String> actual =
                graph.getStreamNodes().stream()
                        .map(StreamNode::getTransformationUID)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toCollection(TreeSet::new));
        try (InputStream in = GraphAssertions.class.getResourceAsStream(resource)) {
            if (in == null) {
                fail("no resource %s; its content would be:%n%s", resource, lines(actual));
                return this;
            }
            Set<String> locked =
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(String::strip)
                            .filter(l -> !l.isEmpty() && !l.startsWith("#"))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(actual).as("uids, locked by %s", resource).isEqualTo(locked);
            return this;
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + resource, e);
        }
    }

    private static String lines(Collection<String> uids) {
        return String.join("\n", uids);
    }

    private List<String> labels(java.util.function.Predicate<StreamNode> wrong) {
        return graph.getStreamNodes().stream().filter(wrong).map(GraphAssertions::name).toList();
    }

    private static String name(StreamNode node) {
        return String.valueOf(node.getOperatorName());
    }

    // Neither has an accessor that is open to other packages.
    private static int maxParallelism(StreamNode node) {
        return (int) Objects.requireNonNull(named(node, "maxParallelism"));
    }

    private static @Nullable Object named(Object holder, String field) {
        return Stream.<Class<?>>iterate(
                        holder.getClass(),
                        c -> c != null && c != Object.class,
                        Class::getSuperclass)
                .flatMap(c -> Stream.of(c.getDeclaredFields()))
                .filter(f -> f.getName().equals(field))
                .findFirst()
                .map(f -> read(f, holder))
                .orElseThrow(() -> new IllegalStateException("no field " + field));
    }

    /** Walks the fields of a serializer: composite ones hold those of their parts. */
    private static Set<String> kryo(@Nullable Object value, Set<Object> seen) {
        if (value == null || !seen.add(value)) {
            return Set.of();
        }
        if (value instanceof KryoSerializer<?>) {
            return Set.of(String.valueOf(named(value, "type")));
        }
        Set<String> found = new TreeSet<>();
        if (value instanceof Collection<?> items) {
            items.forEach(i -> found.addAll(kryo(i, seen)));
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(i -> found.addAll(kryo(i, seen)));
        } else if (value.getClass().isArray()
                && !value.getClass().getComponentType().isPrimitive()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                found.addAll(kryo(Array.get(value, i), seen));
            }
        } else if (value instanceof TypeSerializer<?>) {
            fields(value.getClass()).forEach(f -> found.addAll(kryo(read(f, value), seen)));
        }
        return found;
    }

    private static Stream<Field> fields(Class<?> type) {
        return Stream.<Class<?>>iterate(
                        type, c -> c != null && c != Object.class, Class::getSuperclass)
                .flatMap(c -> Stream.of(c.getDeclaredFields()))
                .filter(f -> !Modifier.isStatic(f.getModifiers()))
                .filter(f -> !f.getType().isPrimitive());
    }

    private static @Nullable Object read(Field field, Object holder) {
        try {
            field.setAccessible(true);
            return field.get(holder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot look into " + field, e);
        }
    }
}
