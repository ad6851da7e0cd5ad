package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.testkit.servers.RealStores;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger's promises on MongoDB. */
class MongoRunLedgerITCase extends RunLedgerContract {
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
}
