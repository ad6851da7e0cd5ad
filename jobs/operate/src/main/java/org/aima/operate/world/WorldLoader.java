package org.aima.operate.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.RunIds;
import org.aima.operate.progress.ProgressListener;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.jspecify.annotations.Nullable;

/**
 * Loads a world: what differs from the stores is written, bad lines go to {@code dead_letters}.
 *
 * <p>Memory does not grow with the size of documents or vectors, only by a few bytes an id. Loading
 * the same world again changes nothing.
 */
public final class WorldLoader {
    private static final int LINES_PER_NOTICE = 1_000;

    private final DocumentStore documents;
    private final EmbeddingStore embeddings;
    private final Clock clock;

    public WorldLoader(DocumentStore documents, EmbeddingStore embeddings, Clock clock) {
        this.documents = documents;
        this.embeddings = embeddings;
        this.clock = clock;
    }

    /**
     * Loads a directory under a new run id.
     *
     * @param progress is told bytes of each file
     */
    public LoadReport load(Path directory, ProgressListener progress) {
        return load(directory, RunIds.create("load", "world", clock), progress);
    }

    /**
     * Loads a directory.
     *
     * @throws org.aima.jobs.error.ConfigurationException before anything is written, when the
     *     directory, a collection or a dimension does not fit
     */
    public LoadReport load(Path directory, String runId, ProgressListener progress) {
        WorldDirectory world = WorldDirectory.open(directory);
        Map<String, EmbeddingSchema> schemas = schemas(world);
        List<LoadReport.FileCount> counts = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (WorldDirectory.DataFile file : world.documents()) {
            FileTally tally = new FileTally(file, runId, documents, clock);
            DocumentLoad load = new DocumentLoad(documents, file.collection(), tally);
            forEachLine(file, progress, load::accept);
            load.flush();
            counts.add(tally.finish());
        }
        for (WorldDirectory.DataFile file : world.embeddings()) {
            EmbeddingSchema schema = schemas.get(file.collection());
            if (schema == null) {
                throw new IllegalStateException(file.collection());
            }
            FileTally tally = new FileTally(file, runId, documents, clock);
            EmbeddingLoad load = new EmbeddingLoad(embeddings, file.collection(), schema, tally);
            forEachLine(file, progress, load::accept);
            load.flush();
            counts.add(tally.finish());
            load.ignoredFields()
                    .forEach(
                            (field, lines) ->
                                    notes.add(
                                            file.name()
                                                    + ": "
                                                    + file.collection()
                                                    + " has no field "
                                                    + field
                                                    + "; ignored in "
                                                    + lines
                                                    + " lines"));
        }
        return new LoadReport(runId, counts, notes);
    }

    private Map<String, EmbeddingSchema> schemas(WorldDirectory world) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        Map<String, EmbeddingSchema> schemas = new LinkedHashMap<>();
        for (WorldDirectory.DataFile file : world.embeddings()) {
            Optional<EmbeddingSchema> schema = embeddings.describe(file.collection());
            if (schema.isEmpty()) {
                problems.add(
                        new ConfigurationProblem(
                                file.path().toString(),
                                "collection",
                                file.collection(),
                                "Milvus has no such collection; run: aima migrate"));
                continue;
            }
            schemas.put(file.collection(), schema.get());
            int dimension = schema.get().vector().dimension();
            @Nullable Integer stated = world.dimensions().get(file.collection());
            if (stated != null && stated != dimension) {
                problems.add(
                        new ConfigurationProblem(
                                world.directory()
                                        .resolve(WorldDirectory.DESCRIPTION_FILE)
                                        .toString(),
                                "dimensions." + file.collection(),
                                stated.toString(),
                                "the collection takes "
                                        + dimension
                                        + "; use stores that were migrated with that dimension"
                                        + " (AIMA_*_DIMENSION before aima migrate)"));
            }
        }
        Configuration.throwIfAny(problems);
        return schemas;
    }

    private static void forEachLine(
            WorldDirectory.DataFile file,
            ProgressListener progress,
            Consumer<LineReader.Line> action) {
        String stage = "load " + file.name();
        try (LineReader reader = LineReader.open(file.path())) {
            long bytes = Files.size(file.path());
            progress.advance(stage, 0, bytes);
            LineReader.Line line = reader.next();
            while (line != null) {
                action.accept(line);
                if (line.number() % LINES_PER_NOTICE == 0) {
                    progress.advance(stage, reader.bytesRead(), bytes);
                }
                line = reader.next();
            }
            progress.advance(stage, bytes, bytes);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (IOException e) {
            throw AimaException.failed(
                    "cannot read "
                            + file.path()
                            + " ("
                            + e.getMessage()
                            + "); what was read is loaded, load again when the file is whole",
                    e);
        }
    }
}
