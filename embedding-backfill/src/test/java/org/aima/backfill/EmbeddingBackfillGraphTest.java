package org.aima.backfill;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.RowColumns;
import org.aima.backfill.core.Rows;
import org.aima.backfill.core.SchemaMapping;
import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.FillPage;
import org.aima.backfill.function.PlacedPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunPhase;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The graphs of all actions, stores included but unreached, keep the suite's rules. */
class EmbeddingBackfillGraphTest {
    private static final Map<String, String> STORES =
            Map.of(
                    "AIMA_MONGO_URI", "mongodb://127.0.0.1:1",
                    "AIMA_MILVUS_URI", "http://127.0.0.1:1",
                    "AIMA_S3_ENDPOINT", "http://127.0.0.1:1",
                    "AIMA_S3_ACCESS_KEY", "key",
                    "AIMA_S3_SECRET_KEY", "secret");
    private static final RowMapperFactory MAPPERS =
            new RowMapperFactory(
                    Rows.schema("from"),
                    Rows.schema("to"),
                    SchemaMapping.parse("-", "-", "model:varchar=const:x", "-"),
                    PartitionScheme.parse("media-type,month"),
                    "unassigned");
    private static final RunContext RUN = new RunContext("run", 1, false, 1_000);

    private static Configuration configuration(JobAction action, String... keyValues) {
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        return new ConfigurationLoader(options, STORES).arguments(List.of(keyValues)).load();
    }

    private static StreamExecutionEnvironment environment(JobAction action) {
        return JobEnvironment.create(action.mode(), 2);
    }

    @Test
    void repartitionKeepsTheRulesAndItsUids() {
        RepartitionAction action = new RepartitionAction();
        StreamExecutionEnvironment environment = environment(action);
        action.define(
                environment,
                configuration(action, "source=from"),
                RUN,
                "from",
                MAPPERS,
                List.of(new float[] {1}));
        assertThatGraph(environment)
                .keepsTheRules()
                .uidsEqual("/embedding-backfill-repartition.uids");
    }

    @Test
    void importKeepsTheRulesAndItsUids() {
        ImportAction action = new ImportAction();
        StreamExecutionEnvironment environment = environment(action);
        action.define(
                environment, configuration(action, "collection=c", "from=/tmp"), RUN, MAPPERS);
        assertThatGraph(environment).keepsTheRules().uidsEqual("/embedding-backfill-import.uids");
    }

    @Test
    void metadataKeepsTheRulesAndItsUids() {
        MetadataAction action = new MetadataAction();
        StreamExecutionEnvironment environment = environment(action);
        action.define(environment, configuration(action, "collection=c"), RUN, Rows.schema("c"));
        assertThatGraph(environment).keepsTheRules().uidsEqual("/embedding-backfill-metadata.uids");
    }

    @Test
    void namesAreSwitchedOnlyAfterTheVerification() {
        RepartitionAction action = new RepartitionAction();
        List<RunPhase> course = action.phases(configuration(action, "source=from"), false);
        assertThat(course)
                .extracting(RunPhase::name)
                .containsExactly(
                        "plan",
                        "snapshot",
                        "copy",
                        "index",
                        "load",
                        "verify",
                        "catch-up",
                        "gate",
                        "cut-over",
                        "keep-old");
        assertThat(course.get(5).kind()).isEqualTo(RunPhase.Kind.VERIFY);
        assertThat(action.phases(configuration(action, "source=from"), true))
                .containsExactly(RunPhase.step("plan"));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                CopyPage.class,
                PlacedPage.class,
                FillPage.class,
                RowColumns.class,
                Figure.class
            })
    void recordsNeedNoKryo(Class<?> type) {
        SerializerConfigImpl strict = new SerializerConfigImpl();
        strict.setGenericTypes(false);
        assertThatCode(() -> TypeInformation.of(type).createSerializer(strict))
                .doesNotThrowAnyException();
    }
}
