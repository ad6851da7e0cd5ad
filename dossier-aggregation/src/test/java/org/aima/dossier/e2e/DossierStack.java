package org.aima.dossier.e2e;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.CommandStack;
import org.aima.testkit.command.FlinkCluster;

/** A stack of this module's own, with its database. */
final class DossierStack implements AutoCloseable {
    private static final String DATABASE = "dossiers";

    private final CommandStack stack =
            new CommandStack(
                    "dossier-aggregation",
                    "e2e-dossier",
                    DATABASE,
                    "mongo,milvus,s3,kafka,redis,flink");
    private final MongoClient mongo = MongoClients.create(stack.variable("AIMA_MONGO_URI"));

    MongoDatabase mongo() {
        return mongo.getDatabase(DATABASE);
    }

    Command start(String... arguments) {
        return stack.start(arguments);
    }

    Command.Result aima(String... arguments) {
        return stack.aima(arguments);
    }

    /** Kills with -9 a TaskManager while it runs a task of the stage. */
    void killTaskManagerIn(String stage, Command run) {
        stack.cluster().killWhileRunning(stage, () -> !run.alive());
    }

    /** Kills with -9 a TaskManager that runs a task of the stage, of a job without end. */
    void killTaskManagerIn(String stage) {
        stack.cluster().killWhileRunning(stage, () -> false);
    }

    FlinkCluster cluster() {
        return stack.cluster();
    }

    String kafka() {
        return stack.variable("AIMA_KAFKA_BOOTSTRAP");
    }

    String redis() {
        return stack.variable("AIMA_REDIS_URI");
    }

    @Override
    public void close() {
        mongo.close();
        stack.close();
    }
}
