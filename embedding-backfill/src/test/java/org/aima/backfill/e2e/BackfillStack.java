package org.aima.backfill.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.CommandStack;
import org.aima.testkit.command.PrometheusPages;

/** A stack of this module's own, with its stores. */
final class BackfillStack implements AutoCloseable {
    private static final String DATABASE = "backfill";

    private final CommandStack stack =
            new CommandStack(
                    "embedding-backfill", "e2e-backfill", DATABASE, "mongo,milvus,s3,kafka,flink");

    Command start(String... arguments) {
        return stack.start(arguments);
    }

    Command.Result aima(String... arguments) {
        return stack.aima(arguments);
    }

    PrometheusPages metrics() {
        return new PrometheusPages(stack.variable("AIMA_FLINK_METRICS"));
    }

    private static SecretReference secret(String value) {
        try {
            Path file = Files.createTempFile("backfill", ".secret");
            file.toFile().deleteOnExit();
            return new SecretReference("${file:" + Files.writeString(file, value) + "}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MilvusEmbeddingStore milvus() {
        return new MilvusEmbeddingStore(
                new MilvusAddress(
                        secret(stack.variable("AIMA_MILVUS_URI")),
                        secret(""),
                        Duration.ofSeconds(60)));
    }

    MongoDocumentStore mongo() {
        return new MongoDocumentStore(
                new MongoAddress(secret(stack.variable("AIMA_MONGO_URI")), DATABASE));
    }

    @Override
    public void close() {
        stack.close();
    }
}
