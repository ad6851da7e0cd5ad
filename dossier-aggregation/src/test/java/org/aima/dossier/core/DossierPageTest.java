package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

/** Whatever a dossier holds, its page shows it as text and loads nothing. */
class DossierPageTest {
    private static final String HOSTILE =
            "<script>alert(1)</script>\"onload='x' </title></style> \u202Eright to left \uD83D\uDE00"
                    + " &amp; \u0007";
    private static final Pattern TAG = Pattern.compile("<\\s*/?\\s*([A-Za-z!][A-Za-z0-9]*)");
    private static final Set<String> OWN =
            Set.of(
                    "!DOCTYPE",
                    "html",
                    "head",
                    "meta",
                    "title",
                    "style",
                    "body",
                    "main",
                    "h1",
                    "h2",
                    "h3",
                    "p",
                    "span",
                    "time",
                    "section",
                    "table",
                    "caption",
                    "thead",
                    "tbody",
                    "tr",
                    "th",
                    "td",
                    "svg",
                    "rect",
                    "br",
                    "code");

    private static BsonDocument dossier(String text) {
        BsonDocument dossier =
                BsonDocument.parse(
                        "{_id: 1, dossier_id: 'd', status: 'draft', media_items: ['m'], persons:"
                                + " [{person_id: '', relevance_score: 0.5, screen_seconds: 7.25,"
                                + " speech_seconds: 0.0, media: 1, appearances: [{media_id: 'm',"
                                + " time_ranges: [{start_seconds: 1.5, end_seconds: 3.0}], results:"
                                + " 3, result_ids: ['r1'], archive: ['f#1']}]}], events:"
                                + " [{event_id: 'e', confidence: 0.5, media_references: [{media_id:"
                                + " 'm', time_range: {start_seconds: 0.0, end_seconds: 1.0}}]}],"
                                + " metadata: {aggregation: {version: 3, timeline: [{month:"
                                + " '2026-01', media: 1, results: 3}], summary: {stale: true}}}}");
        BsonString hostile = new BsonString(text);
        dossier.put("title", hostile);
        dossier.put("summary", hostile);
        dossier.put("tags", new BsonArray(List.of(hostile)));
        dossier.getArray("persons").get(0).asDocument().put("person_id", hostile);
        dossier.getArray("events").get(0).asDocument().put("description", hostile);
        return dossier;
    }

    private static String page(String text) {
        return DossierPage.render(
                dossier(text), Map.of("m", new MediumInfo("m", "video", 10_000, 0, "2026-01")));
    }

    private static Set<String> tags(String html) {
        Set<String> tags = new TreeSet<>();
        Matcher matcher = TAG.matcher(html);
        while (matcher.find()) {
            tags.add(matcher.group(1));
        }
        return tags;
    }

    private static String unescape(String html) {
        return html.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }

    @Test
    void hostileTextIsText() {
        String html = page(HOSTILE);
        assertThat(tags(html)).isSubsetOf(OWN).doesNotContain("script");
        assertThat(html.split(Pattern.quote(DossierPage.escape(HOSTILE)), -1))
                .as("title twice, tag, summary, person thrice, event")
                .hasSizeGreaterThanOrEqualTo(9);
        assertThat(unescape(DossierPage.escape(HOSTILE)))
                .isEqualTo(HOSTILE.replace('\u0007', '\uFFFD'));
        assertThat(html).doesNotContain("onload='");
    }

    @Property(tries = 200)
    void noTextBecomesMarkup(@ForAll String text) {
        assertThat(DossierPage.escape(text)).doesNotContain("<", ">", "\"", "'");
        assertThat(tags(page(text))).isSubsetOf(OWN);
    }

    @Test
    void aTagOfTenThousandCharactersIsShownWhole() {
        String tag = "a\u4E2D".repeat(5_000);
        assertThat(page(tag)).contains("<span class=\"tag\" dir=\"auto\">" + tag + "</span>");
    }

    @Test
    void showsWhatTheDossierHoldsAndLoadsNothing() {
        String html = page("Someone");
        assertThat(html)
                .contains(
                        "<title>Someone</title>",
                        "The facts have changed since this summary was written.",
                        "1.500–3 s",
                        "0.500",
                        "2026-01",
                        "f#1",
                        "prefers-color-scheme:dark",
                        "@media print",
                        "role=\"img\"",
                        "lang=\"en\"")
                .doesNotContain("http:", "https:", "url(", "@import", " src=", " href=");
    }

    @Test
    void aDossierThatWasNeverAggregatedHasAPageToo() {
        String html = DossierPage.render(BsonDocument.parse("{_id: 1, dossier_id: 'd'}"), Map.of());
        assertThat(html).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
    }
}
