package org.aima.dossier.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DossierChange;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Facet;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.ResultInput;
import org.aima.dossier.core.Section;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

/** Operators one by one: what they keep, when they let go, and what they refuse to do. */
class DossierOperatorsTest {
    private static Detection face(String id, String medium, String archive) {
        return new Detection(
                id,
                medium,
                Detection.FACE,
                "",
                "",
                "",
                true,
                0,
                1_000,
                true,
                900_000,
                0,
                "",
                new String[0],
                archive);
    }

    @Test
    void aResultCountsOnceForOnePerson() throws Exception {
        try (var harness =
                ProcessFunctionTestHarnesses.forKeyedProcessFunction(
                        new AttributeResults(), ResultInput::resultId, Types.STRING)) {
            for (ResultInput input :
                    List.of(
                            ResultInput.of(face("both", "archived", "file#0")),
                            new ResultInput("both", null, "zoe"),
                            ResultInput.of(face("both", "live", "")),
                            new ResultInput("both", null, "ann"),
                            ResultInput.of(face("twice", "n", "")),
                            ResultInput.of(face("twice", "m", "")),
                            new ResultInput("unknown", null, "ann"))) {
                harness.processElement(new StreamRecord<>(input));
            }
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.processWatermark(Long.MAX_VALUE);
            assertThat(harness.extractOutputValues())
                    .extracting(d -> d.resultId() + " " + d.mediaId() + " " + d.personId())
                    .containsExactlyInAnyOrder("both live ann", "twice m ");
            assertThat(harness.getSideOutput(AttributeResults.REJECTS))
                    .singleElement()
                    .satisfies(r -> assertThat(r.getValue().reason()).isEqualTo("duplicate_id"));
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static <A, B> OneInputStreamOperatorTestHarness<A, B> opened(
            OneInputStreamOperator<A, B> operator) throws Exception {
        OneInputStreamOperatorTestHarness<A, B> harness =
                new OneInputStreamOperatorTestHarness<>(operator);
        harness.open();
        return harness;
    }

    @Test
    void facetsAreHeldInBoundedNumberAndNoneIsLost() throws Exception {
        try (var harness = opened(new CombineFacets(1_000))) {
            int keys = 20_000;
            for (int i = 0; i < 3 * keys; i++) {
                Facet.of(face("r" + i, "m" + i / 2, ""))
                        .forEach(
                                f -> {
                                    try {
                                        harness.processElement(new StreamRecord<>(f));
                                    } catch (Exception e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
            }
            assertThat(harness.extractOutputValues().size())
                    .as("let go before the end")
                    .isPositive();
            harness.endInput();
            assertThat(harness.extractOutputValues().stream().mapToLong(Facet::results).sum())
                    .isEqualTo(3L * keys);
            assertThat(harness.extractOutputValues().size()).isLessThan(3 * keys / 2 + 2);
        }
    }

    @Test
    void chainsOfAliasesAreResolvedAtTheEnd() throws Exception {
        try (var harness = opened(new ResolveAliases())) {
            harness.processElement(new StreamRecord<>(new PersonAlias("b", "c")));
            harness.processElement(new StreamRecord<>(new PersonAlias("a", "b")));
            harness.endInput();
            assertThat(harness.extractOutputValues())
                    .containsExactly(new PersonAlias("a", "c"), new PersonAlias("b", "c"));
        }
    }

    private static DossierWrite write(String id, DossierWrite.Kind kind, int bytes) {
        return new DossierWrite(
                kind,
                id,
                BsonBytes.encode(new BsonDocument("_id", new BsonString(id))),
                0,
                "f",
                new byte[0],
                new byte[bytes],
                new byte[0],
                new String[0],
                new DossierChange(1, 0, 0, 2, 0, 0, true, false));
    }

    private static Map<String, Long> counts(List<Figure> figures) {
        Map<String, Long> counts = new TreeMap<>();
        figures.stream()
                .filter(f -> f.text().isEmpty())
                .forEach(f -> counts.merge(f.name(), f.amount(), Long::sum));
        return counts;
    }

    @Test
    void changedDossiersArePublishedInBatchesOfBoundedSize() throws Exception {
        try (SharedShelf shelf = new SharedShelf();
                var harness = opened(new PublishDossiers(shelf, WriteGuard.open(), false))) {
            shelf.refuse("d3", "media_changed_meanwhile");
            harness.processElement(
                    new StreamRecord<>(write("same", DossierWrite.Kind.UNCHANGED, 0)));
            harness.processElement(
                    new StreamRecord<>(write("large", DossierWrite.Kind.PUBLISH, 17 << 20)));
            assertThat(shelf.batches()).containsExactly(1);
            for (int i = 0; i < 60; i++) {
                harness.processElement(
                        new StreamRecord<>(write("d" + i, DossierWrite.Kind.PUBLISH, 10)));
            }
            assertThat(shelf.batches()).containsExactly(1, 50);
            harness.endInput();
            assertThat(shelf.batches()).containsExactly(1, 50, 10);
            assertThat(shelf.published()).hasSize(60).doesNotContainKeys("same", "d3");
            Map<String, Long> counts = counts(harness.extractOutputValues());
            assertThat(counts)
                    .containsEntry("written", 60L)
                    .containsEntry("unchanged", 1L)
                    .containsEntry("events.added", 120L);
            assertThat(harness.getSideOutput(PublishDossiers.REJECTS))
                    .singleElement()
                    .satisfies(
                            r -> {
                                assertThat(r.getValue().key()).isEqualTo("d3");
                                assertThat(r.getValue().reason())
                                        .isEqualTo("media_changed_meanwhile");
                            });
        }
    }

    @Test
    void aPlanCountsAndWritesNothing() throws Exception {
        try (SharedShelf shelf = new SharedShelf();
                var pages = opened(new StorePages(shelf, WriteGuard.open(), true));
                var harness = opened(new PublishDossiers(shelf, WriteGuard.open(), true))) {
            pages.processElement(new StreamRecord<>(section()));
            harness.processElement(new StreamRecord<>(write("d", DossierWrite.Kind.PUBLISH, 10)));
            harness.endInput();
            assertThat(counts(harness.extractOutputValues())).containsEntry("written", 1L);
            assertThat(shelf.pages()).isEmpty();
            assertThat(shelf.published()).isEmpty();
        }
    }

    private static Section section() {
        return new Section(
                "d",
                false,
                0,
                new byte[0],
                new String[] {"p"},
                new AppearancePage[] {new AppearancePage("p", new byte[5])});
    }

    @Test
    void aSectionPassesOnlyWithItsPagesStored() throws Exception {
        try (SharedShelf shelf = new SharedShelf();
                var harness = opened(new StorePages(shelf, WriteGuard.open(), false))) {
            harness.processElement(new StreamRecord<>(section()));
            assertThat(shelf.pages()).containsOnlyKeys("p");
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(s -> assertThat(s.pages()).isEmpty());
        }
    }

    /** A guard that says no. */
    private record Refusing() implements WriteGuard {
        private static final long serialVersionUID = 1L;

        @Override
        public void check() {
            throw new IllegalStateException("another run holds the lease");
        }

        @Override
        public void close() {}
    }

    @Test
    void withoutTheLeaseNothingIsWritten() throws Exception {
        try (SharedShelf shelf = new SharedShelf();
                var pages = opened(new StorePages(shelf, new Refusing(), false));
                var harness = opened(new PublishDossiers(shelf, new Refusing(), false))) {
            assertThatThrownBy(() -> pages.processElement(new StreamRecord<>(section())))
                    .hasMessageContaining("lease");
            harness.processElement(new StreamRecord<>(write("d", DossierWrite.Kind.PUBLISH, 10)));
            assertThatThrownBy(harness::endInput).hasMessageContaining("lease");
            assertThat(shelf.pages()).isEmpty();
            assertThat(shelf.published()).isEmpty();
        }
    }

    @Test
    void theSummaryKeepsTheFirstDifferences() throws Exception {
        try (var harness = opened(new CollectSummary())) {
            for (int i = 99; i >= 0; i--) {
                harness.processElement(
                        new StreamRecord<>(
                                Figure.fact("difference.d%02d".formatted(i), "persons +1")));
                harness.processElement(new StreamRecord<>(Figure.count("written", 1)));
            }
            harness.endInput();
            List<Figure> figures = List.of(harness.extractOutputValues().get(0));
            assertThat(figures).hasSize(51).contains(Figure.count("written", 100));
            assertThat(figures)
                    .extracting(Figure::name)
                    .contains("difference.d00", "difference.d49")
                    .doesNotContain("difference.d50");
        }
    }
}
