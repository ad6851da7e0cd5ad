package org.aima.stores.mongo;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;
import static com.mongodb.client.model.Filters.ne;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Updates.combine;
import static com.mongodb.client.model.Updates.inc;
import static com.mongodb.client.model.Updates.set;
import static com.mongodb.client.model.Updates.setOnInsert;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.result.UpdateResult;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.stores.StoreException;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in MongoDB: {@code job_runs} holds the runs, {@code run_leases} one document a target,
 * {@code audit_log} what was intended and what came of it.
 *
 * <p>The lease document is changed by single-document compare-and-set only, so no transaction is
 * needed. Leases are compared with this machine's clock: holders need clocks that agree to within a
 * few seconds.
 */
public final class MongoRunLedger implements RunLedger {
    public static final String RUNS = "job_runs";
    public static final String LEASES = "run_leases";
    public static final String AUDIT = "audit_log";

    private static final int DUPLICATE_KEY = 11000;

    private final MongoClient client;
    private final MongoCollection<Document> runs;
    private final MongoCollection<Document> leases;
    private final MongoCollection<Document> audit;
    private final Clock clock;

    public MongoRunLedger(MongoAddress address) {
        this(address, Clock.systemUTC());
    }

    public MongoRunLedger(MongoAddress address, Clock clock) {
        this.client = MongoConnections.open(address);
        MongoDatabase database = client.getDatabase(address.database());
        this.runs = database.getCollection(RUNS);
        this.leases = database.getCollection(LEASES);
        this.audit = database.getCollection(AUDIT);
        this.clock = clock;
    }

    @Override
    public Lease begin(RunRequest request, Duration lease, Predicate<RunRecord> stillActive) {
        Optional<RunRecord> earlier = find(request.runId());
        if (earlier.isPresent() && earlier.get().state().ended()) {
            RunState state = earlier.get().state();
            if (state != RunState.FAILED && state != RunState.REFUSED) {
                throw AimaException.refused(
                        "run "
                                + request.runId()
                                + " already ended ("
                                + state.name().toLowerCase(Locale.ROOT)
                                + "); the same run id is the same run");
            }
        }
        refuseLiveHolder(request, stillActive);
        Document held = acquire(request, lease);
        long fence = held.getLong("fence");
        Instant now = clock.instant();
        fenceFormerHolders(request, fence, now);
        Map<String, String> configuration = new TreeMap<>(request.configuration());
        Document run =
                MongoConnections.call(
                        "ledger write",
                        () ->
                                runs.findOneAndUpdate(
                                        and(
                                                eq("_id", request.runId()),
                                                or(
                                                        eq("lease.fence", null),
                                                        lte("lease.fence", fence))),
                                        combine(
                                                setOnInsert("started_at", Date.from(now)),
                                                setOnInsert("submitted_at", Date.from(now)),
                                                setOnInsert("undo", null),
                                                set("job", request.job()),
                                                set("action", request.action()),
                                                set("target", request.target()),
                                                set("plan_only", request.planOnly()),
                                                set(
                                                        "state",
                                                        RunState.RUNNING
                                                                .name()
                                                                .toLowerCase(Locale.ROOT)),
                                                set("ended_at", null),
                                                set("error", null),
                                                set("config", keysWithoutDots(configuration)),
                                                set("config_sha256", sha256(configuration)),
                                                set("code_version", request.codeVersion()),
                                                set("lease", leaseDocument(held))),
                                        new FindOneAndUpdateOptions()
                                                .upsert(true)
                                                .returnDocument(ReturnDocument.AFTER)));
        if (run == null) {
            throw AimaException.failed("the ledger did not return run " + request.runId(), null);
        }
        return new Lease(
                request.runId(),
                request.target(),
                request.holder(),
                fence,
                run.getDate("submitted_at").getTime());
    }

    /**
     * Ends the runs whose lease on the target was taken over. Their own documents carry the new
     * fence from now on: a holder that wakes up late matches none of its writes.
     */
    private void fenceFormerHolders(RunRequest request, long fence, Instant now) {
        MongoConnections.call(
                "ledger write",
                () ->
                        runs.updateMany(
                                and(
                                        eq("target", request.target()),
                                        ne("_id", request.runId()),
                                        in("state", "running", "verifying"),
                                        lt("lease.fence", fence)),
                                combine(
                                        set("lease.fence", fence),
                                        set("state", "failed"),
                                        set("ended_at", Date.from(now)),
                                        set(
                                                "error",
                                                "its lease expired and run "
                                                        + request.runId()
                                                        + " took its target over"))));
    }

    private void refuseLiveHolder(RunRequest request, Predicate<RunRecord> stillActive) {
        Document present = lease(request.target());
        if (present == null) {
            return;
        }
        String holderRun = present.getString("run_id");
        if (holderRun == null || holderRun.equals(request.runId())) {
            return;
        }
        Optional<RunRecord> run = find(holderRun);
        if (run.isPresent() && !run.get().state().ended() && stillActive.test(run.get())) {
            throw taken(request, present);
        }
    }

    private Document acquire(RunRequest request, Duration lease) {
        Instant now = clock.instant();
        Bson free =
                and(
                        eq("_id", request.target()),
                        or(
                                eq("run_id", null),
                                eq("run_id", request.runId()),
                                lt("expires_at", Date.from(now))));
        try {
            // Repeated after a lost reply it finds its own run id, so it is idempotent but for the
            // fence, which only grows.
            Document held =
                    MongoConnections.call(
                            "lease acquisition",
                            () ->
                                    leases.findOneAndUpdate(
                                            free,
                                            combine(
                                                    set("run_id", request.runId()),
                                                    set("holder", request.holder()),
                                                    set("expires_at", Date.from(now.plus(lease))),
                                                    inc("fence", 1L)),
                                            new FindOneAndUpdateOptions()
                                                    .upsert(true)
                                                    .returnDocument(ReturnDocument.AFTER)));
            if (held != null) {
                return held;
            }
        } catch (StoreException e) {
            // The upsert lost against a live holder: the target's document exists but is not free.
            if (!(e.getCause() instanceof MongoException mongo)
                    || mongo.getCode() != DUPLICATE_KEY) {
                throw e;
            }
        }
        throw taken(request, lease(request.target()));
    }

    private @Nullable Document lease(String target) {
        return MongoConnections.<Optional<Document>>call(
                        "ledger read",
                        () -> Optional.ofNullable(leases.find(eq("_id", target)).first()))
                .orElse(null);
    }

    private static AimaException taken(RunRequest request, @Nullable Document holder) {
        return AimaException.refused(
                "target "
                        + request.target()
                        + " is taken by run "
                        + (holder == null ? "(unknown)" : holder.getString("run_id"))
                        + " (holder "
                        + (holder == null ? "unknown" : holder.getString("holder"))
                        + "); wait for it, or see: aima status");
    }

    @Override
    public Lease adopt(String runId, String holder, Duration lease) {
        Document run =
                MongoConnections.call("ledger read", () -> runs.find(eq("_id", runId)).first());
        if (run == null || !(run.get("lease") instanceof Document held)) {
            throw AimaException.usage("there is no run " + runId + "; see: aima status");
        }
        Lease recorded =
                new Lease(
                        runId,
                        run.getString("target"),
                        holder,
                        held.getLong("fence"),
                        run.getDate("submitted_at").getTime());
        Document taken =
                leaseOf(
                        recorded,
                        eq("run_id", runId),
                        combine(
                                set("holder", holder),
                                set("expires_at", Date.from(clock.instant().plus(lease)))));
        // The lease's fence is larger when its holder was killed in the middle of an advance.
        follow(recorded, taken, set("lease.holder", holder));
        return withFence(recorded, taken.getLong("fence"));
    }

    @Override
    public Lease advance(Lease held, RunRequest request, Duration lease) {
        Document taken =
                leaseOf(
                        held,
                        and(eq("run_id", held.runId()), eq("fence", held.fence())),
                        combine(
                                set("expires_at", Date.from(clock.instant().plus(lease))),
                                inc("fence", 1L)));
        Map<String, String> configuration = new TreeMap<>(request.configuration());
        follow(
                held,
                taken,
                combine(
                        set("config", keysWithoutDots(configuration)),
                        set("config_sha256", sha256(configuration)),
                        set("code_version", request.codeVersion())));
        return withFence(held, taken.getLong("fence"));
    }

    private Document leaseOf(Lease held, Bson condition, Bson change) {
        Document taken =
                MongoConnections.call(
                        "lease takeover",
                        () ->
                                leases.findOneAndUpdate(
                                        and(eq("_id", held.target()), condition),
                                        change,
                                        new FindOneAndUpdateOptions()
                                                .returnDocument(ReturnDocument.AFTER)));
        if (taken == null) {
            throw lost(held);
        }
        return taken;
    }

    private void follow(Lease held, Document taken, Bson change) {
        long fence = taken.getLong("fence");
        UpdateResult result =
                MongoConnections.call(
                        "ledger write",
                        () ->
                                runs.updateOne(
                                        and(eq("_id", held.runId()), lte("lease.fence", fence)),
                                        combine(
                                                set("lease.fence", fence),
                                                set(
                                                        "lease.expires_at",
                                                        taken.getDate("expires_at")),
                                                change)));
        requireMatch(result, held);
    }

    private static Lease withFence(Lease held, long fence) {
        return new Lease(
                held.runId(), held.target(), held.holder(), fence, held.submittedAtMillis());
    }

    @Override
    public void renew(Lease held, Duration lease) {
        Date until = Date.from(clock.instant().plus(lease));
        UpdateResult result =
                MongoConnections.call(
                        "lease renewal",
                        () ->
                                leases.updateOne(
                                        and(
                                                eq("_id", held.target()),
                                                eq("run_id", held.runId()),
                                                eq("fence", held.fence())),
                                        set("expires_at", until)));
        requireMatch(result, held);
        update(held, set("lease.expires_at", until));
    }

    @Override
    public void record(Lease held, Map<String, Object> fields) {
        List<Bson> updates = new ArrayList<>();
        fields.forEach((key, value) -> updates.add(set(key, value)));
        if (!updates.isEmpty()) {
            update(held, combine(updates));
        }
    }

    @Override
    public void finish(Lease held, RunState state, Map<String, Object> fields) {
        List<Bson> updates = new ArrayList<>();
        fields.forEach((key, value) -> updates.add(set(key, value)));
        updates.add(set("state", state.name().toLowerCase(Locale.ROOT)));
        if (state.ended()) {
            updates.add(set("ended_at", Date.from(clock.instant())));
        }
        update(held, combine(updates));
        if (state.ended()) {
            MongoConnections.call(
                    "lease release",
                    () ->
                            leases.updateOne(
                                    and(eq("_id", held.target()), eq("fence", held.fence())),
                                    combine(set("run_id", null), set("expires_at", null))));
        }
    }

    @Override
    public void undone(Lease held, String runId) {
        renew(held, LEASE);
        MongoConnections.call(
                "ledger write",
                () ->
                        runs.updateOne(
                                and(eq("_id", runId), eq("target", held.target())),
                                combine(
                                        set(
                                                "state",
                                                RunState.UNDONE.name().toLowerCase(Locale.ROOT)),
                                        set(
                                                "undo",
                                                new Document("by", held.runId())
                                                        .append(
                                                                "at",
                                                                Date.from(clock.instant()))))));
    }

    private void update(Lease held, Bson update) {
        requireMatch(
                MongoConnections.call(
                        "ledger write",
                        () ->
                                runs.updateOne(
                                        and(
                                                eq("_id", held.runId()),
                                                eq("lease.fence", held.fence())),
                                        update)),
                held);
    }

    private static void requireMatch(UpdateResult result, Lease held) {
        if (result.getMatchedCount() == 0) {
            throw lost(held);
        }
    }

    private static AimaException lost(Lease held) {
        return AimaException.refused(
                "run "
                        + held.runId()
                        + " lost its lease on "
                        + held.target()
                        + ": another run, or another command of the same run, took it over");
    }

    @Override
    public Optional<RunRecord> find(String runId) {
        return MongoConnections.call(
                "ledger read",
                () ->
                        Optional.ofNullable(runs.find(eq("_id", runId)).first())
                                .map(MongoRunLedger::toRecord));
    }

    @Override
    public List<RunRecord> latest(int limit) {
        return MongoConnections.call(
                "ledger read",
                () ->
                        runs.find()
                                .sort(Sorts.descending("started_at"))
                                .limit(limit)
                                .map(MongoRunLedger::toRecord)
                                .into(new ArrayList<>()));
    }

    @Override
    public void audit(String runId, String phase, Map<String, Object> what) {
        Document entry = new Document("_id", runId + "/" + phase + "/" + UUID.randomUUID());
        entry.append("run_id", runId);
        entry.append("phase", phase);
        entry.append("who", System.getProperty("user.name", "unknown"));
        entry.append("at", Date.from(clock.instant()));
        entry.append("what", new Document(what));
        MongoConnections.call(
                "audit write",
                () ->
                        audit.updateOne(
                                eq("_id", entry.get("_id")),
                                new Document("$setOnInsert", without(entry, "_id")),
                                new UpdateOptions().upsert(true)));
    }

    private static Document without(Document document, String key) {
        Document copy = new Document(document);
        copy.remove(key);
        return copy;
    }

    private static Document leaseDocument(Document held) {
        return new Document("holder", held.getString("holder"))
                .append("fence", held.getLong("fence"))
                .append("expires_at", held.getDate("expires_at"));
    }

    private static RunRecord toRecord(Document document) {
        String state = String.valueOf(document.getString("state")).toUpperCase(Locale.ROOT);
        String flinkJob = document.getString("flink_job_id");
        return new RunRecord(
                document.getString("_id"),
                String.valueOf(document.getString("job")),
                String.valueOf(document.getString("action")),
                RunState.valueOf(state),
                flinkJob == null ? "" : flinkJob,
                document);
    }

    /**
     * Keys with dots cannot be addressed in older servers; settings are kept as key, value rows.
     */
    private static List<Document> keysWithoutDots(Map<String, String> configuration) {
        return configuration.entrySet().stream()
                .map(e -> new Document("key", e.getKey()).append("value", e.getValue()))
                .toList();
    }

    private static String sha256(Map<String, String> configuration) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(
                                            configuration
                                                    .toString()
                                                    .getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
