package org.aima.operate.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.world.Evaluator;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima evaluate}. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Compares the persons of a collection's rows with labels.")
public final class EvaluateCommand implements Callable<Integer> {
    private static final double PERCENT = 100;

    @Option(
            names = "--labels",
            required = true,
            description = "CSV with the columns embedding_id,identity")
    private Path labels = Path.of(".");

    @Option(
            names = "--collection",
            defaultValue = "face_embeddings",
            description = "embedding collection; default: ${DEFAULT-VALUE}")
    private String collection = "face_embeddings";

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        output.document(evaluate(Installation.fromEnvironment(), output, collection, labels));
        return ExitCode.DONE.code();
    }

    static Evaluator.Report evaluate(
            Installation installation, Output output, String collection, Path labels) {
        Configuration configuration = installation.stores();
        try (MilvusEmbeddingStore milvus =
                        new MilvusEmbeddingStore(StoreOptions.milvus(configuration));
                ProgressLine progress = new ProgressLine(output)) {
            Evaluator.Report report = new Evaluator(milvus).evaluate(collection, labels, progress);
            output.line(
                    "%s: pairwise F %.2f (P %.2f, R %.2f), BCubed F %.2f (P %.2f, R %.2f),"
                            + " NMI %.2f, %,d clusters of %,d labelled, %,d identities",
                    collection,
                    PERCENT * report.scores().pairwise().f(),
                    PERCENT * report.scores().pairwise().precision(),
                    PERCENT * report.scores().pairwise().recall(),
                    PERCENT * report.scores().bcubed().f(),
                    PERCENT * report.scores().bcubed().precision(),
                    PERCENT * report.scores().bcubed().recall(),
                    PERCENT * report.scores().nmi(),
                    report.scores().clusters(),
                    report.scores().labelled(),
                    report.scores().identities());
            return report;
        }
    }
}
