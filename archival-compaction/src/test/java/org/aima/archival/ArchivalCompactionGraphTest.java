package org.aima.archival;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Candidate;
import org.aima.archival.core.MediaFact;
import org.aima.archival.core.SelectedResult;
import org.aima.archival.function.CommitOperator;
import org.aima.archival.function.FileOutcome;
import org.aima.archival.function.FileTask;
import org.aima.archival.function.PartitionPlan;
import org.aima.archival.function.RemovalUnit;
import org.aima.archival.function.RestoreUnit;
import org.aima.archival.function.RewriteUnit;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole graphs, stores included but unreached, keep the suite's rules. */
class ArchivalCompactionGraphTest {
    private static final Map<String, String> STORES =
            Map.of(
                    "AIMA_MONGO_URI", "mongodb://127.0.0.1:1",
                    "AIMA_MILVUS_URI", "http://127.0.0.1:1",
                    "AIMA_S3_ENDPOINT", "http://127.0.0.1:1",
                    "AIMA_S3_ACCESS_KEY", "key",
                    "AIMA_S3_SECRET_KEY", "secret");

    private static Configuration configuration(JobAction action) {
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        return new ConfigurationLoader(options, STORES)
                .arguments(List.of("cutoff=2025-10-01T00:00:00Z"))
                .load();
    }

    private static StreamExecutionEnvironment archive(boolean planOnly, int parallelism) {
        ArchiveAction action = new ArchiveAction();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), parallelism);
        action.define(
                environment,
                configuration(action),
                new RunContext("run", 1, planOnly, 1_000),
                new CommitOperator.Base(0, "", false),
                Map.of());
        return environment;
    }

    @Test
    void archiveKeepsTheRulesAndItsUids() {
        assertThatGraph(archive(false, 2)).keepsTheRules().uidsEqual("/archive.uids");
    }

    @Test
    void aPlanWritesItsSummaryOnly() {
        StreamExecutionEnvironment plan = archive(true, 2);
        assertThatGraph(plan).keepsTheRules();
        assertThat(plan.getStreamGraph(false).getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .filteredOn(uid -> uid.startsWith("sink-"))
                .containsExactly("sink-summary");
    }

    @Test
    void selectionWritingAndVerificationScale() {
        assertThat(archive(false, 4).getStreamGraph(false).getStreamNodes())
                .filteredOn(n -> n.getParallelism() == 1)
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrder("commit", "finish", "summary", "sink-summary");
    }

    @Test
    void compactKeepsTheRulesAndItsUids() {
        CompactAction action = new CompactAction();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), 2);
        CompactAction.graph(
                environment,
                configuration(action),
                new RunContext("run", 1, false, 1_000),
                List.of());
        assertThatGraph(environment).keepsTheRules().uidsEqual("/compact.uids");
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ArchivedFile.class,
                Candidate.class,
                MediaFact.class,
                SelectedResult.class,
                FileTask.class,
                FileOutcome.class,
                PartitionPlan.class,
                RewriteUnit.class,
                RestoreUnit.class,
                RemovalUnit.class
            })
    void recordsNeedNoKryo(Class<?> type) {
        SerializerConfigImpl strict = new SerializerConfigImpl();
        strict.setGenericTypes(false);
        assertThatCode(() -> TypeInformation.of(type).createSerializer(strict))
                .doesNotThrowAnyException();
    }
}
