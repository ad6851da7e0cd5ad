package org.aima.testkit.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.savepoint.OperatorGraph;
import org.aima.jobs.savepoint.SavepointComparison;
import org.aima.jobs.savepoint.SavepointContent;
import org.aima.jobs.savepoint.SavepointVerdict;
import org.aima.jobs.savepoint.SavepointVerdict.Finding;
import org.aima.jobs.savepoint.SavepointVerdict.Kind;
import org.aima.testkit.flink.MiniCluster;
import org.aima.testkit.savepoint.SampleStream.Variant;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Real savepoints of a running stream, compared with graphs that differ in one thing each. */
class SavepointComparisonTest {
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();
    @TempDir static Path directory;

    private static String onHeap;
    private static String inRocks;

    @BeforeAll
    static void takeSavepoints() throws Exception {
        onHeap = SavepointTaking.savepoint(Variant.first(), new Configuration(), directory);
        Configuration rocks = new Configuration();
        rocks.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        inRocks = SavepointTaking.savepoint(Variant.first(), rocks, directory);
    }

    private static SavepointVerdict verdict(String savepoint, Variant variant, String... drop) {
        return SavepointComparison.compare(
                OperatorGraph.of(SampleStream.define(variant, new Configuration())),
                SavepointContent.read(savepoint, SavepointComparisonTest.class.getClassLoader()),
                Set.of(drop));
    }

    private static void assertBlocks(Variant variant, Kind kind, String operator, String state) {
        for (String savepoint : new String[] {onHeap, inRocks}) {
            SavepointVerdict verdict = verdict(savepoint, variant);
            assertThat(verdict.compatible()).isFalse();
            assertThat(verdict.blocking())
                    .as("%s", verdict.findings())
                    .singleElement()
                    .satisfies(
                            f -> {
                                assertThat(f.kind()).isEqualTo(kind);
                                assertThat(f.operator()).isEqualTo(operator);
                                assertThat(f.state()).isEqualTo(state);
                                assertThat(f.detail()).isNotBlank();
                            });
        }
    }

    @Test
    void theSameGraphFits() {
        for (String savepoint : new String[] {onHeap, inRocks}) {
            SavepointVerdict verdict = verdict(savepoint, Variant.first());
            assertThat(verdict.compatible()).as("%s", verdict.findings()).isTrue();
            assertThat(verdict.findings())
                    .filteredOn(f -> f.kind() == Kind.KEPT)
                    .extracting(f -> f.operator() + "/" + f.state())
                    .contains("counter/tally", "counter/seen", "counter/recent", "marker/marks");
            assertThat(verdict.operators())
                    .extracting(OperatorGraph.OperatorName::uid)
                    .contains("numbers", "marker", "counter", "counts");
            assertThat(verdict.bytes()).isPositive();
        }
    }

    @Test
    void otherParallelismFits() {
        assertThat(verdict(onHeap, Variant.first().parallelism(3)).compatible()).isTrue();
    }

    @Test
    void changedUidIsAnOrphanThatNamesItsStates() {
        SavepointVerdict verdict = verdict(onHeap, Variant.first().uid("tallier"));
        assertThat(verdict.blocking())
                .singleElement()
                .satisfies(
                        f -> {
                            assertThat(f.kind()).isEqualTo(Kind.ORPHANED_OPERATOR);
                            assertThat(f.detail())
                                    .contains("recent, seen, tally")
                                    .contains("tallier")
                                    .contains("--drop " + f.operator());
                        });
        String orphan = verdict.blocking().get(0).operator();
        SavepointVerdict dropped = verdict(onHeap, Variant.first().uid("tallier"), orphan);
        assertThat(dropped.compatible()).isTrue();
        assertThat(dropped.findings()).extracting(Finding::kind).contains(Kind.DROPPED);
    }

    @Test
    void renamedStateIsLostUnlessItMayBeDropped() {
        Variant renamed = Variant.first().tally("tally-2", Types.LONG);
        assertBlocks(renamed, Kind.LOST_STATE, "counter", "tally");
        assertThat(verdict(onHeap, renamed, "counter/tally").compatible()).isTrue();
    }

    @Test
    void droppingWhatIsNotLostIsRefused() {
        assertThat(verdict(onHeap, Variant.first(), "counter/tally").blocking())
                .singleElement()
                .matches(f -> f.kind() == Kind.DROPPED);
    }

    @Test
    void otherTypeOfAStateCannotBeRead() {
        assertBlocks(
                Variant.first().tally("tally", Types.STRING),
                Kind.SERIALIZER_CHANGED,
                "counter",
                "tally");
    }

    @Test
    void otherTypeOfEntryKeysCannotBeRead() {
        assertBlocks(
                Variant.first().seenKey(Types.STRING), Kind.SERIALIZER_CHANGED, "counter", "seen");
    }

    @Test
    void stateThatLostItsLifetimeCannotBeRead() {
        assertBlocks(Variant.first().withoutLifetime(), Kind.SERIALIZER_CHANGED, "counter", "seen");
    }

    @Test
    void otherKeyIsRefused() {
        assertBlocks(Variant.first().keyedByText(), Kind.KEY_CHANGED, "counter", "");
    }

    @Test
    void otherMaxParallelismIsRefused() {
        assertThat(verdict(onHeap, Variant.first().maxParallelism(64)).blocking())
                .extracting(Finding::kind)
                .containsOnly(Kind.MAX_PARALLELISM_CHANGED);
    }

    @Test
    void functionThatDeclaresNothingIsToldOf() {
        SavepointVerdict verdict = verdict(onHeap, Variant.first().silent());
        assertThat(verdict.compatible()).isTrue();
        assertThat(verdict.findings())
                .filteredOn(f -> f.operator().equals("counter"))
                .extracting(Finding::kind)
                .containsOnly(Kind.NOT_DECLARED);
    }

    @Test
    void whatIsNoSavepointIsRefused() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> verdict(empty.toUri().toString(), Variant.first()))
                .matches(e -> e.exitCode() == ExitCode.REFUSED)
                .withMessageContaining("empty");
        Path torn = Files.createDirectory(directory.resolve("torn"));
        Files.write(torn.resolve("_metadata"), new byte[] {1, 2, 3});
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> verdict(torn.toUri().toString(), Variant.first()))
                .matches(e -> e.exitCode() == ExitCode.REFUSED);
    }
}
