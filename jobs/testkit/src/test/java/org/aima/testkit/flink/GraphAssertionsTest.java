package org.aima.testkit.flink;

import static org.aima.testkit.flink.GraphAssertions.assertThatGraph;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.UUID;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.pipeline.Operators;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;

/** Each assertion sees the fault it is for, and passes the graph that has none. */
class GraphAssertionsTest {
    private final StreamExecutionEnvironment guarded =
            JobEnvironment.create(RuntimeExecutionMode.STREAMING, 2);
    private final StreamExecutionEnvironment open =
            StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());

    private static DataStreamSource<String> source(StreamExecutionEnvironment environment) {
        return environment.fromData(List.of("a", "b"), Types.STRING);
    }

    private static void good(StreamExecutionEnvironment environment) {
        var read = Operators.named(source(environment), "read", "read words");
        var length =
                Operators.named(read.map(String::length).returns(Types.INT), "measure", "lengths");
        Operators.named(length.sinkTo(new DiscardingSink<>()), "write", "write lengths");
    }

    @Test
    void goodGraphKeepsTheRules() {
        good(guarded);
        assertThatCode(
                        () ->
                                assertThatGraph(guarded)
                                        .keepsTheRules()
                                        .uidsEqual("/graph-assertions.uids"))
                .doesNotThrowAnyException();
    }

    @Test
    void missingUidIsSeen() {
        source(open).name("words").sinkTo(new DiscardingSink<>()).uid("w").name("write");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(open).everyOperatorHasUid())
                .withMessageContaining("words");
    }

    @Test
    void missingNameIsSeen() {
        source(guarded)
                .uid("read")
                .map(String::length)
                .uid("measure")
                .sinkTo(new DiscardingSink<>())
                .uid("write");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(guarded).everyOperatorIsNamed())
                .withMessageContaining("Source: Collection Source")
                .withMessageContaining("Map")
                .withMessageContaining("Sink: Writer");
    }

    @Test
    void nameUsedTwiceIsSeen() {
        source(guarded)
                .uid("read")
                .name("words")
                .map(String::length)
                .uid("measure")
                .name("same")
                .map(n -> n + 1)
                .uid("add")
                .name("same")
                .sinkTo(new DiscardingSink<>())
                .uid("write")
                .name("write");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(guarded).everyOperatorIsNamed())
                .withMessageContaining("same");
    }

    @Test
    void missingMaxParallelismIsSeen() {
        good(open);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(open).everyOperatorHasMaxParallelism());
    }

    @Test
    void kryoIsSeenAlsoInsideOtherTypes() {
        var read = Operators.named(source(open), "read", "read words");
        Operators.named(
                read.map(w -> Tuple2.of(w, UUID.randomUUID()))
                        .returns(TypeInformation.of(new TypeHint<Tuple2<String, UUID>>() {})),
                "pair",
                "pairs");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(open).noTypeUsesKryo())
                .withMessageContaining("java.util.UUID");
    }

    @Test
    void changedUidIsSeen() {
        var read = Operators.named(source(guarded), "read", "read words");
        Operators.named(read.sinkTo(new DiscardingSink<>()), "renamed", "write lengths");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(guarded).uidsEqual("/graph-assertions.uids"))
                .withMessageContaining("renamed");
    }

    @Test
    void missingLockFileShowsWhatToCommit() {
        good(guarded);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatGraph(guarded).uidsEqual("/none.uids"))
                .withMessageContaining("measure");
    }
}
