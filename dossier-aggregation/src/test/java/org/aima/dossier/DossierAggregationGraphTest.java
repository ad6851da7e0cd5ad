package org.aima.dossier;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.ArchivedResults;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.ChangeMessage;
import org.aima.dossier.core.ComposeInput;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DossierItem;
import org.aima.dossier.core.DossierPart;
import org.aima.dossier.core.DossierSums;
import org.aima.dossier.core.DossierTouch;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Facet;
import org.aima.dossier.core.ItemInput;
import org.aima.dossier.core.MediumInput;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.RankInput;
import org.aima.dossier.core.ResultInput;
import org.aima.dossier.core.Section;
import org.aima.dossier.core.StoredDossier;
import org.aima.dossier.core.Verdict;
import org.aima.dossier.core.Waiting;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.pipeline.RunContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole graph of a rebuild, stores included but unreached, keeps the suite's rules. */
class DossierAggregationGraphTest {
    private static final Map<String, String> STORES =
            Map.of(
                    "AIMA_MONGO_URI", "mongodb://127.0.0.1:1",
                    "AIMA_MILVUS_URI", "http://127.0.0.1:1",
                    "AIMA_S3_ENDPOINT", "http://127.0.0.1:1",
                    "AIMA_S3_ACCESS_KEY", "key",
                    "AIMA_S3_SECRET_KEY", "secret");

    private static StreamExecutionEnvironment defined(
            boolean planOnly, int parallelism, @Nullable List<String> media) {
        RebuildAction action = new RebuildAction();
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        Configuration configuration =
                new ConfigurationLoader(options, STORES).arguments(List.of()).load();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), parallelism);
        action.define(environment, configuration, new RunContext("run", 1, planOnly, 1_000), media);
        return environment;
    }

    @Test
    void runKeepsTheRulesAndItsUids() {
        assertThatGraph(defined(false, 2, null))
                .keepsTheRules()
                .uidsEqual("/dossier-aggregation.uids");
    }

    @Test
    void oneDossierIsTheSameGraph() {
        assertThatGraph(defined(false, 2, List.of("medium")))
                .keepsTheRules()
                .uidsEqual("/dossier-aggregation.uids");
    }

    @Test
    void refreshKeepsTheRulesAndItsUids() {
        RefreshAction action = new RefreshAction();
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        Map<String, String> stores = new HashMap<>(STORES);
        stores.put("AIMA_KAFKA_BOOTSTRAP", "127.0.0.1:1");
        Configuration configuration =
                new ConfigurationLoader(options, stores).arguments(List.of()).load();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), 2);
        action.define(environment, configuration, new RunContext("run", 1, false, 1_000));
        assertThatGraph(environment).keepsTheRules().uidsEqual("/dossier-aggregation-refresh.uids");
    }

    @Test
    void planKeepsTheRulesAndHasOneSinkOnly() {
        StreamExecutionEnvironment plan = defined(true, 2, null);
        assertThatGraph(plan).keepsTheRules();
        assertThat(plan.getStreamGraph(false).getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .filteredOn(uid -> uid.startsWith("sink-"))
                .containsExactly("sink-summary");
    }

    @Test
    void onlyAliasesAndTheSummaryAreOnOneTask() {
        assertThat(defined(false, 4, null).getStreamGraph(false).getStreamNodes())
                .filteredOn(n -> n.getParallelism() == 1)
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrder("resolve-aliases", "summary", "sink-summary");
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                AppearancePage.class,
                ArchivedResults.class,
                ChangeEvent.class,
                ChangeMessage.class,
                ComposeInput.class,
                Detection.class,
                DossierItem.class,
                DossierPart.class,
                DossierSums.class,
                DossierTouch.class,
                DossierWrite.class,
                Facet.class,
                ItemInput.class,
                MediumInput.class,
                PersonAlias.class,
                PersonMembers.class,
                RankInput.class,
                ResultInput.class,
                Section.class,
                StoredDossier.class,
                Verdict.class,
                Waiting.class
            })
    void recordsNeedNoKryo(Class<?> type) {
        SerializerConfigImpl strict = new SerializerConfigImpl();
        strict.setGenericTypes(false);
        assertThatCode(() -> TypeInformation.of(type).createSerializer(strict))
                .doesNotThrowAnyException();
    }
}
