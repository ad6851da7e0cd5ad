package org.aima.operate.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.samskivert.mustache.Mustache;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Writes {@code report.json} and the self-contained {@code report.html} with inline charts. */
public final class ReportWriter {
    /** The file of {@link #writeSheets}. */
    public static final String SHEETS = "contact-sheet.html";

    private static final int WIDTH = 760;
    private static final int HEIGHT = 280;
    private static final Color[] PALETTE = {new Color(0x2F6F9F), new Color(0xC9722E)};
    private static final Color INK = new Color(0x333333);
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportWriter() {}

    /**
     * Writes both files under {@code directory/<run id>/}, replacing earlier ones.
     *
     * @return the HTML file's path; the JSON lies beside it
     */
    public static Path write(Path directory, RunReport report) {
        Path target = directory.resolve(report.run_id());
        try {
            Files.createDirectories(target);
            Files.writeString(target.resolve("report.json"), JSON.writeValueAsString(report));
            Path html = target.resolve("report.html");
            Files.writeString(html, html(report, Files.exists(target.resolve(SHEETS))));
            return html;
        } catch (IOException e) {
            throw AimaException.failed("cannot write the report under " + target, e);
        }
    }

    /**
     * Writes what a read-back wants people to look at as {@value #SHEETS} beside the report;
     * nothing when there is none.
     *
     * @param sheets an array of {title, explanation, columns, rows}
     */
    public static void writeSheets(Path directory, String runId, JsonNode sheets) {
        if (sheets.isEmpty()) {
            return;
        }
        List<Map<String, Object>> tables = new ArrayList<>();
        for (JsonNode sheet : sheets) {
            List<Map<String, Object>> rows = new ArrayList<>();
            sheet.path("rows").forEach(row -> rows.add(Map.of("cells", texts(row))));
            tables.add(
                    Map.of(
                            "title", sheet.path("title").asText(),
                            "explanation", sheet.path("explanation").asText(),
                            "columns", texts(sheet.path("columns")),
                            "rows", rows));
        }
        Path target = directory.resolve(runId);
        try {
            Files.createDirectories(target);
            Files.writeString(
                    target.resolve(SHEETS),
                    render("/report/sheets.html", Map.of("run", runId, "sheets", tables)));
        } catch (IOException e) {
            throw AimaException.failed("cannot write " + target.resolve(SHEETS), e);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(t -> texts.add(t.asText()));
        return texts;
    }

    private static String html(RunReport report, boolean hasSheets) throws IOException {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("report", report);
        view.put("succeeded", List.of("succeeded", "planned").contains(report.state()));
        view.put("headline", headline(report));
        view.put("counters", rows(report.counters()));
        view.put("quality", rows(report.quality()));
        view.put("hasChecks", !report.verification().isEmpty());
        view.put("charts", charts(report));
        view.put("sheets", hasSheets ? SHEETS : "");
        view.put("hasSheets", hasSheets);
        return render("/report/report.html", view);
    }

    private static String render(String template, Map<String, Object> view) throws IOException {
        try (InputStream in = ReportWriter.class.getResourceAsStream(template)) {
            if (in == null) {
                throw new IOException("the report's template is missing");
            }
            return Mustache.compiler()
                    .escapeHTML(true)
                    .defaultValue("")
                    .compile(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .execute(view);
        }
    }

    private static List<Map<String, String>> headline(RunReport report) {
        List<Map<String, String>> tiles = new ArrayList<>();
        for (String name :
                List.of(
                        "read",
                        "written",
                        "unchanged",
                        "rejected",
                        "persons",
                        "persons_created",
                        "persons_updated",
                        "persons_merged")) {
            Long value = report.counters().get(name);
            if (value != null) {
                tiles.add(
                        Map.of(
                                "name",
                                name.replace('_', ' '),
                                "value",
                                String.format(Locale.ROOT, "%,d", value)));
            }
        }
        return tiles;
    }

    private static List<Map<String, Object>> charts(RunReport report) throws IOException {
        List<Map<String, Object>> charts = new ArrayList<>();
        Map<String, Map<String, Long>> data = report.distributions();
        for (Map.Entry<String, Map<String, Long>> chart : data.entrySet()) {
            if (!chart.getKey().endsWith(" (between)")) {
                Map<String, Long> second = data.get(chart.getKey() + " (between)");
                charts.add(chart(chart.getKey(), chart.getValue(), second));
            }
        }
        Map<String, Long> times = new LinkedHashMap<>();
        report.timings().forEach(t -> times.merge(t.stage(), t.duration_ms(), Math::max));
        if (!times.isEmpty()) {
            charts.add(chart("Time per stage, milliseconds", times, null));
        }
        return charts;
    }

    private static Map<String, Object> chart(
            String title,
            Map<String, Long> data,
            @org.jspecify.annotations.Nullable Map<String, Long> second)
            throws IOException {
        List<String> names = new ArrayList<>(new TreeMap<>(data).keySet());
        if (!sortable(names)) {
            names = new ArrayList<>(data.keySet());
        }
        if (second != null) {
            TreeMap<String, Long> all = new TreeMap<>(data);
            all.putAll(second);
            names = new ArrayList<>(all.keySet());
        }
        CategoryChart chart =
                new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title).build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotBorderVisible(false);
        chart.getStyler().setChartTitleVisible(false);
        chart.getStyler().setSeriesColors(PALETTE);
        chart.getStyler().setXAxisLabelRotation(names.size() > 8 ? 45 : 0);
        chart.getStyler().setXAxisMaxLabelCount(26);
        chart.getStyler().setChartFontColor(INK);
        chart.getStyler().setLegendVisible(second != null);
        chart.getStyler().setLegendPosition(LegendPosition.InsideN);
        chart.getStyler().setAvailableSpaceFill(0.85);
        List<String> labels = names.stream().map(ReportWriter::label).toList();
        chart.addSeries(
                second == null ? title : "same person",
                labels,
                names.stream().map(n -> data.getOrDefault(n, 0L)).toList());
        if (second != null) {
            chart.addSeries(
                    "different persons",
                    labels,
                    names.stream().map(n -> second.getOrDefault(n, 0L)).toList());
        }
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
        String text = svg.toString(StandardCharsets.UTF_8);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("title", title);
        view.put("svg", text.substring(Math.max(0, text.indexOf("<svg"))));
        List<Map<String, String>> table = new ArrayList<>();
        for (String name : names) {
            table.add(
                    Map.of(
                            "name",
                            label(name),
                            "value",
                            String.format(Locale.ROOT, "%,d", data.getOrDefault(name, 0L))
                                    + (second == null
                                            ? ""
                                            : String.format(
                                                    Locale.ROOT,
                                                    " / %,d",
                                                    second.getOrDefault(name, 0L)))));
        }
        view.put("table", table);
        return view;
    }

    private static boolean sortable(List<String> names) {
        return names.stream().allMatch(n -> n.matches("[0-9.]+"));
    }

    // 000016 stands for sizes from 16 on: buckets are powers of two.
    private static String label(String name) {
        if (name.matches("0*[0-9]+") && name.length() == 6) {
            int from = Integer.parseInt(name);
            return from == 1 ? "1" : from + "–" + (from * 2 - 1);
        }
        return name;
    }

    private static List<Map<String, String>> rows(Map<String, ?> map) {
        List<Map<String, String>> rows = new ArrayList<>();
        map.forEach(
                (name, value) ->
                        rows.add(
                                Map.of(
                                        "name",
                                        name,
                                        "value",
                                        value instanceof Long number
                                                ? String.format(Locale.ROOT, "%,d", number)
                                                : String.valueOf(value))));
        return rows;
    }
}
