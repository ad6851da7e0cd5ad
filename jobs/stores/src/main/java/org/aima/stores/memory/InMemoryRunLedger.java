package org.aima.stores.memory;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** A ledger in this process's memory that passes the same contract as the one in MongoDB. */
public final class InMemoryRunLedger implements RunLedger {
    private final Map<String, Document> runs = new TreeMap<>();
    private final Map<String, Document> leases = new TreeMap<>();
    private final List<Document> audit = new ArrayList<>();
    private final Clock clock;

    public InMemoryRunLedger(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Lease begin(
            RunRequest request, Duration lease, Predicate<RunRecord> stillActive) {
        Document earlier = runs.get(request.runId());
        if (earlier != null) {
            RunState state = toRecord(earlier).state();
            if (state.ended() && state != RunState.FAILED && state != RunState.REFUSED) {
                throw AimaException.refused(
                        "run " + request.runId() + " already ended (" + state + ")");
            }
        }
        Instant now = clock.instant();
        Document held = leases.computeIfAbsent(request.target(), t -> new Document("fence", 0L));
        String holderRun = held.getString("run_id");
        if (holderRun != null && !holderRun.equals(request.runId())) {
            Optional<RunRecord> holder = find(holderRun);
            boolean lives = !held.getDate("expires_at").toInstant().isBefore(now);
            if (lives
                    || holder.isPresent()
                            && !holder.get().state().ended()
                            && stillActive.test(holder.get())) {
                throw AimaException.refused(
                        "target "
                                + request.target()
                                + " is taken by run "
                                + holderRun
                                + " (holder "
                                + held.getString("holder")
                                + ")");
            }
        }
        long fence = held.getLong("fence") + 1;
        held.append("run_id", request.runId())
                .append("holder", request.holder())
                .append("expires_at", Date.from(now.plus(lease)))
                .append("fence", fence);
        for (Document other : runs.values()) {
            if (request.target().equals(other.getString("target"))
                    && !request.runId().equals(other.getString("_id"))
                    && !toRecord(other).state().ended()
                    && fence(other) < fence) {
                leaseIn(other).append("fence", fence);
                other.append("state", "failed").append("ended_at", Date.from(now));
            }
        }
        Document run =
                runs.computeIfAbsent(
                        request.runId(),
                        id ->
                                new Document("_id", id)
                                        .append("started_at", Date.from(now))
                                        .append("submitted_at", Date.from(now))
                                        .append("undo", null));
        run.append("job", request.job())
                .append("action", request.action())
                .append("target", request.target())
                .append("plan_only", request.planOnly())
                .append("state", "running")
                .append("ended_at", null)
                .append("error", null)
                .append("config", new ArrayList<>(request.configuration().entrySet()))
                .append("config_sha256", Integer.toHexString(request.configuration().hashCode()))
                .append("code_version", request.codeVersion())
                .append(
                        "lease",
                        new Document("holder", request.holder())
                                .append("fence", fence)
                                .append("expires_at", held.getDate("expires_at")));
        return new Lease(
                request.runId(),
                request.target(),
                request.holder(),
                fence,
                run.getDate("submitted_at").getTime());
    }

    @Override
    public synchronized Lease adopt(String runId, String holder, Duration lease) {
        Document run = runs.get(runId);
        if (run == null) {
            throw AimaException.usage("there is no run " + runId);
        }
        Lease adopted =
                new Lease(
                        runId,
                        run.getString("target"),
                        holder,
                        fence(run),
                        run.getDate("submitted_at").getTime());
        Date until = Date.from(clock.instant().plus(lease));
        held(adopted).append("holder", holder).append("expires_at", until);
        leaseIn(run).append("holder", holder).append("expires_at", until);
        return adopted;
    }

    @Override
    public synchronized Lease advance(Lease held, RunRequest request, Duration lease) {
        Document taken = held(held);
        Document run = current(held);
        long fence = held.fence() + 1;
        taken.append("fence", fence).append("expires_at", Date.from(clock.instant().plus(lease)));
        leaseIn(run).append("fence", fence);
        run.append("config", new ArrayList<>(request.configuration().entrySet()))
                .append("config_sha256", Integer.toHexString(request.configuration().hashCode()))
                .append("code_version", request.codeVersion());
        return new Lease(
                held.runId(), held.target(), held.holder(), fence, held.submittedAtMillis());
    }

    @Override
    public synchronized void renew(Lease held, Duration lease) {
        held(held).append("expires_at", Date.from(clock.instant().plus(lease)));
        current(held);
    }

    @Override
    public synchronized void record(Lease held, Map<String, Object> fields) {
        set(current(held), fields);
    }

    @Override
    public synchronized void finish(Lease held, RunState state, Map<String, Object> fields) {
        Document run = current(held);
        set(run, fields);
        run.append("state", state.name().toLowerCase(Locale.ROOT));
        if (state.ended()) {
            run.append("ended_at", Date.from(clock.instant()));
            Document lease = leases.get(held.target());
            if (lease != null && lease.getLong("fence") == held.fence()) {
                lease.append("run_id", null).append("expires_at", null);
            }
        }
    }

    @Override
    public synchronized void undone(Lease held, String runId) {
        renew(held, LEASE);
        Document run = runs.get(runId);
        if (run != null && held.target().equals(run.getString("target"))) {
            run.append("state", "undone").append("undo", new Document("by", held.runId()));
        }
    }

    @Override
    public synchronized Optional<RunRecord> find(String runId) {
        return Optional.ofNullable(runs.get(runId)).map(InMemoryRunLedger::toRecord);
    }

    @Override
    public synchronized List<RunRecord> latest(int limit) {
        return runs.values().stream()
                .sorted(Comparator.comparing((Document d) -> d.getDate("started_at")).reversed())
                .limit(limit)
                .map(InMemoryRunLedger::toRecord)
                .toList();
    }

    @Override
    public synchronized void audit(String runId, String phase, Map<String, Object> what) {
        audit.add(
                new Document("run_id", runId)
                        .append("phase", phase)
                        .append("who", System.getProperty("user.name", "unknown"))
                        .append("at", Date.from(clock.instant()))
                        .append("what", new Document(what)));
    }

    /** What was appended for a run. */
    public synchronized List<Document> audited(String runId) {
        return audit.stream().filter(d -> runId.equals(d.getString("run_id"))).toList();
    }

    @Override
    public void close() {
        // There is nothing to free.
    }

    private Document held(Lease lease) {
        Document held = leases.get(lease.target());
        if (held == null
                || !lease.runId().equals(held.getString("run_id"))
                || held.getLong("fence") != lease.fence()) {
            throw lost(lease);
        }
        return held;
    }

    private Document current(Lease lease) {
        Document run = runs.get(lease.runId());
        if (run == null || fence(run) != lease.fence()) {
            throw lost(lease);
        }
        return run;
    }

    private static long fence(Document run) {
        return leaseIn(run).getLong("fence");
    }

    private static Document leaseIn(Document run) {
        return run.get("lease", new Document());
    }

    private static AimaException lost(Lease lease) {
        return AimaException.refused(
                "run " + lease.runId() + " lost its lease on " + lease.target());
    }

    private static void set(Document document, Map<String, Object> fields) {
        fields.forEach((path, value) -> set(document, path, value));
    }

    private static void set(Document document, String path, @Nullable Object value) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            document.append(path, copy(value));
            return;
        }
        String name = path.substring(0, dot);
        Document inner = document.get(name) instanceof Document found ? found : new Document();
        document.append(name, inner);
        set(inner, path.substring(dot + 1), value);
    }

    // A database keeps what was written, not what the writer does to it afterwards.
    private static @Nullable Object copy(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Document copy = new Document();
            map.forEach((k, v) -> copy.append(String.valueOf(k), copy(v)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            for (Object item : list) {
                copy.add(copy(item));
            }
            return copy;
        }
        return value;
    }

    private static RunRecord toRecord(Document document) {
        Document copy = (Document) java.util.Objects.requireNonNull(copy(document));
        String flinkJob = copy.getString("flink_job_id");
        return new RunRecord(
                copy.getString("_id"),
                copy.getString("job"),
                copy.getString("action"),
                RunState.valueOf(copy.getString("state").toUpperCase(Locale.ROOT)),
                flinkJob == null ? "" : flinkJob,
                copy);
    }
}
