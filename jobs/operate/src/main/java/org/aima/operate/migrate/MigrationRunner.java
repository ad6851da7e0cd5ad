package org.aima.operate.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.aima.jobs.error.AimaException;
import org.aima.operate.migrate.MigrationReport.Executed;
import org.aima.stores.StoreException;

/**
 * Runs pending migrations in order of version.
 *
 * <p>A migration that fails is logged, stops the run and leaves the version where it was; since
 * every step can be repeated, the next run simply goes on. Two runners exclude each other.
 */
public final class MigrationRunner {
    private final MigrationLedger ledger;
    private final MigrationTargets targets;
    private final Consumer<String> progress;

    /**
     * @param progress is told each migration and step, one line each
     */
    public MigrationRunner(
            MigrationLedger ledger, MigrationTargets targets, Consumer<String> progress) {
        this.ledger = ledger;
        this.targets = targets;
        this.progress = progress;
    }

    /**
     * Runs what is pending up to a version.
     *
     * @param upTo the last version to run; {@link Integer#MAX_VALUE} for all
     * @throws AimaException failed, naming the step, or refused when another runner is at work
     */
    public MigrationReport run(List<Migration> migrations, int upTo) {
        if (pending(migrations, ledger.version(), upTo).isEmpty()) {
            return nothing(migrations);
        }
        try (MigrationLedger.Lock lock = ledger.lock()) {
            // Read again: another runner may have finished while this one waited for nothing.
            int from = ledger.version();
            int reached = from;
            List<Executed> executed = new ArrayList<>();
            for (Migration migration : pending(migrations, from, upTo)) {
                executed.add(execute(migration, reached, lock));
                reached = migration.version();
            }
            return new MigrationReport(from, reached, false, executed);
        }
    }

    /** What {@link #run} would do; reads the version and touches nothing. */
    public MigrationReport plan(List<Migration> migrations, int upTo) {
        int from = ledger.version();
        int reached = from;
        List<Executed> planned = new ArrayList<>();
        for (Migration migration : pending(migrations, from, upTo)) {
            progress.accept(title(migration) + " (not run)");
            List<String> steps =
                    migration.actions().stream().map(MigrationAction::describe).toList();
            steps.forEach(s -> progress.accept("  would " + s));
            planned.add(new Executed(migration.version(), migration.description(), steps, 0));
            reached = migration.version();
        }
        if (planned.isEmpty()) {
            progress.accept("version " + from + ": nothing pending");
        }
        return new MigrationReport(from, reached, true, planned);
    }

    private MigrationReport nothing(List<Migration> migrations) {
        int version = ledger.version();
        int newest = migrations.stream().mapToInt(Migration::version).max().orElse(0);
        progress.accept(
                version > newest
                        ? "version "
                                + version
                                + " is newer than the newest migration here ("
                                + newest
                                + "): this program is older than the stores"
                        : "version " + version + ": nothing pending");
        return new MigrationReport(version, version, false, List.of());
    }

    private static List<Migration> pending(List<Migration> migrations, int from, int upTo) {
        return migrations.stream().filter(m -> m.version() > from && m.version() <= upTo).toList();
    }

    private Executed execute(Migration migration, int from, MigrationLedger.Lock lock) {
        progress.accept(title(migration));
        long start = System.nanoTime();
        List<String> steps = new ArrayList<>();
        for (MigrationAction action : migration.actions()) {
            lock.check();
            try {
                action.apply(targets);
            } catch (AimaException e) {
                throw e;
            } catch (RuntimeException e) {
                String error =
                        "migration "
                                + migration.version()
                                + " ("
                                + migration.file()
                                + ") failed at step "
                                + (steps.size() + 1)
                                + ", "
                                + action.describe()
                                + ": "
                                + e.getMessage();
                logFailure(migration, error, e);
                throw AimaException.failed(
                        error
                                + "; the version stays "
                                + from
                                + ", mend the cause and run aima migrate again",
                        e);
            }
            progress.accept("  " + action.describe());
            steps.add(action.describe());
        }
        ledger.succeeded(migration);
        long millis = (System.nanoTime() - start) / 1_000_000;
        return new Executed(migration.version(), migration.description(), steps, millis);
    }

    /** The cause of the failure may also keep its log from being written. */
    private void logFailure(Migration migration, String error, RuntimeException cause) {
        try {
            ledger.failed(migration, error);
        } catch (StoreException e) {
            cause.addSuppressed(e);
        }
    }

    private static String title(Migration migration) {
        return "migration " + migration.version() + ": " + migration.description();
    }
}
