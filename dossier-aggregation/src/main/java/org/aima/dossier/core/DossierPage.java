package org.aima.dossier.core;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A dossier as one self-contained HTML page: no script, nothing loaded, every text escaped.
 * Readable in light and dark and on paper.
 */
public final class DossierPage {
    private static final int RANGES_TOLD = 200;
    private static final int BAR_WIDTH = 600;
    private static final int BAR_HEIGHT = 14;
    private static final int CHART_HEIGHT = 120;
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--line:#c4ccd6;--soft:#f1f4f8;--mark:#1f5fa8}
            @media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--paper:#14181f;--line:#465061;--soft:#1f2630;--mark:#7fb4f0}}
            body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
            table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
            th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
            thead th{background:var(--soft)}
            td.n{text-align:right;font-variant-numeric:tabular-nums}
            svg{max-width:100%;height:auto}
            .warn{border:2px solid var(--mark);padding:.5rem 1rem}
            .tag{border:1px solid var(--line);border-radius:.5rem;padding:0 .5rem;margin-right:.3rem;display:inline-block;max-width:100%}
            .id{font-family:ui-monospace,monospace;font-size:.85em}
            @media print{:root{--ink:#000;--paper:#fff;--line:#888;--soft:#eee;--mark:#000}body{max-width:none;margin:0}section,tr{break-inside:avoid}}
            """;

    private final BsonDocument dossier;
    private final BsonDocument told;
    private final Map<String, MediumInfo> media;
    private final StringBuilder out = new StringBuilder();

    private DossierPage(BsonDocument dossier, Map<String, MediumInfo> media) {
        this.dossier = dossier;
        this.media = media;
        BsonDocument aggregation = MachineContent.aggregation(dossier);
        this.told = aggregation == null ? new BsonDocument() : aggregation;
    }

    /**
     * @param media what is known of the dossier's media, by id
     */
    public static String render(BsonDocument dossier, Map<String, MediumInfo> media) {
        return new DossierPage(dossier, media).render();
    }

    private String render() {
        String title = DocumentReader.text(dossier, "title");
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append(
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
                .append(" style-src 'unsafe-inline'\">\n<title>")
                .append(escape(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n");
        head(title);
        figures();
        timeline();
        persons();
        events();
        provenance();
        out.append("</main>\n</body>\n</html>\n");
        return out.toString();
    }

    private void head(String title) {
        out.append("<h1 dir=\"auto\">").append(escape(title)).append("</h1>\n<p>Dossier ");
        id(DocumentReader.text(dossier, "dossier_id"));
        out.append(", ").append(escape(DocumentReader.text(dossier, "status")));
        if (told.get("at") instanceof BsonDateTime at) {
            out.append(", facts of <time>")
                    .append(Instant.ofEpochMilli(at.getValue()))
                    .append("</time>, version ")
                    .append(MachineContent.version(dossier));
        }
        out.append("</p>\n");
        BsonArray tags = DocumentReader.array(dossier, "tags");
        if (!tags.isEmpty()) {
            out.append("<p aria-label=\"Tags\">");
            for (BsonValue tag : tags) {
                if (tag instanceof BsonString text) {
                    out.append("<span class=\"tag\" dir=\"auto\">")
                            .append(escape(text.getValue()))
                            .append("</span> ");
                }
            }
            out.append("</p>\n");
        }
        String summary = DocumentReader.text(dossier, "summary");
        if (!summary.isBlank()) {
            out.append("<section aria-labelledby=\"summary\"><h2 id=\"summary\">Summary</h2>\n");
            if (told.get("summary") instanceof BsonDocument state
                    && BsonBoolean.TRUE.equals(state.get("stale"))) {
                out.append("<p class=\"warn\" role=\"note\">The facts have changed since this")
                        .append(" summary was written.</p>\n");
            }
            out.append("<p dir=\"auto\">").append(escape(summary)).append("</p></section>\n");
        }
    }

    private void figures() {
        BsonDocument counts = document(told, "media");
        BsonDocument results = document(told, "results");
        section("figures", "Figures");
        table("Figures", "figure", "value");
        row("media listed", number(counts, "listed"));
        row("media analysed", number(counts, "analysed"));
        row("analysis results", number(results, "total"));
        row("of them archived", number(results, "archived"));
        row("persons", number(document(told, "persons"), "total"));
        row("events", number(document(told, "events"), "total"));
        end();
    }

    private void timeline() {
        BsonArray months = DocumentReader.array(told, "timeline");
        if (months.isEmpty()) {
            return;
        }
        double most = 1;
        for (BsonValue month : months) {
            most = Math.max(most, DocumentReader.number(month.asDocument(), "results"));
        }
        double width = (double) BAR_WIDTH / months.size();
        section("timeline", "Timeline");
        out.append("<svg role=\"img\" aria-label=\"Results by month of upload\" viewBox=\"0 0 ")
                .append(BAR_WIDTH)
                .append(' ')
                .append(CHART_HEIGHT)
                .append("\">\n");
        for (int i = 0; i < months.size(); i++) {
            BsonDocument month = months.get(i).asDocument();
            double height = CHART_HEIGHT * DocumentReader.number(month, "results") / most;
            rectangle(i * width, CHART_HEIGHT - height, width * 0.9, height);
        }
        out.append("</svg>\n");
        table("Results by month of upload", "month", "media", "results");
        for (BsonValue value : months) {
            BsonDocument month = value.asDocument();
            row(
                    DocumentReader.text(month, "month"),
                    number(month, "media"),
                    number(month, "results"));
        }
        end();
    }

    private void persons() {
        section("persons", "Persons");
        table(
                "Persons by relevance",
                "person",
                "relevance",
                "screen seconds",
                "speech seconds",
                "media");
        for (BsonValue value : DocumentReader.array(dossier, "persons")) {
            BsonDocument person = value.asDocument();
            row(
                    DocumentReader.text(person, "person_id"),
                    number(person, "relevance_score"),
                    number(person, "screen_seconds"),
                    number(person, "speech_seconds"),
                    number(person, "media"));
        }
        out.append("</tbody></table>\n");
        for (BsonValue value : DocumentReader.array(dossier, "persons")) {
            BsonDocument person = value.asDocument();
            out.append("<h3>");
            id(DocumentReader.text(person, "person_id"));
            out.append("</h3>\n");
            table("Appearances", "medium", "when", "results");
            for (BsonValue seen : DocumentReader.array(person, "appearances")) {
                appearance(seen.asDocument());
            }
            out.append("</tbody></table>\n");
        }
        out.append("</section>\n");
    }

    private void appearance(BsonDocument appearance) {
        String mediaId = DocumentReader.text(appearance, "media_id");
        BsonArray ranges = DocumentReader.array(appearance, "time_ranges");
        out.append("<tr><th scope=\"row\">");
        id(mediaId);
        out.append("</th><td>");
        bar(media.get(mediaId), ranges);
        for (int i = 0; i < Math.min(RANGES_TOLD, ranges.size()); i++) {
            out.append(i == 0 ? "" : ", ").append(range(ranges.get(i).asDocument()));
        }
        if (ranges.size() > RANGES_TOLD) {
            out.append(" and ").append(ranges.size() - RANGES_TOLD).append(" more");
        }
        out.append(ranges.isEmpty() ? "without time" : "")
                .append("</td><td class=\"n\">")
                .append(number(appearance, "results"))
                .append("</td></tr>\n");
    }

    private void bar(@Nullable MediumInfo medium, BsonArray ranges) {
        double seconds = medium == null ? 0 : FixedPoint.seconds(medium.durationMillis());
        if (seconds <= 0 || ranges.isEmpty()) {
            return;
        }
        out.append("<svg role=\"img\" aria-label=\"Time ranges in ")
                .append(escape(format(seconds)))
                .append(" seconds\" viewBox=\"0 0 ")
                .append(BAR_WIDTH)
                .append(' ')
                .append(BAR_HEIGHT)
                .append("\"><rect width=\"100%\" height=\"100%\" fill=\"var(--soft)\"/>");
        for (BsonValue value : ranges.subList(0, Math.min(RANGES_TOLD, ranges.size()))) {
            BsonDocument range = value.asDocument();
            double from = DocumentReader.number(range, "start_seconds") / seconds;
            double to = DocumentReader.number(range, "end_seconds") / seconds;
            rectangle(BAR_WIDTH * from, 0, Math.max(1, BAR_WIDTH * (to - from)), BAR_HEIGHT);
        }
        out.append("</svg><br>");
    }

    private void events() {
        section("events", "Events");
        table("Events", "event", "confidence", "made by", "where");
        for (BsonValue value : DocumentReader.array(dossier, "events")) {
            if (value instanceof BsonDocument event) {
                out.append("<tr><th scope=\"row\" dir=\"auto\">")
                        .append(escape(DocumentReader.text(event, "description")))
                        .append("</th><td class=\"n\">")
                        .append(number(event, "confidence"))
                        .append("</td><td>")
                        .append(MachineContent.isMachines(event) ? "analysis" : "people")
                        .append("</td><td>");
                BsonArray references = DocumentReader.array(event, "media_references");
                for (BsonValue reference :
                        references.subList(0, Math.min(RANGES_TOLD, references.size()))) {
                    if (reference instanceof BsonDocument where) {
                        id(DocumentReader.text(where, "media_id"));
                        if (where.get("time_range") instanceof BsonDocument when) {
                            out.append(' ').append(range(when));
                        }
                        out.append("<br>");
                    }
                }
                out.append("</td></tr>\n");
            }
        }
        end();
    }

    private void provenance() {
        section("provenance", "Provenance");
        out.append("<p>Results behind the appearances above, the first of each; ")
                .append("<code>dossier-aggregation:explain</code> lists all.</p>\n");
        table("Provenance", "person", "medium", "results", "archive");
        for (BsonValue value : DocumentReader.array(dossier, "persons")) {
            BsonDocument person = value.asDocument();
            for (BsonValue seen : DocumentReader.array(person, "appearances")) {
                BsonDocument appearance = seen.asDocument();
                row(
                        DocumentReader.text(person, "person_id"),
                        DocumentReader.text(appearance, "media_id"),
                        joined(DocumentReader.array(appearance, "result_ids")),
                        joined(DocumentReader.array(appearance, "archive")));
            }
        }
        end();
    }

    private static String joined(List<BsonValue> texts) {
        StringBuilder all = new StringBuilder();
        for (BsonValue text : texts) {
            if (text instanceof BsonString known) {
                all.append(all.length() == 0 ? "" : " ").append(known.getValue());
            }
        }
        return all.toString();
    }

    private void section(String anchor, String heading) {
        out.append("<section aria-labelledby=\"")
                .append(anchor)
                .append("\"><h2 id=\"")
                .append(anchor)
                .append("\">")
                .append(heading)
                .append("</h2>\n");
    }

    private void table(String caption, String... columns) {
        out.append("<table><caption>").append(caption).append("</caption><thead><tr>");
        for (String column : columns) {
            out.append("<th scope=\"col\">").append(column).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
    }

    private void end() {
        out.append("</tbody></table></section>\n");
    }

    private void row(String head, String... cells) {
        out.append("<tr><th scope=\"row\" dir=\"auto\">").append(escape(head)).append("</th>");
        for (String cell : cells) {
            out.append("<td dir=\"auto\">").append(escape(cell)).append("</td>");
        }
        out.append("</tr>\n");
    }

    private void id(String id) {
        out.append("<span class=\"id\" dir=\"auto\">").append(escape(id)).append("</span>");
    }

    private void rectangle(double x, double y, double width, double height) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\""
                                + " fill=\"var(--mark)\"/>",
                        x,
                        y,
                        width,
                        height));
    }

    private static String range(BsonDocument range) {
        return format(DocumentReader.number(range, "start_seconds"))
                + "–"
                + format(DocumentReader.number(range, "end_seconds"))
                + " s";
    }

    private static BsonDocument document(BsonDocument parent, String field) {
        return parent.get(field) instanceof BsonDocument found ? found : new BsonDocument();
    }

    private static String number(BsonDocument parent, String field) {
        double value = DocumentReader.number(parent, field);
        return Double.isNaN(value) ? "" : format(value);
    }

    private static String format(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * Text as HTML shows it, in elements and in attributes; what XML forbids is shown as U+FFFD.
     */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> escaped.append("&amp;");
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '"' -> escaped.append("&quot;");
                                case '\'' -> escaped.append("&#39;");
                                case '\t', '\n', '\r' -> escaped.append((char) c);
                                default ->
                                        escaped.appendCodePoint(
                                                Character.isISOControl(c)
                                                                || (c >= 0xD800 && c <= 0xDFFF)
                                                        ? 0xFFFD
                                                        : c);
                            }
                        });
        return escaped.toString();
    }
}
