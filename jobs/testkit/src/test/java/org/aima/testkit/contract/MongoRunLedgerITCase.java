package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRequest;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.testkit.servers.RealStores;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger's promises on MongoDB. */
class MongoRunLedgerITCase extends RunLedgerContract {
    private static final Duration LEASE = Duration.ofSeconds(60);

    @RegisterExtension static final RealStores STORES = new RealStores();

    @Override
    protected RunLedger open(Clock ledgerClock) {
        return new MongoRunLedger(STORES.mongo(), ledgerClock);
    }

    @Test
    void auditIsOnlyAppendedTo() {
        String id = "audited-" + UUID.randomUUID();
        RunLedger ledger = open(Clock.systemUTC());
        ledger.audit(id, "intent", Map.of("delete", 3));
        ledger.audit(id, "intent", Map.of("delete", 3));
        ledger.audit(id, "result", Map.of("deleted", 3));
        ledger.close();
        try (MongoClient client = MongoConnections.open(STORES.mongo())) {
            MongoCollection<Document> audit =
                    client.getDatabase(STORES.mongo().database())
                            .getCollection(MongoRunLedger.AUDIT);
            List<Document> entries = audit.find(new Document("run_id", id)).into(new ArrayList<>());
            assertThat(entries)
                    .extracting(e -> e.getString("phase"))
                    .containsExactlyInAnyOrder("intent", "intent", "result");
            assertThat(entries).allMatch(e -> e.containsKey("who") && e.containsKey("at"));
        }
    }

    @Test
    void holderThatWasPausedIsToldBeforeItWritesData() throws InterruptedException {
        String target = "target-" + UUID.randomUUID();
        String first = target + "-a";
        String second = target + "-b";
        try (RunLedger ledger = open(Clock.systemUTC());
                RunLedger later = open(Clock.offset(Clock.systemUTC(), LEASE.plusSeconds(1)))) {
            Lease paused = ledger.begin(request(first, target), LEASE, run -> false);
            try (MongoWriteGuard guard =
                    new MongoWriteGuard(STORES.mongo(), target, first, paused.fence())) {
                guard.check();
                Lease next = later.begin(request(second, target), LEASE, run -> false);
                Thread.sleep(MongoWriteGuard.INTERVAL.toMillis());
                assertThatExceptionOfType(AimaException.class)
                        .isThrownBy(guard::check)
                        .matches(e -> e.exitCode() == ExitCode.REFUSED)
                        .withMessageContaining("run " + second + " has taken over");
                try (MongoWriteGuard other =
                        new MongoWriteGuard(STORES.mongo(), target, second, next.fence())) {
                    other.check();
                }
            }
        }
    }

    private static RunRequest request(String runId, String target) {
        return new RunRequest(
                runId, "job", "action", target, "holder of " + runId, false, "test", Map.of());
    }
}
