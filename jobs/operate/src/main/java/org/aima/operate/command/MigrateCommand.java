package org.aima.operate.command;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.migrate.Migration;
import org.aima.operate.migrate.MigrationFile;
import org.aima.operate.migrate.MigrationReport;
import org.aima.operate.migrate.MigrationRunner;
import org.aima.operate.migrate.MigrationTargets;
import org.aima.operate.migrate.MongoMigrationLedger;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.s3.S3ObjectStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima migrate}. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        description = "Runs the pending migrations of conf/migrations in order of version.")
public final class MigrateCommand implements Callable<Integer> {
    @Option(names = "--to", description = "highest version to run; default: all")
    private int to = Integer.MAX_VALUE;

    @Option(names = "--dry-run", description = "say what would be done, touch nothing")
    private boolean dryRun;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        output.document(migrate(Installation.fromEnvironment(), output, to, dryRun));
        return ExitCode.DONE.code();
    }

    static MigrationReport migrate(
            Installation installation, Output output, int upTo, boolean dryRun) {
        Configuration configuration = installation.stores();
        Path directory = installation.conf().resolve("migrations");
        List<Migration> migrations = MigrationFile.readAll(directory, installation.environment());
        try (MongoDocumentStore mongo = new MongoDocumentStore(StoreOptions.mongo(configuration));
                MigrationTargets targets =
                        new MigrationTargets(
                                mongo::database,
                                () -> new MilvusEmbeddingStore(StoreOptions.milvus(configuration)),
                                () -> new S3ObjectStore(StoreOptions.s3(configuration)))) {
            MigrationRunner runner =
                    new MigrationRunner(
                            new MongoMigrationLedger(mongo.database(), Clock.systemUTC()),
                            targets,
                            output.people()::println);
            return dryRun ? runner.plan(migrations, upTo) : runner.run(migrations, upTo);
        }
    }
}
