package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;

/** What a document has no room for is on pages, in the same order, and nothing is lost. */
class BudgetTest {
    private static AggregationRules rules(int bytes, int events, int page) {
        AggregationRules d = AggregationRules.DEFAULT;
        return new AggregationRules(
                d.gapMillis(),
                d.stillMillis(),
                d.weights(),
                d.coAppearanceMillis(),
                d.speechMillis(),
                d.objectResults(),
                d.objectConfidence(),
                d.sceneMillis(),
                d.companions(),
                events,
                bytes,
                page);
    }

    private record Written(DossierWrite write, List<Section> sections) {}

    private static Written write(
            List<DossierItem> items, BsonDocument stored, AggregationRules rules) {
        Map<String, DossierItem> byKey = new HashMap<>();
        items.forEach(i -> byKey.put(i.sums().kind() + i.sums().subject(), i));
        DossierSums sums =
                DossierSums.nothing()
                        .plus(new MediumPart(MediumInfo.missing("m"), true, new TypeCount[0], 0));
        Ranking ranking =
                new Ranking(
                        "d",
                        sums,
                        items.stream().map(DossierItem::sums).toList(),
                        DossierComposer.room(stored),
                        rules);
        List<Section> sections = new ArrayList<>();
        for (Verdict v : ranking.verdicts()) {
            sections.add(new ItemWriter(rules).write(byKey.get(v.kind() + v.subject()), v));
        }
        return new Written(
                DossierComposer.compose(
                        DocumentReader.dossier(stored), ranking.metadata(), sections),
                sections);
    }

    private static BsonDocument dossier() {
        return new BsonDocument("_id", new BsonString("d"))
                .append("dossier_id", new BsonString("d"))
                .append("media_items", new BsonArray());
    }

    private static DossierItem item(ItemKind kind, String subject, int media, int ranges) {
        List<ItemPart> parts = new ArrayList<>();
        for (int m = 0; m < media; m++) {
            long[] spans = new long[2 * ranges];
            for (int r = 0; r < ranges; r++) {
                spans[2 * r] = 10_000L * r;
                spans[2 * r + 1] = 10_000L * r + 5_000;
            }
            parts.add(
                    new ItemPart(
                            kind,
                            subject,
                            "medium-%05d".formatted(m),
                            spans,
                            Spans.length(spans),
                            kind == ItemKind.PERSON ? Spans.length(spans) : 0,
                            0,
                            ranges,
                            0,
                            ranges,
                            ranges * 900_000L,
                            0,
                            0,
                            new String[] {"r-" + m},
                            new String[0]));
        }
        return DossierItem.of("d", parts);
    }

    private static List<String> told(BsonArray list) {
        List<String> ranges = new ArrayList<>();
        for (BsonValue value : list) {
            BsonDocument entry = value.asDocument();
            String medium = entry.getString("media_id").getValue();
            if (entry.containsKey("time_range")) {
                ranges.add(medium + entry.get("time_range"));
            } else {
                entry.getArray("time_ranges").forEach(r -> ranges.add(medium + r));
            }
        }
        return ranges;
    }

    private static List<String> all(Section section) {
        List<String> ranges = new ArrayList<>();
        String field = section.event() ? "media_references" : "appearances";
        if (section.entry().length > 0) {
            ranges.addAll(told(BsonBytes.decode(section.entry()).getArray(field)));
        }
        for (AppearancePage page : section.pages()) {
            ranges.addAll(told(BsonBytes.decode(page.document()).getArray(field)));
        }
        return ranges;
    }

    @Property(tries = 80)
    void everyRangeIsInTheDocumentOrOnAPageOnceAndInOrder(
            @ForAll @IntRange(min = 1, max = 6) int persons,
            @ForAll @IntRange(min = 1, max = 5) int media,
            @ForAll @IntRange(min = 1, max = 30) int ranges,
            @ForAll @IntRange(min = 10_000, max = 60_000) int bytes,
            @ForAll @IntRange(min = 1, max = 17) int page) {
        List<DossierItem> items = new ArrayList<>();
        for (int p = 0; p < persons; p++) {
            items.add(item(ItemKind.PERSON, "p" + p, media, ranges + p));
            items.add(item(ItemKind.SPEECH, "p" + p, media, ranges));
        }
        List<Section> cut = write(items, dossier(), rules(bytes, 2, page)).sections();
        List<Section> whole = write(items, dossier(), rules(12 << 20, 10_000, 5_000)).sections();
        assertThat(cut).hasSameSizeAs(whole);
        for (int i = 0; i < cut.size(); i++) {
            assertThat(all(cut.get(i))).isEqualTo(all(whole.get(i)));
            assertThat(whole.get(i).pages()).isEmpty();
        }
    }

    @Test
    void aDocumentFarBeyondTheLimitFits() {
        List<DossierItem> items = new ArrayList<>();
        for (int p = 0; p < 40; p++) {
            items.add(item(ItemKind.PERSON, "person-" + p, 10, 1_000));
        }
        BsonDocument stored = dossier().append("summary", new BsonString("x".repeat(5 << 20)));

        Written written = write(items, stored, rules(12 << 20, 500, 5_000));

        BsonDocument published = stored.clone();
        published.putAll(BsonBytes.decode(written.write().content()));
        assertThat(BsonBytes.encode(published).length).isBetween(7 << 20, (16 << 20) - 100_000);
        assertThat(written.write().pageIds()).isNotEmpty().doesNotHaveDuplicates();
        assertThat(written.sections().stream().mapToLong(s -> all(s).size()).sum())
                .isEqualTo(40 * 10 * 1_000);
    }

    @Test
    void theMostRelevantAreListedFirstAndTheOthersKept() {
        List<DossierItem> items = new ArrayList<>();
        for (int p = 0; p < 30; p++) {
            items.add(item(ItemKind.PERSON, "p%02d".formatted(p), 1, 30 - p));
        }
        Written written = write(items, dossier(), rules(10_000, 500, 5_000));
        BsonDocument content = BsonBytes.decode(written.write().content());
        List<String> listed = new ArrayList<>();
        content.getArray("persons")
                .forEach(p -> listed.add(p.asDocument().getString("person_id").getValue()));
        assertThat(listed).isSorted().startsWith("p00").hasSizeLessThan(30);
        assertThat(content.getDocument("aggregation").getDocument("persons").get("total"))
                .isEqualTo(new BsonInt64(30));
        TreeMap<String, Boolean> entries = new TreeMap<>();
        for (Section section : written.sections()) {
            if (section.entry().length == 0) {
                BsonDocument first = BsonBytes.decode(section.pages()[0].document());
                entries.put(first.getDocument("entry").getString("person_id").getValue(), true);
            }
        }
        assertThat(listed.size() + entries.size()).isEqualTo(30);
    }
}
