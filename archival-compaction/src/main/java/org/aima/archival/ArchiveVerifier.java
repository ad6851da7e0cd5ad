package org.aima.archival;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.CanonicalBson;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileLayout;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;

/**
 * Reads the bucket after a run, or any time later: the chain, every file the run published, and a
 * sample of documents by their pointers.
 */
final class ArchiveVerifier {
    private static final int MAX_NAMED = 5;

    private final Configuration configuration;

    ArchiveVerifier(Configuration configuration) {
        this.configuration = configuration;
    }

    Verification verify(String runId) {
        List<Check> checks = new ArrayList<>();
        try (ArchiveStore archive = ArchiveStores.archive(configuration);
                LiveResults live = ArchiveStores.live(configuration)) {
            ManifestChain chain;
            try {
                chain = archive.chain();
            } catch (ManifestChain.BrokenChainException e) {
                return new Verification(
                        List.of(
                                new Check(
                                        "manifests follow from each other",
                                        false,
                                        String.valueOf(e.getMessage()))));
            }
            checks.add(
                    new Check(
                            "manifests follow from each other", true, chain.head() + " manifests"));
            head(chain, live.head(archive.bucket())).ifPresent(checks::add);
            files(archive, live, chain, runId, checks);
            List<Manifest> unfinished =
                    archive.unfinished(chain).stream().filter(m -> m.run().equals(runId)).toList();
            checks.add(
                    new Check(
                            "what follows a commit is complete",
                            unfinished.isEmpty(),
                            unfinished.isEmpty()
                                    ? "done"
                                    : "not yet: "
                                            + unfinished.get(0).key()
                                            + "; aima resume "
                                            + runId));
        }
        return new Verification(checks);
    }

    private static Optional<Check> head(ManifestChain chain, Optional<LiveResults.Head> noted) {
        return noted.map(
                head -> {
                    boolean there =
                            chain.head() >= head.number()
                                    && (head.number() == 0
                                            || chain.sha256(head.number()).equals(head.sha256()));
                    return new Check(
                            "the newest manifest is the one that was published",
                            there,
                            "published "
                                    + Manifest.keyOf(head.number())
                                    + ", found "
                                    + chain.head());
                });
    }

    private void files(
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain,
            String runId,
            List<Check> checks) {
        long rows = 0;
        int files = 0;
        int replaced = 0;
        int pointers = 0;
        List<String> wrong = new ArrayList<>();
        List<String> wrongPointers = new ArrayList<>();
        Path local = null;
        try {
            local = Files.createTempFile("aima-verify", ".parquet");
            for (Manifest manifest : chain.of(runId)) {
                for (ArchivedFile file : manifest.added()) {
                    if (chain.live(file.key()).isEmpty()) {
                        replaced++;
                        continue;
                    }
                    ArchiveStore.Condition condition = archive.readBack(file, local);
                    if (condition != ArchiveStore.Condition.SOUND) {
                        wrong.add(file.key() + " is " + condition.name().toLowerCase(Locale.ROOT));
                        continue;
                    }
                    files++;
                    rows += file.rows();
                    pointers += sample(archive, live, file, local, wrongPointers);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(local);
        }
        checks.add(
                new Check(
                        "every file is the one of its manifest: size, SHA-256, rows, documents",
                        wrong.isEmpty(),
                        "%,d files, %,d rows, %,d replaced since%s"
                                .formatted(files, rows, replaced, named(wrong))));
        checks.add(
                new Check(
                        "one ranged read yields one document",
                        wrongPointers.isEmpty(),
                        "%,d sampled%s".formatted(pointers, named(wrongPointers))));
    }

    private static String named(List<String> wrong) {
        return wrong.isEmpty()
                ? ""
                : "; "
                        + wrong.size()
                        + " wrong: "
                        + String.join(", ", wrong.subList(0, Math.min(MAX_NAMED, wrong.size())));
    }

    /** Follows the pointer of the first row of each row group; returns how many there were. */
    private static int sample(
            ArchiveStore archive,
            LiveResults live,
            ArchivedFile file,
            Path local,
            List<String> wrong)
            throws IOException {
        int followed = 0;
        try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
            ArchiveRow row = reader.next();
            if (row == null || FileLayout.of(local).groups().isEmpty()) {
                return 0;
            }
            String resultId =
                    String.valueOf(
                            org.aima.archival.core.ResultFields.of(row.document()).resultId());
            for (var summary : live.summariesOf(List.of(resultId))) {
                SummaryBuilder.Pointer pointer = SummaryBuilder.pointer(summary, resultId);
                if (pointer != null && pointer.key().equals(file.key())) {
                    followed++;
                    byte[] document = archive.document(pointer);
                    boolean sound =
                            CanonicalBson.defect(document).isEmpty()
                                    && java.util.Arrays.equals(
                                            RestoredFrom.strip(document), row.document());
                    if (!sound) {
                        wrong.add(file.key() + " row " + pointer.row());
                    }
                }
            }
        }
        return followed;
    }

    private static void delete(java.nio.file.@org.jspecify.annotations.Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
    }
}
