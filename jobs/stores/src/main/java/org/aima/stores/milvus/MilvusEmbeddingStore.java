package org.aima.stores.milvus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.milvus.grpc.AllocTimestampRequest;
import io.milvus.grpc.AlterAliasRequest;
import io.milvus.grpc.CollectionSchema;
import io.milvus.grpc.ConsistencyLevel;
import io.milvus.grpc.CreateAliasRequest;
import io.milvus.grpc.CreateCollectionRequest;
import io.milvus.grpc.CreateIndexRequest;
import io.milvus.grpc.CreatePartitionRequest;
import io.milvus.grpc.DeleteRequest;
import io.milvus.grpc.DescribeCollectionRequest;
import io.milvus.grpc.DescribeCollectionResponse;
import io.milvus.grpc.DescribeIndexRequest;
import io.milvus.grpc.DescribeIndexResponse;
import io.milvus.grpc.DropAliasRequest;
import io.milvus.grpc.DropCollectionRequest;
import io.milvus.grpc.DropIndexRequest;
import io.milvus.grpc.DslType;
import io.milvus.grpc.FieldData;
import io.milvus.grpc.FlushRequest;
import io.milvus.grpc.FlushResponse;
import io.milvus.grpc.GetFlushStateRequest;
import io.milvus.grpc.GetLoadStateRequest;
import io.milvus.grpc.HasCollectionRequest;
import io.milvus.grpc.IndexDescription;
import io.milvus.grpc.IndexState;
import io.milvus.grpc.KeyValuePair;
import io.milvus.grpc.LoadCollectionRequest;
import io.milvus.grpc.LoadState;
import io.milvus.grpc.LongArray;
import io.milvus.grpc.QueryRequest;
import io.milvus.grpc.ReleaseCollectionRequest;
import io.milvus.grpc.RenameCollectionRequest;
import io.milvus.grpc.SearchRequest;
import io.milvus.grpc.SearchResultData;
import io.milvus.grpc.ShowCollectionsRequest;
import io.milvus.grpc.ShowPartitionsRequest;
import io.milvus.grpc.Status;
import io.milvus.grpc.UpsertRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Neighbour;
import org.aima.stores.Retry;
import org.aima.stores.RowFilter;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Embedding collections in Milvus 2.3 or newer.
 *
 * <p>Limits kept here: requests stay under {@link #MAX_REQUEST_BYTES} (the server refuses 64 MB,
 * and large requests stall it), rows of one key in one request are deduplicated (the server keeps
 * both), reads are strong. Schemas are cached per instance: open a new one after an alias switch.
 */
public final class MilvusEmbeddingStore implements EmbeddingStore {
    /** Upper bound of one write, by estimate. */
    public static final int MAX_REQUEST_BYTES = 8 << 20;

    private static final int ROW_OVERHEAD_BYTES = 64;
    private static final int MAX_IDS_PER_DELETE = 1_000;
    private static final Duration SLOW_OPERATION = Duration.ofMinutes(30);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MilvusStub stub;
    private final long readClock;
    private final Map<String, EmbeddingSchema> schemas = new ConcurrentHashMap<>();

    public MilvusEmbeddingStore(MilvusAddress address) {
        this(address, Retry.DEFAULT);
    }

    public MilvusEmbeddingStore(MilvusAddress address, Retry retry) {
        this.stub = new MilvusStub(address, retry);
        this.readClock = 0;
    }

    private MilvusEmbeddingStore(MilvusStub stub, long readClock) {
        this.stub = stub;
        this.readClock = readClock;
    }

    @Override
    public EmbeddingStore asOfNow() {
        return new MilvusEmbeddingStore(
                stub,
                stub.call(
                                "read of the clock",
                                s -> s.allocTimestamp(AllocTimestampRequest.getDefaultInstance()),
                                r -> r.getStatus())
                        .getTimestamp());
    }

    @Override
    public Optional<EmbeddingSchema> describe(String collection) {
        boolean exists =
                stub.call(
                                "has collection " + collection,
                                s ->
                                        s.hasCollection(
                                                HasCollectionRequest.newBuilder()
                                                        .setCollectionName(collection)
                                                        .build()),
                                r -> r.getStatus())
                        .getValue();
        if (!exists) {
            return Optional.empty();
        }
        DescribeCollectionResponse answer = describeRaw(collection);
        return Optional.of(
                new EmbeddingSchema(
                        // Milvus 2.3 repeats the alias it was asked for in the other name.
                        answer.getSchema().getName(),
                        answer.getSchema().getFieldsList().stream()
                                .map(MilvusFields::fromGrpc)
                                .toList(),
                        answer.getShardsNum()));
    }

    private DescribeCollectionResponse describeRaw(String collection) {
        return stub.call(
                "describe collection " + collection,
                s ->
                        s.describeCollection(
                                DescribeCollectionRequest.newBuilder()
                                        .setCollectionName(collection)
                                        .build()),
                DescribeCollectionResponse::getStatus);
    }

    private EmbeddingSchema schema(String collection) {
        return schemas.computeIfAbsent(
                collection,
                name ->
                        describe(name)
                                .orElseThrow(
                                        () ->
                                                new StoreException(
                                                        Failure.FATAL,
                                                        "Milvus has no collection "
                                                                + name
                                                                + "; run: aima migrate",
                                                        null)));
    }

    @Override
    public void createCollection(EmbeddingSchema wanted) {
        Optional<EmbeddingSchema> existing = describe(wanted.name());
        if (existing.isPresent()) {
            if (!existing.get().fields().equals(wanted.fields())) {
                throw new StoreException(
                        Failure.FATAL,
                        "collection "
                                + wanted.name()
                                + " exists with other fields: "
                                + existing.get().fields()
                                + " instead of "
                                + wanted.fields(),
                        null);
            }
            return;
        }
        CollectionSchema schema =
                CollectionSchema.newBuilder()
                        .setName(wanted.name())
                        .addAllFields(wanted.fields().stream().map(MilvusFields::toGrpc).toList())
                        .build();
        ok(
                "create collection " + wanted.name(),
                s ->
                        s.createCollection(
                                CreateCollectionRequest.newBuilder()
                                        .setCollectionName(wanted.name())
                                        .setSchema(schema.toByteString())
                                        .setShardsNum(wanted.shards())
                                        .setConsistencyLevel(ConsistencyLevel.Bounded)
                                        .build()));
    }

    @Override
    public void dropCollection(String collection) {
        if (describe(collection).isPresent()) {
            ok(
                    "drop collection " + collection,
                    s ->
                            s.dropCollection(
                                    DropCollectionRequest.newBuilder()
                                            .setCollectionName(collection)
                                            .build()));
        }
        schemas.remove(collection);
    }

    @Override
    public Set<String> partitions(String collection) {
        return new TreeSet<>(
                stub.call(
                                "show partitions of " + collection,
                                s ->
                                        s.showPartitions(
                                                ShowPartitionsRequest.newBuilder()
                                                        .setCollectionName(collection)
                                                        .build()),
                                r -> r.getStatus())
                        .getPartitionNamesList());
    }

    @Override
    public void createPartition(String collection, String partition) {
        if (!partitions(collection).contains(partition)) {
            ok(
                    "create partition " + partition + " of " + collection,
                    s ->
                            s.createPartition(
                                    CreatePartitionRequest.newBuilder()
                                            .setCollectionName(collection)
                                            .setPartitionName(partition)
                                            .build()));
        }
    }

    @Override
    public void createIndex(String collection, Index index) {
        if (index.equals(indexes(collection).get(index.field()))) {
            return;
        }
        CreateIndexRequest.Builder request =
                CreateIndexRequest.newBuilder()
                        .setCollectionName(collection)
                        .setFieldName(index.field())
                        .setIndexName(index.field())
                        .addExtraParams(MilvusFields.pair("index_type", index.type()))
                        .addExtraParams(MilvusFields.pair("params", json(index.params())));
        if (!index.metric().isEmpty()) {
            request.addExtraParams(MilvusFields.pair("metric_type", index.metric()));
        }
        ok("create index on " + collection, s -> s.createIndex(request.build()));
        await(
                "index on " + collection,
                () ->
                        describeIndexes(collection).stream()
                                .filter(d -> d.getFieldName().equals(index.field()))
                                .allMatch(d -> built(collection, d)));
    }

    private static boolean built(String collection, IndexDescription description) {
        if (description.getState() == IndexState.Failed) {
            throw new StoreException(
                    Failure.FATAL,
                    "index on " + collection + " failed: " + description.getIndexStateFailReason(),
                    null);
        }
        return description.getState() == IndexState.Finished;
    }

    @Override
    public Map<String, Index> indexes(String collection) {
        Map<String, Index> found = new TreeMap<>();
        for (IndexDescription description : describeIndexes(collection)) {
            Map<String, String> parameters = new TreeMap<>();
            String type = "";
            String metric = "";
            for (KeyValuePair pair : description.getParamsList()) {
                switch (pair.getKey()) {
                    case "index_type" -> type = pair.getValue();
                    case "metric_type" -> metric = pair.getValue();
                    case "params" -> parameters.putAll(parseJson(pair.getValue()));
                    default -> {
                        // Newer servers list their own tuning here; it is not part of the wish.
                    }
                }
            }
            found.put(
                    description.getFieldName(),
                    new Index(description.getFieldName(), type, metric, parameters));
        }
        return found;
    }

    private List<IndexDescription> describeIndexes(String collection) {
        try {
            return stub.call(
                            "describe index of " + collection,
                            s ->
                                    s.describeIndex(
                                            DescribeIndexRequest.newBuilder()
                                                    .setCollectionName(collection)
                                                    .build()),
                            DescribeIndexResponse::getStatus)
                    .getIndexDescriptionsList();
        } catch (StoreException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("index not found") || message.contains("index doesn't exist")) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public void dropIndex(String collection, String field) {
        if (indexes(collection).containsKey(field)) {
            ok(
                    "drop index on " + collection,
                    s ->
                            s.dropIndex(
                                    DropIndexRequest.newBuilder()
                                            .setCollectionName(collection)
                                            .setFieldName(field)
                                            .setIndexName(field)
                                            .build()));
        }
    }

    @Override
    public void load(String collection) {
        ok(
                "load " + collection,
                s ->
                        s.loadCollection(
                                LoadCollectionRequest.newBuilder()
                                        .setCollectionName(collection)
                                        .setReplicaNumber(1)
                                        .build()));
        await(
                "load of " + collection,
                () ->
                        stub.call(
                                                "load state of " + collection,
                                                s ->
                                                        s.getLoadState(
                                                                GetLoadStateRequest.newBuilder()
                                                                        .setCollectionName(
                                                                                collection)
                                                                        .build()),
                                                r -> r.getStatus())
                                        .getState()
                                == LoadState.LoadStateLoaded);
    }

    @Override
    public void release(String collection) {
        ok(
                "release " + collection,
                s ->
                        s.releaseCollection(
                                ReleaseCollectionRequest.newBuilder()
                                        .setCollectionName(collection)
                                        .build()));
    }

    @Override
    public void pointAlias(String alias, String collection) {
        Optional<EmbeddingSchema> present = describe(alias);
        if (present.isPresent()) {
            if (present.get().name().equals(collection)) {
                return;
            }
            ok(
                    "alter alias " + alias,
                    s ->
                            s.alterAlias(
                                    AlterAliasRequest.newBuilder()
                                            .setAlias(alias)
                                            .setCollectionName(collection)
                                            .build()));
        } else {
            ok(
                    "create alias " + alias,
                    s ->
                            s.createAlias(
                                    CreateAliasRequest.newBuilder()
                                            .setAlias(alias)
                                            .setCollectionName(collection)
                                            .build()));
        }
        schemas.remove(alias);
    }

    @Override
    public void dropAlias(String alias) {
        Optional<EmbeddingSchema> present = describe(alias);
        if (present.isPresent() && !present.get().name().equals(alias)) {
            ok(
                    "drop alias " + alias,
                    s -> s.dropAlias(DropAliasRequest.newBuilder().setAlias(alias).build()));
        }
        schemas.remove(alias);
    }

    @Override
    public void rename(String collection, String newName) {
        Set<String> names = collections();
        if (names.contains(newName) && !names.contains(collection)) {
            return;
        }
        ok(
                "rename " + collection + " to " + newName,
                s ->
                        s.renameCollection(
                                RenameCollectionRequest.newBuilder()
                                        .setOldName(collection)
                                        .setNewName(newName)
                                        .build()));
        schemas.remove(collection);
        schemas.remove(newName);
    }

    @Override
    public Set<String> collections() {
        return new TreeSet<>(
                stub.call(
                                "show collections",
                                s -> s.showCollections(ShowCollectionsRequest.getDefaultInstance()),
                                r -> r.getStatus())
                        .getCollectionNamesList());
    }

    @Override
    public void flush(String collection) {
        FlushResponse flushed =
                stub.call(
                        "flush of " + collection,
                        s ->
                                s.flush(
                                        FlushRequest.newBuilder()
                                                .addCollectionNames(collection)
                                                .build()),
                        FlushResponse::getStatus);
        GetFlushStateRequest state =
                GetFlushStateRequest.newBuilder()
                        .setCollectionName(collection)
                        .addAllSegmentIDs(
                                flushed.getCollSegIDsOrDefault(
                                                collection, LongArray.getDefaultInstance())
                                        .getDataList())
                        .setFlushTs(flushed.getCollFlushTsOrDefault(collection, 0))
                        .build();
        await(
                "flush of " + collection,
                () ->
                        stub.call(
                                        "flush state of " + collection,
                                        s -> s.getFlushState(state),
                                        r -> r.getStatus())
                                .getFlushed());
    }

    @Override
    public Set<String> aliases(String collection) {
        return new TreeSet<>(describeRaw(collection).getAliasesList());
    }

    @Override
    public long count(String collection, @Nullable String partition, @Nullable KeyRange range) {
        EmbeddingSchema schema = schema(collection);
        QueryRequest.Builder request =
                strong(collection, partition)
                        .setExpr(
                                range == null
                                        ? ""
                                        : MilvusFilters.range(schema.primaryKey().name(), range))
                        .addOutputFields("count(*)");
        List<FieldData> columns = query(request.build());
        return columns.isEmpty() ? 0 : columns.get(0).getScalars().getLongData().getData(0);
    }

    @Override
    public List<EmbeddingRow> query(
            String collection,
            @Nullable String partition,
            KeyRange range,
            List<String> fields,
            boolean withVector,
            int limit) {
        EmbeddingSchema schema = schema(collection);
        QueryRequest.Builder request =
                strong(collection, partition)
                        .setExpr(MilvusFilters.range(schema.primaryKey().name(), range))
                        .addOutputFields(schema.primaryKey().name())
                        .addAllOutputFields(fields)
                        .addQueryParams(MilvusFields.pair("limit", Integer.toString(limit)));
        if (withVector) {
            request.addOutputFields(schema.vector().name());
        }
        return MilvusFields.rows(schema, query(request.build()));
    }

    @Override
    public List<EmbeddingRow> get(String collection, @Nullable String partition, List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        EmbeddingSchema schema = schema(collection);
        QueryRequest.Builder request =
                strong(collection, partition)
                        .setExpr(MilvusFilters.in(schema.primaryKey().name(), ids))
                        .addAllOutputFields(schema.fields().stream().map(Field::name).toList());
        return MilvusFields.rows(schema, query(request.build()));
    }

    @Override
    public List<String> keys(String collection, RowFilter filter, int limit) {
        EmbeddingSchema schema = schema(collection);
        String key = schema.primaryKey().name();
        QueryRequest.Builder request =
                strong(collection, null)
                        .setExpr(
                                filter.terms().isEmpty()
                                        ? key + " >= \"\""
                                        : MilvusFilters.all(filter))
                        .addOutputFields(key)
                        .addQueryParams(MilvusFields.pair("limit", Integer.toString(limit)));
        return MilvusFields.rows(schema, query(request.build())).stream()
                .map(EmbeddingRow::id)
                .toList();
    }

    @Override
    public List<List<Neighbour>> search(
            String collection,
            List<float[]> vectors,
            int k,
            @Nullable RowFilter filter,
            Map<String, String> params) {
        EmbeddingSchema schema = schema(collection);
        String field = schema.vector().name();
        SearchRequest request =
                SearchRequest.newBuilder()
                        .setCollectionName(collection)
                        .setDsl(filter == null ? "" : MilvusFilters.all(filter))
                        .setDslType(DslType.BoolExprV1)
                        .setPlaceholderGroup(MilvusFields.placeholders(vectors))
                        .setNq(vectors.size())
                        .setConsistencyLevel(
                                readClock == 0 ? ConsistencyLevel.Strong : ConsistencyLevel.Session)
                        .setGuaranteeTimestamp(readClock)
                        .addSearchParams(MilvusFields.pair("anns_field", field))
                        .addSearchParams(MilvusFields.pair("topk", Integer.toString(k)))
                        .addSearchParams(MilvusFields.pair("params", json(params)))
                        .addSearchParams(MilvusFields.pair("round_decimal", "-1"))
                        .build();
        SearchResultData found =
                stub.call("search in " + collection, s -> s.search(request), r -> r.getStatus())
                        .getResults();
        List<List<Neighbour>> neighbours = new ArrayList<>();
        int at = 0;
        for (int query = 0; query < vectors.size(); query++) {
            long count = query < found.getTopksCount() ? found.getTopks(query) : 0;
            List<Neighbour> nearest = new ArrayList<>();
            for (int i = 0; i < count; i++, at++) {
                nearest.add(
                        new Neighbour(found.getIds().getStrId().getData(at), found.getScores(at)));
            }
            neighbours.add(nearest);
        }
        return neighbours;
    }

    private QueryRequest.Builder strong(String collection, @Nullable String partition) {
        QueryRequest.Builder request =
                QueryRequest.newBuilder()
                        .setCollectionName(collection)
                        .setConsistencyLevel(
                                readClock == 0 ? ConsistencyLevel.Strong : ConsistencyLevel.Session)
                        .setGuaranteeTimestamp(readClock);
        if (partition != null) {
            request.addPartitionNames(partition);
        }
        return request;
    }

    private List<FieldData> query(QueryRequest request) {
        return stub.call(
                        "query of " + request.getCollectionName(),
                        s -> s.query(request),
                        r -> r.getStatus())
                .getFieldsDataList();
    }

    @Override
    public void upsert(String collection, String partition, List<EmbeddingRow> rows) {
        EmbeddingSchema schema = schema(collection);
        Map<String, EmbeddingRow> distinct = new LinkedHashMap<>();
        rows.forEach(row -> distinct.put(row.id(), row));
        List<EmbeddingRow> batch = new ArrayList<>();
        long bytes = 0;
        for (EmbeddingRow row : distinct.values()) {
            long rowBytes = estimateBytes(row);
            if (!batch.isEmpty() && bytes + rowBytes > MAX_REQUEST_BYTES) {
                upsertBatch(schema, collection, partition, batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(row);
            bytes += rowBytes;
        }
        if (!batch.isEmpty()) {
            upsertBatch(schema, collection, partition, batch);
        }
    }

    private void upsertBatch(
            EmbeddingSchema schema, String collection, String partition, List<EmbeddingRow> rows) {
        UpsertRequest.Builder request =
                UpsertRequest.newBuilder()
                        .setCollectionName(collection)
                        .setNumRows(rows.size())
                        .addAllFieldsData(MilvusFields.columns(schema, rows));
        // A collection with a partition key finds the partition itself and refuses a name.
        if (schema.fields().stream().noneMatch(Field::partitionKey)) {
            request.setPartitionName(partition);
        }
        UpsertRequest message = request.build();
        stub.call("upsert into " + collection, s -> s.upsert(message), r -> r.getStatus());
    }

    /** Bytes a row takes in a request, roughly; batches are cut by it. */
    public static long estimateBytes(EmbeddingRow row) {
        long bytes = ROW_OVERHEAD_BYTES + 4L * row.vector().length + row.id().length();
        for (Object value : row.fields().values()) {
            bytes += value instanceof String text ? text.length() : Long.BYTES;
        }
        return bytes;
    }

    @Override
    public void delete(String collection, @Nullable String partition, List<String> ids) {
        EmbeddingSchema schema = schema(collection);
        for (int from = 0; from < ids.size(); from += MAX_IDS_PER_DELETE) {
            List<String> part = ids.subList(from, Math.min(ids.size(), from + MAX_IDS_PER_DELETE));
            DeleteRequest.Builder request =
                    DeleteRequest.newBuilder()
                            .setCollectionName(collection)
                            .setExpr(MilvusFilters.in(schema.primaryKey().name(), part));
            if (partition != null) {
                request.setPartitionName(partition);
            }
            stub.call(
                    "delete from " + collection,
                    s -> s.delete(request.build()),
                    r -> r.getStatus());
        }
    }

    @Override
    public void close() {
        stub.close();
    }

    private void ok(
            String what,
            java.util.function.Function<
                            io.milvus.grpc.MilvusServiceGrpc.MilvusServiceBlockingStub, Status>
                    request) {
        stub.call(what, request, s -> s);
    }

    private static void await(String what, BooleanSupplier done) {
        long end = System.nanoTime() + SLOW_OPERATION.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new StoreException(
                        Failure.TRANSIENT, what + " not ready after " + SLOW_OPERATION, null);
            }
            try {
                Thread.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(Failure.FATAL, "interrupted waiting for " + what, e);
            }
        }
    }

    private static String json(Map<String, String> parameters) {
        try {
            return JSON.writeValueAsString(parameters);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Map<String, String> parseJson(String text) {
        Map<String, String> out = new TreeMap<>();
        try {
            JSON.readTree(text)
                    .fields()
                    .forEachRemaining(f -> out.put(f.getKey(), f.getValue().asText()));
        } catch (JsonProcessingException e) {
            throw new StoreException(Failure.FATAL, "index parameters are not JSON: " + text, e);
        }
        return out;
    }

    /** The dimension of a collection's vector. */
    public static int dimension(EmbeddingSchema schema) {
        return schema.fields().stream()
                .filter(f -> f.type() == Type.FLOAT_VECTOR)
                .mapToInt(Field::dimension)
                .findFirst()
                .orElse(0);
    }
}
