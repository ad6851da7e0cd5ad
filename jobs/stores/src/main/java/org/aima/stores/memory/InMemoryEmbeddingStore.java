package org.aima.stores.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Neighbour;
import org.aima.stores.RowFilter;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.jspecify.annotations.Nullable;

/** Embedding collections in memory. */
public final class InMemoryEmbeddingStore implements EmbeddingStore {
    private static final String DEFAULT_PARTITION = "_default";

    private final Map<String, Contents> collections = new TreeMap<>();
    private final Map<String, String> aliases = new TreeMap<>();

    @Override
    public EmbeddingStore asOfNow() {
        // Every read sees every write anyway.
        return this;
    }

    @Override
    public synchronized Optional<EmbeddingSchema> describe(String collection) {
        return Optional.ofNullable(collections.get(aliases.getOrDefault(collection, collection)))
                .map(c -> c.schema);
    }

    @Override
    public synchronized void createCollection(EmbeddingSchema schema) {
        Contents existing = collections.get(schema.name());
        if (existing == null) {
            collections.put(schema.name(), new Contents(schema));
        } else if (!existing.schema.fields().equals(schema.fields())) {
            throw new StoreException(
                    Failure.FATAL, schema.name() + " exists with other fields", null);
        }
    }

    @Override
    public synchronized void dropCollection(String collection) {
        collections.remove(collection);
    }

    @Override
    public synchronized Set<String> partitions(String collection) {
        return new TreeSet<>(of(collection).partitions.keySet());
    }

    @Override
    public synchronized void createPartition(String collection, String partition) {
        of(collection).partitions.putIfAbsent(partition, new TreeMap<>(KEY_ORDER));
    }

    @Override
    public synchronized void createIndex(String collection, Index index) {
        of(collection).indexes.put(index.field(), index);
    }

    @Override
    public synchronized Map<String, Index> indexes(String collection) {
        return Map.copyOf(of(collection).indexes);
    }

    @Override
    public synchronized void dropIndex(String collection, String field) {
        of(collection).indexes.remove(field);
    }

    @Override
    public void load(String collection) {
        of(collection);
    }

    @Override
    public void release(String collection) {
        of(collection);
    }

    @Override
    public synchronized void pointAlias(String alias, String collection) {
        of(collection);
        aliases.put(alias, collection);
    }

    @Override
    public synchronized void dropAlias(String alias) {
        aliases.remove(alias);
    }

    @Override
    public synchronized void rename(String collection, String newName) {
        if (collections.containsKey(newName) && !collections.containsKey(collection)) {
            return;
        }
        Contents contents = collections.remove(collection);
        if (contents == null || collections.containsKey(newName) || aliases.containsKey(newName)) {
            throw new StoreException(
                    Failure.FATAL, "cannot rename " + collection + " to " + newName, null);
        }
        EmbeddingSchema schema = contents.schema;
        Contents renamed =
                new Contents(new EmbeddingSchema(newName, schema.fields(), schema.shards()));
        renamed.partitions.putAll(contents.partitions);
        renamed.indexes.putAll(contents.indexes);
        collections.put(newName, renamed);
        aliases.replaceAll((alias, name) -> name.equals(collection) ? newName : name);
    }

    @Override
    public synchronized Set<String> collections() {
        return new TreeSet<>(collections.keySet());
    }

    @Override
    public void flush(String collection) {
        of(collection);
    }

    @Override
    public synchronized List<String> keys(String collection, RowFilter filter, int limit) {
        return rows(collection, null).stream()
                .filter(r -> passes(r, filter))
                .limit(limit)
                .map(EmbeddingRow::id)
                .toList();
    }

    @Override
    public synchronized List<List<Neighbour>> search(
            String collection,
            List<float[]> vectors,
            int k,
            @Nullable RowFilter filter,
            Map<String, String> params) {
        Contents contents = of(collection);
        Index index = contents.indexes.get(contents.schema.vector().name());
        String metric = index == null ? "COSINE" : index.metric();
        Comparator<Neighbour> nearest = Comparator.comparing(Neighbour::score);
        Comparator<Neighbour> order = metric.equals("L2") ? nearest : nearest.reversed();
        return vectors.stream()
                .map(
                        v ->
                                rows(collection, null).stream()
                                        .filter(r -> filter == null || passes(r, filter))
                                        .map(
                                                r ->
                                                        new Neighbour(
                                                                r.id(),
                                                                score(metric, v, r.vector())))
                                        .sorted(order)
                                        .limit(k)
                                        .toList())
                .toList();
    }

    private static float score(String metric, float[] a, float[] b) {
        double product = 0;
        double distance = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
            distance += (a[i] - b[i]) * (a[i] - b[i]);
            squaresA += a[i] * a[i];
            squaresB += b[i] * b[i];
        }
        return (float)
                switch (metric) {
                    case "L2" -> distance;
                    case "IP" -> product;
                    default -> product / Math.sqrt(squaresA * squaresB);
                };
    }

    private static boolean passes(EmbeddingRow row, RowFilter filter) {
        return filter.terms().stream()
                .allMatch(
                        term -> {
                            Object value = row.fields().get(term.field());
                            if (value == null) {
                                return false;
                            }
                            if (term.comparison() == RowFilter.Comparison.EQUAL) {
                                return value.equals(term.value());
                            }
                            double difference =
                                    ((Number) value).doubleValue()
                                            - ((Number) term.value()).doubleValue();
                            return term.comparison() == RowFilter.Comparison.AT_LEAST
                                    ? difference >= 0
                                    : difference < 0;
                        });
    }

    @Override
    public synchronized Set<String> aliases(String collection) {
        Set<String> found = new TreeSet<>();
        aliases.forEach(
                (alias, name) -> {
                    if (name.equals(collection)) {
                        found.add(alias);
                    }
                });
        return found;
    }

    @Override
    public synchronized long count(
            String collection, @Nullable String partition, @Nullable KeyRange range) {
        return rows(collection, partition).stream().filter(r -> within(r.id(), range)).count();
    }

    @Override
    public synchronized List<EmbeddingRow> query(
            String collection,
            @Nullable String partition,
            KeyRange range,
            List<String> fields,
            boolean withVector,
            int limit) {
        return rows(collection, partition).stream()
                .filter(r -> within(r.id(), range))
                .limit(limit)
                .map(
                        r -> {
                            Map<String, Object> kept = new TreeMap<>(r.fields());
                            kept.keySet().retainAll(fields);
                            return new EmbeddingRow(
                                    r.id(), withVector ? r.vector().clone() : new float[0], kept);
                        })
                .toList();
    }

    @Override
    public synchronized List<EmbeddingRow> get(
            String collection, @Nullable String partition, List<String> ids) {
        return rows(collection, partition).stream().filter(r -> ids.contains(r.id())).toList();
    }

    @Override
    public synchronized void upsert(String collection, String partition, List<EmbeddingRow> rows) {
        Contents contents = of(collection);
        int dimension = contents.schema.vector().dimension();
        TreeMap<String, EmbeddingRow> into = contents.partitions.get(partition);
        if (into == null) {
            throw new StoreException(Failure.FATAL, "no partition " + partition, null);
        }
        for (EmbeddingRow row : rows) {
            if (row.vector().length != dimension) {
                throw new StoreException(Failure.FATAL, "wrong dimension of " + row.id(), null);
            }
        }
        rows.forEach(row -> into.put(row.id(), row));
    }

    @Override
    public synchronized void delete(
            String collection, @Nullable String partition, List<String> ids) {
        of(collection)
                .partitions
                .forEach(
                        (name, rows) -> {
                            if (partition == null || partition.equals(name)) {
                                ids.forEach(rows::remove);
                            }
                        });
    }

    @Override
    public void close() {}

    private Contents of(String collection) {
        Contents contents = collections.get(aliases.getOrDefault(collection, collection));
        if (contents == null) {
            throw new StoreException(Failure.FATAL, "no collection " + collection, null);
        }
        return contents;
    }

    private List<EmbeddingRow> rows(String collection, @Nullable String partition) {
        List<EmbeddingRow> rows = new ArrayList<>();
        of(collection)
                .partitions
                .forEach(
                        (name, contents) -> {
                            if (partition == null || partition.equals(name)) {
                                rows.addAll(contents.values());
                            }
                        });
        return rows;
    }

    private static boolean within(String id, @Nullable KeyRange range) {
        if (range == null) {
            return true;
        }
        String after = range.after();
        String upTo = range.upTo();
        return (after == null || KEY_ORDER.compare(id, after) > 0)
                && (upTo == null || KEY_ORDER.compare(id, upTo) <= 0);
    }

    private static final class Contents {
        private final EmbeddingSchema schema;
        private final Map<String, TreeMap<String, EmbeddingRow>> partitions = new TreeMap<>();
        private final Map<String, Index> indexes = new TreeMap<>();

        Contents(EmbeddingSchema schema) {
            this.schema = schema;
            partitions.put(DEFAULT_PARTITION, new TreeMap<>(KEY_ORDER));
        }
    }
}
