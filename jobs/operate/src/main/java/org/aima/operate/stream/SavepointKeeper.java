package org.aima.operate.stream;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.stream.StreamRecord.SavepointEntry;

/** Disposes of savepoints, but never of one that a rollback may need. */
public final class SavepointKeeper {
    private final RunLedger ledger;
    private final StreamCluster cluster;
    private final PrintStream people;
    private final String holder;

    SavepointKeeper(RunLedger ledger, StreamCluster cluster, PrintStream people, String holder) {
        this.ledger = ledger;
        this.cluster = cluster;
        this.people = people;
        this.holder = holder;
    }

    /**
     * Disposes of a savepoint.
     *
     * @throws AimaException refused, when a recorded version may have to go back to it
     */
    public void dispose(RunRecord run, String path) {
        VersionChange.alone(
                ledger,
                run,
                "dispose",
                holder,
                (change, own) -> {
                    StreamRecord stream = StreamRecord.of(ledger.find(run.runId()).orElseThrow());
                    SavepointEntry entry =
                            stream.savepoints().stream()
                                    .filter(s -> s.path().equals(path))
                                    .findFirst()
                                    .orElseThrow(
                                            () ->
                                                    AimaException.usage(
                                                            path
                                                                    + " is not a savepoint of "
                                                                    + run.runId()
                                                                    + "; see: aima savepoint "
                                                                    + run.runId()
                                                                    + " --list"));
                    if (stream.referred().contains(path)) {
                        throw AimaException.refused(
                                path
                                        + " is what a recorded version was restored from: a rollback"
                                        + " needs it; aima savepoint "
                                        + run.runId()
                                        + " --keep N forgets versions that no rollback reaches");
                    }
                    dispose(own, run, entry);
                    return true;
                });
    }

    // Out of the list only after it is gone: what is not listed would never be found again.
    private void dispose(Lease own, RunRecord run, SavepointEntry entry) {
        ledger.audit(run.runId(), "intent", Map.of("dispose", entry.path()));
        cluster.dispose(entry.path());
        StreamRecord stream = StreamRecord.of(ledger.find(run.runId()).orElseThrow());
        ledger.record(
                own,
                StreamRecord.savepoints(
                        stream.savepoints().stream()
                                .filter(s -> !s.path().equals(entry.path()))
                                .toList()));
        people.println("disposed of " + entry.path());
    }

    /**
     * Keeps the newest savepoints, forgets versions that no rollback reaches and disposes of all
     * savepoints that are then neither new nor referred to.
     *
     * @return the paths that are gone
     */
    public List<String> keep(RunRecord run, int newest) {
        return VersionChange.alone(
                ledger,
                run,
                "keep",
                holder,
                (change, own) -> {
                    StreamRecord stream = StreamRecord.of(ledger.find(run.runId()).orElseThrow());
                    Set<Integer> reachable = stream.reachable();
                    ledger.record(
                            own,
                            StreamRecord.versions(
                                    stream.versions().values().stream()
                                            .filter(v -> reachable.contains(v.number()))
                                            .toList()));
                    StreamRecord left = StreamRecord.of(ledger.find(run.runId()).orElseThrow());
                    List<String> gone = new ArrayList<>();
                    int surplus = Math.max(0, left.savepoints().size() - newest);
                    for (SavepointEntry entry : left.savepoints().subList(0, surplus)) {
                        if (!left.referred().contains(entry.path())) {
                            dispose(own, run, entry);
                            gone.add(entry.path());
                        }
                    }
                    return gone;
                });
    }
}
