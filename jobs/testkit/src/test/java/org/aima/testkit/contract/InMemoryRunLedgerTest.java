package org.aima.testkit.contract;

import java.time.Clock;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.stores.memory.InMemoryRunLedger;

/** The ledger's promises in memory. */
class InMemoryRunLedgerTest extends RunLedgerContract {
    @Override
    protected RunLedger open(Clock ledgerClock) {
        return new InMemoryRunLedger(ledgerClock);
    }
}
