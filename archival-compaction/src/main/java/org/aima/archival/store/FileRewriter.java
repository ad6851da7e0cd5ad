package org.aima.archival.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileLayout;
import org.aima.archival.parquet.FileSettings;
import org.aima.jobs.error.RunRefusedException;
import org.bson.BsonDocument;

/**
 * Replaces files by others that hold the rows a rule leaves: writes them, reads them back,
 * publishes the exchange, and moves the summaries over. Published or not at all; resumed from the
 * manifest.
 */
public final class FileRewriter {
    /** Steps that a listener is told of. */
    public static final int BEGUN = 0;

    public static final int BEFORE_COMMIT = 1;
    public static final int AFTER_COMMIT = 2;
    public static final int AFTER_SUMMARIES = 3;

    private static final int COMMIT_ATTEMPTS = 50;
    private static final int IDS_PER_QUERY = 1_000;

    private final ArchiveStore archive;
    private final LiveResults live;
    private final Path directory;
    private final Identity identity;
    private final RewriteRule rule;
    private final FileSettings settings;
    private final long memoryBytes;
    private final Runnable fence;
    private final IntConsumer steps;

    /** Who rewrites. */
    public record Identity(String run, long fence, long atMillis, String codeVersion)
            implements java.io.Serializable {}

    /**
     * What a rewriting did.
     *
     * @param read rows of the old files
     * @param dropped rows the rule took out
     * @param superseded rows of which a newer version had stayed in MongoDB
     * @param droppedResultIds of the rows the rule took out
     * @param problem why nothing was done; empty when it was
     */
    public record Rewritten(
            long read,
            long dropped,
            long superseded,
            int filesBefore,
            int filesAfter,
            long bytesBefore,
            long bytesAfter,
            List<String> droppedResultIds,
            String problem) {
        static Rewritten nothing(String problem) {
            return new Rewritten(0, 0, 0, 0, 0, 0, 0, List.of(), problem);
        }
    }

    public FileRewriter(
            ArchiveStore archive,
            LiveResults live,
            Path directory,
            Identity identity,
            RewriteRule rule,
            FileSettings settings,
            long memoryBytes,
            Runnable fence,
            IntConsumer steps) {
        this.archive = archive;
        this.live = live;
        this.directory = directory;
        this.identity = identity;
        this.rule = rule;
        this.settings = settings;
        this.memoryBytes = memoryBytes;
        this.fence = fence;
        this.steps = steps;
    }

    /**
     * Rewrites files of one partition; files that are not part of the archive any more are left.
     */
    public Rewritten rewrite(List<ArchivedFile> asked, int slice) throws IOException {
        steps.accept(BEGUN);
        ManifestChain chain = archive.trustedChain(live.head(archive.bucket()));
        List<ArchivedFile> files =
                asked.stream().filter(f -> chain.live(f.key()).isPresent()).toList();
        if (files.isEmpty()) {
            return Rewritten.nothing("");
        }
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "rewrite", ".parquet");
        RewriteRule.Matcher matcher = rule.matcher();
        Set<String> dropped = new LinkedHashSet<>();
        long read = 0;
        long superseded = 0;
        List<ArchivedFile> written;
        try (FileSetWriter writer =
                new FileSetWriter(
                        archive,
                        directory,
                        identity.run(),
                        files.get(0).partition(),
                        slice,
                        settings,
                        memoryBytes,
                        step -> fence.run())) {
            for (ArchivedFile file : files) {
                ArchiveStore.Condition condition = archive.fetch(file, local);
                if (condition != ArchiveStore.Condition.SOUND) {
                    return Rewritten.nothing(
                            file.key()
                                    + " is "
                                    + condition.name().toLowerCase(java.util.Locale.ROOT)
                                    + "; its group is left as it is");
                }
                Set<String> stale = live.superseded(file.key());
                try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
                    for (ArchiveRow row = reader.next(); row != null; row = reader.next()) {
                        read++;
                        ResultFields fields = ResultFields.of(row.document());
                        String resultId = String.valueOf(fields.resultId());
                        if (matcher.drops(fields, row.personId())) {
                            dropped.add(resultId);
                        } else if (stale.contains(resultId)) {
                            superseded++;
                        } else {
                            writer.add(row);
                        }
                    }
                }
            }
            long kept = writer.rows();
            written = writer.finish();
            long rows = written.stream().mapToLong(ArchivedFile::rows).sum();
            if (rows != kept || kept + dropped.size() + superseded > read) {
                throw new IllegalStateException(
                        "%d rows read, %d kept, %d written".formatted(read, kept, rows));
            }
            for (ArchivedFile file : written) {
                if (archive.readBack(file, local) != ArchiveStore.Condition.SOUND) {
                    return Rewritten.nothing(
                            file.key()
                                    + " is not in the bucket as it was written; its group is left"
                                    + " as it is");
                }
            }
        } finally {
            Files.deleteIfExists(local);
        }
        if (rule.kind() != Manifest.Kind.COMPACT && dropped.isEmpty()) {
            return Rewritten.nothing("");
        }
        Manifest manifest = publish(files, written);
        steps.accept(AFTER_COMMIT);
        finish(manifest);
        return new Rewritten(
                read,
                dropped.size(),
                superseded,
                files.size(),
                written.size(),
                files.stream().mapToLong(ArchivedFile::bytes).sum(),
                written.stream().mapToLong(ArchivedFile::bytes).sum(),
                List.copyOf(dropped),
                "");
    }

    /** Tasks of one run publish side by side; whoever was overtaken by another of them goes on. */
    private Manifest publish(List<ArchivedFile> files, List<ArchivedFile> written) {
        steps.accept(BEFORE_COMMIT);
        List<String> removed = files.stream().map(ArchivedFile::key).toList();
        for (int attempt = 1; ; attempt++) {
            fence.run();
            ManifestChain chain = archive.trustedChain(live.head(archive.bucket()));
            if (removed.stream().anyMatch(k -> chain.live(k).isEmpty())) {
                throw new RunRefusedException(
                        "files that were being rewritten are not part of the archive any more:"
                                + " another run replaced them");
            }
            Manifest manifest =
                    new Manifest(
                            Manifest.FORMAT,
                            chain.head() + 1,
                            rule.kind(),
                            identity.run(),
                            identity.fence(),
                            Instant.ofEpochMilli(identity.atMillis()).toString(),
                            identity.codeVersion(),
                            chain.headSha256(),
                            "",
                            Map.of(),
                            Map.of(),
                            written,
                            removed);
            try {
                String sha256 = archive.publish(manifest);
                live.noteHead(archive.bucket(), manifest.number(), sha256);
                return manifest;
            } catch (RunRefusedException e) {
                ManifestChain now = archive.chain();
                boolean sibling =
                        now.manifests().stream()
                                .skip(chain.head())
                                .allMatch(m -> m.run().equals(identity.run()));
                if (!sibling || attempt >= COMMIT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** What follows a commit: summaries of the new files, then none of the old ones. Idempotent. */
    public void finish(Manifest manifest) throws IOException {
        fence.run();
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "summaries", ".parquet");
        // The new files' own marks count as well: an attempt that was cut off has dropped the old.
        Set<String> restored =
                new LinkedHashSet<>(
                        live.restored(manifest.added().stream().map(ArchivedFile::key).toList()));
        for (String key : manifest.removed()) {
            Set<String> marked = new LinkedHashSet<>(live.restored(List.of(key)));
            if (!marked.isEmpty()) {
                // What was archived again since lies in a later file, which counts it.
                marked.removeAll(live.superseded(key));
            }
            restored.addAll(marked);
        }
        try {
            for (ArchivedFile file : manifest.added()) {
                if (archive.fetch(file, local) != ArchiveStore.Condition.SOUND) {
                    throw new IOException(file.key() + " was damaged after it was published");
                }
                // Written with the marks: between two writes a crash would lose them.
                List<BsonDocument> summaries = summaries(file, local);
                summaries.forEach(s -> SummaryBuilder.markRestored(s, restored));
                live.replaceSummaries(file.key(), summaries);
            }
        } finally {
            Files.deleteIfExists(local);
        }
        live.dropSummaries(manifest.removed());
        live.forgetSuperseded(manifest.removed());
        steps.accept(AFTER_SUMMARIES);
        if (rule.kind() != Manifest.Kind.COMPACT) {
            // What is erased or expired must be gone, not only out of the archive.
            manifest.removed().forEach(archive::remove);
        }
        archive.markDone(manifest, "{}");
    }

    private static List<BsonDocument> summaries(ArchivedFile file, Path local) throws IOException {
        SummaryBuilder builder =
                new SummaryBuilder(file.key(), FileLayout.of(local).forSummaries());
        long number = 0;
        try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
            for (ArchiveRow row = reader.next(); row != null; row = reader.next()) {
                builder.add(number, row.document(), row.personId());
                number++;
            }
        }
        return builder.build();
    }

    /** How many rows of a file the rule takes out, as filters and statistics of the file tell. */
    public static long matching(ArchiveStore archive, ArchivedFile file, RewriteRule rule)
            throws IOException {
        S3InputFile input =
                new S3InputFile(archive.objects(), archive.bucket(), file.key(), file.bytes());
        long found = 0;
        Set<String> persons = Set.copyOf(rule.personIds());
        Set<String> media = Set.copyOf(rule.mediaIds());
        List<String> results = rule.resultIds();
        for (int from = 0; from == 0 || from < results.size(); from += IDS_PER_QUERY) {
            Set<String> some =
                    Set.copyOf(
                            results.subList(from, Math.min(results.size(), from + IDS_PER_QUERY)));
            boolean first = from == 0;
            if (some.isEmpty() && persons.isEmpty() && media.isEmpty()) {
                return 0;
            }
            try (ArchiveFileReader reader =
                    ArchiveFileReader.matching(
                            input, some, first ? media : Set.of(), first ? persons : Set.of())) {
                while (reader.next() != null) {
                    found++;
                }
            }
            if (found > 0) {
                return found;
            }
        }
        return found;
    }

    /** Figures by name, for reports. */
    public static Map<String, Long> figures(Rewritten done) {
        Map<String, Long> figures = new TreeMap<>();
        figures.put("read", done.read());
        figures.put("rows.dropped", done.dropped());
        figures.put("rows.superseded", done.superseded());
        figures.put("files.before", (long) done.filesBefore());
        figures.put("files.after", (long) done.filesAfter());
        figures.put("bytes.before", done.bytesBefore());
        figures.put("bytes.after", done.bytesAfter());
        return figures;
    }
}
