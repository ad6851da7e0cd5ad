package org.aima.operate.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.world.DumpReport;
import org.aima.operate.world.WorldDumper;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima dump}. */
@Command(
        name = "dump",
        mixinStandardHelpOptions = true,
        description = "Writes the stores' contents as a world into an empty directory.")
public final class DumpCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "an empty or new directory")
    private Path directory = Path.of(".");

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Configuration configuration = Installation.fromEnvironment().stores();
        try (MongoDocumentStore mongo = new MongoDocumentStore(StoreOptions.mongo(configuration));
                MilvusEmbeddingStore milvus =
                        new MilvusEmbeddingStore(StoreOptions.milvus(configuration));
                ProgressLine progress = new ProgressLine(output)) {
            DumpReport report = new WorldDumper(mongo, milvus).dump(directory, progress);
            report.files().forEach(f -> output.line("%-34s %,9d", f.file(), f.rows()));
            output.document(report);
        }
        return ExitCode.DONE.code();
    }
}
