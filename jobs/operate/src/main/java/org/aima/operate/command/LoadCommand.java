package org.aima.operate.command;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.world.LoadReport;
import org.aima.operate.world.WorldLoader;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima load}. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Loads a world into the stores; bad lines become dead letters.")
public final class LoadCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "the world's directory")
    private Path directory = Path.of(".");

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        output.document(load(Installation.fromEnvironment(), output, directory));
        return ExitCode.DONE.code();
    }

    static LoadReport load(Installation installation, Output output, Path directory) {
        Configuration configuration = installation.stores();
        try (MongoDocumentStore mongo = new MongoDocumentStore(StoreOptions.mongo(configuration));
                MilvusEmbeddingStore milvus =
                        new MilvusEmbeddingStore(StoreOptions.milvus(configuration));
                ProgressLine progress = new ProgressLine(output)) {
            LoadReport report =
                    new WorldLoader(mongo, milvus, Clock.systemUTC()).load(directory, progress);
            report.files()
                    .forEach(
                            f ->
                                    output.line(
                                            "%-34s read %,9d  written %,9d  unchanged %,9d"
                                                    + "  rejected %,7d  %s",
                                            f.file(),
                                            f.read(),
                                            f.written(),
                                            f.unchanged(),
                                            f.rejected(),
                                            f.reasons().isEmpty() ? "" : f.reasons()));
            report.notes().forEach(n -> output.line("%s", n));
            return report;
        }
    }
}
