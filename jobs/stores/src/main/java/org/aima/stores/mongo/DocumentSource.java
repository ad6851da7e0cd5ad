package org.aima.stores.mongo;

import static org.aima.jobs.pipeline.Operators.named;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.aima.jobs.model.BsonBytes;
import org.aima.stores.paging.MappedPageReader;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a collection as a stream of a job's own records.
 *
 * @param filter which documents; empty for all
 * @param fields what is read of each; empty for everything
 * @param mapping of a document to a record; null drops it
 * @param what named in the graph: {@code source-what} and {@code read what}
 */
public record DocumentSource<T>(
        MongoAddress mongo,
        String collection,
        BsonDocument filter,
        List<String> fields,
        Class<T> type,
        Mapping<T> mapping,
        String what) {

    /** Turns a document into a record, or into null. */
    public interface Mapping<T> extends Function<BsonDocument, @Nullable T>, Serializable {}

    /** Adds the source to the graph; opens no connection. */
    public DataStream<T> in(StreamExecutionEnvironment environment) {
        MongoAddress address = mongo;
        String name = collection;
        byte[] selection = BsonBytes.encode(filter);
        List<String> selected = fields;
        Mapping<T> map = mapping;
        PageReaderFactory<T> readers =
                () ->
                        new MappedPageReader<>(
                                new MongoPageReader(
                                        address, name, BsonBytes.decode(selection), selected),
                                map::apply);
        return named(
                environment.fromSource(
                        new PagedSource<>(readers, TypeInformation.of(type)),
                        WatermarkStrategy.noWatermarks(),
                        "read " + what),
                "source-" + what.replace(' ', '-'),
                "read " + what);
    }
}
