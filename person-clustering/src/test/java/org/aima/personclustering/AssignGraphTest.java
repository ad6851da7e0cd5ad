package org.aima.personclustering;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.EmbeddingEvent;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.core.RecentJoin;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph of assign, stores included but unreached, keeps the suite's rules. */
class AssignGraphTest {
    private static final Map<String, String> STORES =
            Map.of(
                    "AIMA_MONGO_URI", "mongodb://127.0.0.1:1",
                    "AIMA_MILVUS_URI", "http://127.0.0.1:1",
                    "AIMA_S3_ENDPOINT", "http://127.0.0.1:1",
                    "AIMA_S3_ACCESS_KEY", "key",
                    "AIMA_S3_SECRET_KEY", "secret",
                    "AIMA_KAFKA_BOOTSTRAP", "127.0.0.1:1");

    private static Configuration configuration(String... keyValues) {
        List<Option<?>> options = new ArrayList<>(new AssignAction().options());
        options.add(LaunchOptions.PARALLELISM);
        return new ConfigurationLoader(options, STORES).arguments(List.of(keyValues)).load();
    }

    private static StreamExecutionEnvironment defined(String... keyValues) {
        AssignAction action = new AssignAction();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), 2);
        action.define(
                environment,
                configuration(keyValues),
                new RunContext("run", 1, false, 1_000),
                Map.of("face_embeddings", 512, "voice_embeddings", 256));
        return environment;
    }

    @Test
    void keepsTheRulesAndItsUids() {
        assertThatGraph(defined()).keepsTheRules().uidsEqual("/assign.uids");
    }

    @Test
    void stateIsInRocksDbAndCheckpointsGoWhereTheyAreToldTo() {
        var cluster = defined().getConfiguration();
        assertThat(cluster.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
        assertThat(cluster.get(CheckpointingOptions.INCREMENTAL_CHECKPOINTS)).isTrue();
        assertThat(cluster.getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)).isEmpty();
        assertThat(
                        defined("checkpoints.dir=s3://bucket/assign")
                                .getConfiguration()
                                .get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .isEqualTo("s3://bucket/assign");
    }

    @Test
    void itIsEndlessAndItsPlanIsNot() {
        AssignAction action = new AssignAction();
        assertThat(action.endless()).isTrue();
        assertThat(action.phases(configuration(), true))
                .extracting(RunPhase::kind)
                .containsExactly(RunPhase.Kind.STEP);
        assertThat(action.phases(configuration(), false))
                .extracting(RunPhase::kind)
                .containsExactly(RunPhase.Kind.GRAPH);
    }

    @Test
    void itExcludesAnotherOfItsKindButNoBatch() {
        assertThat(new AssignAction().target(configuration()))
                .isNotEqualTo(new ReclusterAction().target(configuration()));
    }

    @Test
    void whatItTellsFitsTheSchema() throws Exception {
        try (InputStream in =
                AssignAction.class.getResourceAsStream("/schema/person-changed.json")) {
            var schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(in);
            String event =
                    AssignAction.json(
                            new PersonChange("p-1", true, new String[] {"m-1"}, 1_000), "run-1");
            assertThat(schema.validate(new ObjectMapper().readTree(event))).isEmpty();
            assertThat(schema.validate(new ObjectMapper().readTree("{\"version\": 1}")))
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                EmbeddingEvent.class,
                Arrival.class,
                PersonJoin.class,
                RecentJoin.class,
                PersonChange.class
            })
    void recordsNeedNoKryo(Class<?> type) {
        SerializerConfigImpl strict = new SerializerConfigImpl();
        strict.setGenericTypes(false);
        assertThatCode(() -> TypeInformation.of(type).createSerializer(strict))
                .doesNotThrowAnyException();
    }
}
