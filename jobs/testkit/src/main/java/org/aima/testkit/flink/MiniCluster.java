package org.aima.testkit.flink;

import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.util.MiniClusterPipelineExecutorServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Flink cluster of two TaskManagers with two slots each for the tests of one class; environments
 * created meanwhile run on it.
 *
 * <p>Flink's own {@code MiniClusterExtension} needs JUnit 4 on the class path, which the build
 * bans; this one starts the same cluster without it. So does {@code TestStreamEnvironment}, whose
 * place a plain environment takes.
 */
public final class MiniCluster implements BeforeAllCallback, AfterAllCallback {
    public static final int TASK_MANAGERS = 2;
    public static final int SLOTS = 2;

    private org.apache.flink.runtime.minicluster.@Nullable MiniCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        var started =
                new org.apache.flink.runtime.minicluster.MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(new Configuration())
                                .setNumTaskManagers(TASK_MANAGERS)
                                .setNumSlotsPerTaskManager(SLOTS)
                                .withRandomPorts()
                                .build());
        cluster = started;
        started.start();
        Environment.setAsContext(started);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        Environment.unsetAsContext();
        if (cluster != null) {
            cluster.close();
        }
    }

    /** The cluster itself, for tests that kill TaskManagers or ask for a job's state. */
    public org.apache.flink.runtime.minicluster.MiniCluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("the cluster exists only while a test class runs");
        }
        return cluster;
    }

    /** What {@code getExecutionEnvironment} returns while the cluster is up. */
    private static final class Environment extends StreamExecutionEnvironment {
        Environment(
                org.apache.flink.runtime.minicluster.MiniCluster cluster,
                Configuration configuration) {
            super(
                    new MiniClusterPipelineExecutorServiceLoader(cluster),
                    MiniClusterPipelineExecutorServiceLoader.updateConfigurationForMiniCluster(
                            configuration, List.of(), List.of()),
                    null);
        }

        static void setAsContext(org.apache.flink.runtime.minicluster.MiniCluster cluster) {
            initializeContextEnvironment(
                    configuration -> new Environment(cluster, new Configuration(configuration)));
        }

        static void unsetAsContext() {
            resetContextEnvironment();
        }
    }
}
