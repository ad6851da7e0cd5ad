package org.aima.operate.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.world.GeneratorOptions;
import org.aima.operate.world.GeneratorReport;
import org.aima.operate.world.WorldGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima generate}. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Writes a synthetic world with known truth; size is bound by disk only.")
public final class GenerateCommand implements Callable<Integer> {
    @Option(names = "--persons", defaultValue = "1000", description = "persons in the truth")
    private int persons;

    @Option(names = "--faces", defaultValue = "10000", description = "face embeddings")
    private long faces;

    @Option(names = "--voices", defaultValue = "1000", description = "voice embeddings")
    private long voices;

    @Option(names = "--media", defaultValue = "500", description = "media items")
    private int media;

    @Option(
            names = "--results",
            defaultValue = "0",
            description = "analysis results in all; at least one a face and voice")
    private long results;

    @Option(names = "--dossiers", defaultValue = "20", description = "dossiers")
    private int dossiers;

    @Option(names = "--seed", defaultValue = "1", description = "the same seed, the same world")
    private long seed;

    @Option(names = "--poison", defaultValue = "0", description = "share of bad rows, 0 to 1")
    private double poison;

    @Option(names = "--face-bank", description = "draw real face vectors from this world")
    private @Nullable Path faceBank;

    @Option(names = "--voice-bank", description = "draw real voice vectors from this world")
    private @Nullable Path voiceBank;

    @Option(names = "--model", defaultValue = "", description = "name of the embedding model")
    private String model = "";

    @Option(names = "--out", required = true, description = "an empty or new directory")
    private Path out = Path.of(".");

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        try (ProgressLine progress = new ProgressLine(output)) {
            GeneratorReport report =
                    new WorldGenerator(
                                    new GeneratorOptions(
                                            persons, faces, voices, media, results, dossiers, seed,
                                            poison, faceBank, voiceBank, model))
                            .generate(out, progress);
            report.lines().forEach((file, rows) -> output.line("%-34s %,9d", file, rows));
            output.document(report);
        }
        return ExitCode.DONE.code();
    }
}
