package org.aima.stores.mongo;

import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.connector.sink2.Sink;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Sinks of what every job reports about its run: dead letters and the summary. */
public final class LedgerSinks {
    public static final String DEAD_LETTERS = "dead_letters";

    private LedgerSinks() {}

    /** Dead letters of a run, each under a key derived from its content. */
    public static Sink<Reject> deadLetters(MongoAddress address, RunContext run, WriteGuard guard) {
        String runId = run.runId();
        long at = run.submittedAtMillis();
        return deadLetters(address, reject -> deadLetter(reject, runId, at), guard);
    }

    /** The same for a run without end: each letter bears the time at which it came. */
    public static Sink<Reject> deadLettersAsTheyCome(
            MongoAddress address, RunContext run, WriteGuard guard) {
        String runId = run.runId();
        return deadLetters(
                address, reject -> deadLetter(reject, runId, System.currentTimeMillis()), guard);
    }

    private static Sink<Reject> deadLetters(
            MongoAddress address, MongoUpsertSink.Serialization<Reject> letter, WriteGuard guard) {
        return new MongoUpsertSink<>(address, DEAD_LETTERS, letter, guard, JobMetric.ROWS_REJECTED);
    }

    static WriteModel<BsonDocument> deadLetter(Reject reject, String runId, long atMillis) {
        BsonDocument fields = reject.letter(runId, atMillis);
        return new UpdateOneModel<>(
                new BsonDocument("_id", fields.remove("_id")),
                new BsonDocument("$setOnInsert", fields),
                new UpdateOptions().upsert(true));
    }

    /**
     * Sets {@code summary} of the run's ledger document to figures; a stale fence changes nothing.
     */
    public static Sink<Figure[]> summary(MongoAddress address, RunContext run, WriteGuard guard) {
        String runId = run.runId();
        long fence = run.fence();
        return new MongoUpsertSink<>(
                address, MongoRunLedger.RUNS, figures -> summary(figures, runId, fence), guard);
    }

    static WriteModel<BsonDocument> summary(Figure[] figures, String runId, long fence) {
        TreeMap<String, Figure> sorted = new TreeMap<>();
        for (Figure figure : figures) {
            sorted.put(figure.name(), figure);
        }
        // An array of pairs: figure names have dots, which field names should not.
        BsonArray rows = new BsonArray();
        sorted.values()
                .forEach(
                        f -> {
                            BsonDocument row = new BsonDocument("name", new BsonString(f.name()));
                            if (f.text().isEmpty()) {
                                row.put("value", new BsonInt64(f.amount()));
                            } else {
                                row.put("value", new BsonString(f.text()));
                            }
                            rows.add(row);
                        });
        BsonDocument filter = new BsonDocument("_id", new BsonString(runId));
        filter.put("lease.fence", new BsonInt64(fence));
        return new UpdateOneModel<>(
                filter, new BsonDocument("$set", new BsonDocument("summary", rows)));
    }
}
