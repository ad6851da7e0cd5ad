package org.aima.personclustering;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.CellCentres;
import org.aima.personclustering.core.CellPart;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.IdentityInput;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.PersonEvidence;
import org.aima.personclustering.core.PersonFate;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.Placement;
import org.aima.personclustering.core.ProbedBlock;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.RowChange;
import org.aima.personclustering.core.SpeechEvidence;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole graph of recluster, stores included but unreached, keeps the suite's rules. */
class PersonClusteringGraphTest {
    private static final Map<String, Long> ROWS =
            Map.of(Modality.FACE.collection(), 50_000L, Modality.VOICE.collection(), 5_000L);
    private static final Map<String, String> STORES =
            Map.of(
                    "AIMA_MONGO_URI", "mongodb://127.0.0.1:1",
                    "AIMA_MILVUS_URI", "http://127.0.0.1:1",
                    "AIMA_S3_ENDPOINT", "http://127.0.0.1:1",
                    "AIMA_S3_ACCESS_KEY", "key",
                    "AIMA_S3_SECRET_KEY", "secret");

    private static StreamExecutionEnvironment defined(boolean planOnly, int parallelism) {
        return defined(planOnly, parallelism, List.of());
    }

    private static StreamExecutionEnvironment defined(
            boolean planOnly, int parallelism, List<String> keyValues) {
        ReclusterAction action = new ReclusterAction();
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        Configuration configuration =
                new ConfigurationLoader(options, STORES).arguments(keyValues).load();
        StreamExecutionEnvironment environment = JobEnvironment.create(action.mode(), parallelism);
        action.define(environment, configuration, new RunContext("run", 1, planOnly, 1_000), ROWS);
        return environment;
    }

    @Test
    void runKeepsTheRulesAndItsUids() {
        assertThatGraph(defined(false, 2)).keepsTheRules().uidsEqual("/person-clustering.uids");
    }

    @Test
    void planKeepsTheRulesAndHasOneSinkOnly() {
        StreamExecutionEnvironment plan = defined(true, 2);
        assertThatGraph(plan).keepsTheRules();
        assertThat(plan.getStreamGraph(false).getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .filteredOn(uid -> uid.startsWith("sink-"))
                .containsExactly("sink-summary");
    }

    @Test
    void searchingMilvusKeepsTheRulesAndBoundsItsRequests() {
        StreamExecutionEnvironment searching =
                defined(false, 4, List.of("neighbours.source=milvus", "neighbours.searchers=3"));
        assertThatGraph(searching).keepsTheRules();
        assertThat(searching.getStreamGraph(false).getStreamNodes())
                .filteredOn(n -> "search-neighbours".equals(n.getTransformationUID()))
                .extracting(StreamNode::getParallelism)
                .containsExactly(3);
    }

    @Test
    void globalDecisionsStayOnOneTask() {
        StreamGraph graph = defined(false, 4).getStreamGraph(false);
        assertThat(graph.getStreamNodes())
                .filteredOn(n -> n.getParallelism() == 1)
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrder(
                        "resolve-decisions",
                        "train-cells",
                        "link",
                        "identify",
                        "summary",
                        "sink-summary");
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                StoredEmbedding.class,
                ResultFacts.class,
                Observation.class,
                Member.class,
                VectorBlock.class,
                NeighbourBlock.class,
                org.aima.personclustering.core.NamedNeighbours.class,
                Membership.class,
                Assignment.class,
                AssignedMember.class,
                ExistingPerson.class,
                PersonFate.class,
                PersonEvidence.class,
                PersonWrite.class,
                RowChange.class,
                Figure.class,
                Figure[].class,
                Reject.class,
                CellCentres.class,
                CellPart.class,
                IdentityInput.class,
                KnownIdentity.class,
                LinkInput.class,
                Placement.class,
                ProbedBlock.class,
                SpeechEvidence.class
            })
    void recordsNeedNoKryo(Class<?> type) {
        SerializerConfigImpl strict = new SerializerConfigImpl();
        strict.setGenericTypes(false);
        assertThatCode(() -> TypeInformation.of(type).createSerializer(strict))
                .doesNotThrowAnyException();
    }
}
