package org.aima.archival;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.OrphanRules;
import org.aima.archival.core.Partition;
import org.aima.archival.function.RemovalUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.pipeline.RunContext;
import org.aima.stores.ObjectStore;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Composition root of {@code archival-compaction:clean}: what crashed runs left, and what
 * compaction replaced.
 */
final class CleanAction extends MaintenanceAction {

    @Override
    public String name() {
        return "clean";
    }

    @Override
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain) {
        long floor = configuration.get(ArchivalCompactionOptions.ORPHAN_AGE).toMillis();
        long grace = configuration.get(ArchivalCompactionOptions.GRACE).toMillis();
        List<OrphanRules.Listed> listing =
                archive.objects().listObjects(archive.bucket(), Partition.ROOT).stream()
                        .map(o -> new OrphanRules.Listed(o.key(), o.bytes(), o.modifiedMillis()))
                        .toList();
        long now = run.submittedAtMillis();
        List<RemovalUnit> units = new ArrayList<>();
        try {
            for (OrphanRules.Listed orphan :
                    OrphanRules.orphans(
                            listing,
                            chain.named(),
                            chain.live().stream().map(ArchivedFile::key).toList(),
                            now,
                            floor)) {
                units.add(new RemovalUnit(RemovalUnit.ORPHAN, orphan.key(), "", orphan.bytes()));
            }
        } catch (IllegalStateException e) {
            throw new RunRefusedException(String.valueOf(e.getMessage()));
        }
        Map<String, Long> bytes = new HashMap<>();
        listing.forEach(l -> bytes.put(l.key(), l.bytes()));
        for (Manifest manifest : chain.manifests()) {
            long replacedAt = java.time.Instant.parse(manifest.createdAt()).toEpochMilli();
            for (String key : manifest.removed()) {
                Long size = bytes.get(key);
                if (size != null && chain.live(key).isEmpty() && now - replacedAt >= grace) {
                    units.add(new RemovalUnit(RemovalUnit.REPLACED, key, "", size));
                }
            }
        }
        for (ObjectStore.PendingUpload upload :
                archive.objects().pendingUploads(archive.bucket(), "")) {
            if (now - upload.startedMillis() >= floor) {
                units.add(new RemovalUnit(RemovalUnit.UPLOAD, upload.key(), upload.uploadId(), 0));
            }
        }
        sinks(
                topology(configuration, run).clean(units(environment, units, RemovalUnit.class)),
                configuration,
                run);
    }
}
