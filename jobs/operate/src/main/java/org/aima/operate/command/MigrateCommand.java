package org.aima.operate.command;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.migrate.Migration;
import org.aima.operate.migrate.MigrationFile;
import org.aima.operate.migrate.MigrationReport;
import org.aima.operate.migrate.MigrationRunner;
import org.aima.operate.migrate.MigrationTargets;
import org.aima.operate.migrate.MongoMigrationLedger;
import org.aima.operate.run.RunCourse;
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
                                () -> new S3ObjectStore(StoreOptions.s3(configuration)),
                                (job, action, runId, settings) ->
                                        run(installation, output, job, action, runId, settings))) {
            MigrationRunner runner =
                    new MigrationRunner(
                            new MongoMigrationLedger(mongo.database(), Clock.systemUTC()),
                            targets,
                            output.people()::println);
            return dryRun ? runner.plan(migrations, upTo) : runner.run(migrations, upTo);
        }
    }

    /** Does a run that a migration names; a success of an earlier attempt stands. */
    private static void run(
            Installation installation,
            Output output,
            String job,
            String action,
            String runId,
            List<String> settings) {
        RunCourse course = new RunCourse(installation, output.people(), output.terminal());
        RunCourse.Ending ending;
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            Optional<RunLedger.RunRecord> known = ledger.find(runId);
            if (known.isPresent() && known.get().state() == RunLedger.RunState.SUCCEEDED) {
                return;
            }
            ending =
                    known.isPresent()
                            ? course.resume(runId, ledger, false)
                            : course.start(
                                    new RunCourse.Request(
                                            job, action, runId, List.of(), settings, false, false));
        }
        if (ending.exitCode() != ExitCode.DONE) {
            throw new AimaException(
                    ending.exitCode(),
                    "run "
                            + runId
                            + " did not succeed; the version stays; see: aima report "
                            + runId,
                    null);
        }
    }
}
