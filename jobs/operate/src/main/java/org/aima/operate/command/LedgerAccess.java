package org.aima.operate.command;

import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.stores.StoreOptions;
import org.aima.stores.mongo.MongoRunLedger;

/** Opens the ledger that {@code conf/stores.yaml} points to. */
final class LedgerAccess {
    private LedgerAccess() {}

    static RunLedger open(Installation installation) {
        return new MongoRunLedger(StoreOptions.mongo(installation.stores()));
    }

    static RunRecord run(RunLedger ledger, String runId) {
        return ledger.find(runId)
                .orElseThrow(
                        () ->
                                AimaException.usage(
                                        "there is no run " + runId + "; see: aima status"));
    }
}
