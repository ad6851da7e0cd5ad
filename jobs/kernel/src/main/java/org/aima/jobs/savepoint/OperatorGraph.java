package org.aima.jobs.savepoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.apache.flink.streaming.api.operators.UdfStreamOperatorFactory;
import org.jspecify.annotations.Nullable;

/** The operators of a job that was defined but not executed, as a savepoint will meet them. */
public final class OperatorGraph {
    private final List<Operator> operators;

    private OperatorGraph(List<Operator> operators) {
        this.operators = List.copyOf(operators);
    }

    /**
     * An operator as people see it.
     *
     * @param id what Flink derives from the uid; a savepoint holds nothing else of it
     */
    public record OperatorName(String uid, String id, String name) {}

    /**
     * One operator.
     *
     * @param declares whether its function says which state it keeps
     * @param userFunction whether its state is that of a function rather than Flink's own
     */
    record Operator(
            String uid,
            String id,
            String name,
            int parallelism,
            int maxParallelism,
            boolean declares,
            boolean userFunction,
            @Nullable TypeSerializer<?> keySerializer,
            List<DeclaredState> states) {}

    /** The graph defined in an environment so far. */
    public static OperatorGraph of(StreamExecutionEnvironment environment) {
        StreamGraph graph = environment.getStreamGraph(false);
        Map<Integer, byte[]> ids =
                new StreamGraphHasherV2().traverseStreamGraphAndGenerateHashes(graph);
        Map<String, JobVertex> vertices = new HashMap<>();
        for (JobVertex vertex : graph.getJobGraph().getVertices()) {
            for (OperatorIDPair pair : vertex.getOperatorIDs()) {
                vertices.put(pair.getGeneratedOperatorID().toHexString(), vertex);
            }
        }
        List<Operator> operators = new ArrayList<>();
        for (StreamNode node : graph.getStreamNodes()) {
            String id = new OperatorID(ids.get(node.getId())).toHexString();
            JobVertex vertex = vertices.get(id);
            Optional<DeclaresState> declares =
                    function(node.getOperatorFactory())
                            .filter(DeclaresState.class::isInstance)
                            .map(DeclaresState.class::cast);
            operators.add(
                    new Operator(
                            String.valueOf(node.getTransformationUID()),
                            id,
                            node.getOperatorName(),
                            node.getParallelism(),
                            vertex == null ? -1 : vertex.getMaxParallelism(),
                            declares.isPresent(),
                            function(node.getOperatorFactory()).isPresent(),
                            node.getStateKeySerializer(),
                            declares.map(d -> states(d, graph.getExecutionConfig()))
                                    .orElse(List.of())));
        }
        return new OperatorGraph(operators);
    }

    /** All operators, for people and for the ledger. */
    public List<OperatorName> names() {
        return operators.stream().map(o -> new OperatorName(o.uid(), o.id(), o.name())).toList();
    }

    List<Operator> operators() {
        return operators;
    }

    private static List<DeclaredState> states(DeclaresState function, ExecutionConfig config) {
        List<DeclaredState> states = new ArrayList<>();
        function.keyedState().forEach(d -> states.add(DeclaredState.keyed(d, config)));
        function.operatorState().forEach(d -> states.add(DeclaredState.ofOperator(d, config)));
        return states;
    }

    private static Optional<Object> function(@Nullable StreamOperatorFactory<?> factory) {
        if (factory instanceof UdfStreamOperatorFactory<?> udf) {
            return Optional.of(udf.getUserFunction());
        }
        if (factory instanceof SimpleOperatorFactory<?> simple) {
            Object operator = simple.getOperator();
            if (operator instanceof AbstractUdfStreamOperator<?, ?> udf) {
                return Optional.of(udf.getUserFunction());
            }
            if (operator instanceof DeclaresState) {
                return Optional.of(operator);
            }
        }
        return Optional.empty();
    }
}
