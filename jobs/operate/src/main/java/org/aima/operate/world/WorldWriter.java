package org.aima.operate.world;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.aima.jobs.evaluation.Labels;
import org.jspecify.annotations.Nullable;

/** Writes the lines of a generated world and breaks some of them on purpose. */
final class WorldWriter implements Closeable {
    private static final int MAX_OVERSIZED = 2;
    private static final int OVERSIZE_BYTES = (16 << 20) + (256 << 10);
    private static final int VIDEO_WIDTH = 1_920;
    private static final int VIDEO_HEIGHT = 1_080;
    private static final String[] OBJECTS = {"car", "dog", "chair", "bag", "bicycle", "laptop"};
    private static final String[] SCENES = {
        "a street at night", "an office", "a kitchen", "a crowd in a stadium", "a park"
    };
    private static final String[] SENTENCES = {
        "good morning everyone", "that is not what we agreed", "see you tomorrow", "as I said"
    };
    private static final String[] STATES = {"draft", "published", "archived"};

    private final GeneratorOptions options;
    private final Seeds seeds;
    private final Traits traits;
    private final Map<String, JsonLines> files = new TreeMap<>();
    private final BufferedWriter truth;
    private final BufferedWriter labels;
    private final Map<String, Long> poison = new TreeMap<>();
    private final Map<String, String> lastGoodId = new TreeMap<>();
    private final StringBuilder hex = new StringBuilder();
    private long documents;
    private long results;
    private long embeddings;
    private long poisoned;
    private int oversized;

    WorldWriter(Path directory, GeneratorOptions options, Seeds seeds) throws IOException {
        this.options = options;
        this.seeds = seeds;
        this.traits = new Traits(seeds);
        for (String collection :
                new String[] {
                    "media_items",
                    "analysis_results",
                    "dossiers",
                    "face_embeddings",
                    "voice_embeddings"
                }) {
            files.put(
                    collection,
                    new JsonLines(directory.resolve(collection + WorldDirectory.LINES)));
        }
        this.truth = Files.newBufferedWriter(directory.resolve("truth.csv"));
        this.labels = Files.newBufferedWriter(directory.resolve("labels.csv"));
        for (BufferedWriter csv : new BufferedWriter[] {truth, labels}) {
            csv.write(Labels.ID + "," + Labels.IDENTITY + "\n");
        }
    }

    /**
     * A sighting or hearing to be written.
     *
     * @param box pixels from the left, null for voices
     * @param track null when the detection stands alone
     */
    record Detection(
            int person,
            Medium medium,
            double start,
            double end,
            @Nullable Integer frame,
            @Nullable String track,
            @Nullable Box box) {}

    /** A face's place in the picture. */
    record Box(int x, int y, int width, int height) {}

    /** What all detections of a medium share. */
    record Medium(int number, String id, String type, long uploadMillis) {}

    private JsonLines file(String collection) {
        JsonLines lines = files.get(collection);
        if (lines == null) {
            throw new IllegalArgumentException(collection);
        }
        return lines;
    }

    long results() {
        return file("analysis_results").lines();
    }

    long rows() {
        return embeddings;
    }

    Map<String, Long> poison() {
        return poison;
    }

    Map<String, Long> lines() {
        Map<String, Long> lines = new TreeMap<>();
        files.forEach((name, file) -> lines.put(name + WorldDirectory.LINES, file.lines()));
        return lines;
    }

    String uuid(Seeds.Purpose purpose, long index) {
        long high = seeds.mix(purpose, 2 * index) & ~0xf000L | 0x4000L;
        long low = seeds.mix(purpose, 2 * index + 1) & ~(3L << 62) | 1L << 63;
        hex.setLength(0);
        for (int shift = 60; shift >= 0; shift -= 4) {
            hex.append(Character.forDigit((int) (high >>> shift & 15), 16));
            if (shift == 32 || shift == 16) {
                hex.append('-');
            }
        }
        hex.append('-');
        for (int shift = 60; shift >= 0; shift -= 4) {
            hex.append(Character.forDigit((int) (low >>> shift & 15), 16));
            if (shift == 48) {
                hex.append('-');
            }
        }
        return hex.toString();
    }

    private JsonLines document(String collection) {
        long high = seeds.mix(Seeds.Purpose.DOCUMENT_ID, 2 * documents);
        long low = seeds.mix(Seeds.Purpose.DOCUMENT_ID, 2 * documents + 1);
        documents++;
        hex.setLength(0);
        for (int shift = 60; shift >= 0; shift -= 4) {
            hex.append(Character.forDigit((int) (high >>> shift & 15), 16));
        }
        for (int shift = 28; shift >= 0; shift -= 4) {
            hex.append(Character.forDigit((int) (low >>> shift & 15), 16));
        }
        return file(collection).raw("{\"_id\":{\"$oid\":\"" + hex + "\"}");
    }

    private static String date(long millis) {
        return "{\"$date\":\"" + Instant.ofEpochMilli(millis) + "\"}";
    }

    void medium(Medium medium, double duration, int analyses) {
        SplittableRandom random = seeds.random(Seeds.Purpose.MEDIUM, medium.number());
        boolean video = medium.type().equals("video");
        boolean image = medium.type().equals("image");
        String extension = video ? "mp4" : image ? "jpg" : "flac";
        JsonLines out = document("media_items");
        out.raw(",\"media_id\":").text(medium.id());
        out.raw(",\"type\":").text(medium.type());
        out.raw(",\"filename\":").text(medium.id() + "." + extension);
        out.raw(",\"upload_timestamp\":" + date(medium.uploadMillis()));
        if (!image) {
            out.raw(",\"duration_seconds\":").number(duration);
        }
        if (!medium.type().equals("audio")) {
            out.raw(",\"resolution\":").text(VIDEO_WIDTH + "x" + VIDEO_HEIGHT);
        }
        long bytes = (long) ((image ? 400_000 : duration * (video ? 600_000 : 60_000)) + 1_000);
        out.raw(",\"file_size_bytes\":{\"$numberLong\":\"" + (bytes + random.nextInt(10_000)));
        out.raw("\"},\"mime_type\":");
        out.text(video ? "video/mp4" : image ? "image/jpeg" : "audio/flac");
        out.raw(",\"hash\":").text(medium.id().replace("-", ""));
        String day = Instant.ofEpochMilli(medium.uploadMillis()).toString().substring(0, 10);
        out.raw(",\"storage_location\":{\"type\":\"s3\",\"bucket\":\"media-originals\",\"path\":");
        out.text("/" + day.replace('-', '/') + "/" + medium.id() + "." + extension).raw("}");
        out.raw(",\"processing_status\":\"completed\",\"analysis_jobs\":[");
        out.raw("{\"job_id\":").text(job(medium)).raw(",\"type\":\"full\",\"status\":");
        out.raw("\"completed\",\"created_at\":" + date(medium.uploadMillis()));
        out.raw(",\"completed_at\":" + date(medium.uploadMillis() + 1_000L * analyses));
        out.raw("}]}").end();
    }

    private String job(Medium medium) {
        return uuid(Seeds.Purpose.JOB_ID, medium.number());
    }

    private JsonLines result(Medium medium, String resultId, String type, String model) {
        JsonLines out = document("analysis_results");
        out.raw(",\"result_id\":").text(resultId);
        out.raw(",\"media_id\":").text(medium.id());
        return resultRest(out, medium, type, model);
    }

    private JsonLines resultRest(JsonLines out, Medium medium, String type, String model) {
        out.raw(",\"job_id\":").text(job(medium));
        out.raw(",\"analysis_type\":\"" + type + "\",\"model_info\":{\"name\":").text(model);
        return out.raw(",\"version\":\"1\"},\"timestamp\":" + date(analysed(medium)));
    }

    private static long analysed(Medium medium) {
        return medium.uploadMillis() + 60_000;
    }

    private static void timeRange(JsonLines out, double start, double end) {
        out.raw(",\"time_range\":{\"start_seconds\":").number(start);
        out.raw(",\"end_seconds\":").number(end).raw("}");
    }

    /** A face or a voice: its result, its row and its line of truth, or a broken one of these. */
    void detection(
            String collection,
            String type,
            VectorSource source,
            Detection detection,
            float[] vector,
            double confidence) {
        long number = embeddings++;
        PoisonKind kind = poisonOf(number);
        String id = uuid(Seeds.Purpose.EMBEDDING_ID, number);
        if (kind == PoisonKind.QUOTED_ID) {
            id = "said \"it's\"\n" + id + "\\";
        }
        String resultId = uuid(Seeds.Purpose.RESULT_ID, results++);
        if (kind != PoisonKind.MISSING_RESULT) {
            detectionResult(type, source, detection, confidence, id, resultId, kind, number);
        }
        String rowId = id;
        if (kind == PoisonKind.DUPLICATE_ID) {
            rowId = lastGoodId.getOrDefault(collection, id);
        }
        row(file(collection), detection, vector, confidence, rowId, resultId, kind);
        if (kind == null || kind.survives()) {
            lastGoodId.put(collection, id);
            label(id, detection.person());
        }
        if (kind != null) {
            poison.merge(kind.word(), 1L, Long::sum);
        }
    }

    private @Nullable PoisonKind poisonOf(long number) {
        if (seeds.random(Seeds.Purpose.POISON, number).nextDouble() >= options.poison()) {
            return null;
        }
        PoisonKind kind = PoisonKind.values()[(int) (poisoned++ % PoisonKind.values().length)];
        if (kind == PoisonKind.DUPLICATE_ID && lastGoodId.isEmpty()) {
            return PoisonKind.MISSING_ID;
        }
        if (kind == PoisonKind.OVERSIZED_DOCUMENT && ++oversized > MAX_OVERSIZED) {
            return PoisonKind.WRONG_DIMENSION;
        }
        return kind;
    }

    private void detectionResult(
            String type,
            VectorSource source,
            Detection detection,
            double confidence,
            String id,
            String resultId,
            @Nullable PoisonKind kind,
            long number) {
        JsonLines out;
        if (kind == PoisonKind.WRONG_TYPE) {
            out = document("analysis_results");
            out.raw(",\"result_id\":").text(resultId).raw(",\"media_id\":");
            out.number(detection.medium().number());
            resultRest(out, detection.medium(), type, source.model());
        } else {
            out = result(detection.medium(), resultId, type, source.model());
        }
        if (!detection.medium().type().equals("image")) {
            timeRange(out, detection.start(), detection.end());
        }
        Box box = detection.box();
        if (box != null) {
            box(out, box);
        }
        out.raw(",\"confidence\":").number(confidence).raw(",\"metadata\":{");
        if (detection.frame() != null) {
            out.raw("\"frame\":").number(detection.frame()).raw(",");
        }
        if (detection.track() != null) {
            out.raw("\"track_id\":").text(detection.track()).raw(",");
        }
        if (kind == PoisonKind.OVERSIZED_DOCUMENT) {
            out.raw("\"padding\":\"" + "x".repeat(OVERSIZE_BYTES) + "\",");
        }
        out.raw("\"attributes\":");
        traits.write(out, detection.person(), detection.medium().number(), number, box != null);
        out.raw("},\"vector_embeddings\":{\"embedding_id\":").text(id);
        out.raw(",\"dimensions\":").number(source.dimension());
        out.raw(",\"model\":").text(source.model()).raw("}}").end();
    }

    private static void box(JsonLines out, Box box) {
        out.raw(",\"spatial_location\":{\"x\":").number(box.x()).raw(",\"y\":").number(box.y());
        out.raw(",\"width\":").number(box.width()).raw(",\"height\":").number(box.height());
        out.raw("}");
    }

    private static void row(
            JsonLines out,
            Detection detection,
            float[] vector,
            double confidence,
            String id,
            String resultId,
            @Nullable PoisonKind kind) {
        out.raw("{");
        if (kind != PoisonKind.MISSING_ID) {
            out.raw("\"embedding_id\":").text(id).raw(",");
        }
        out.raw("\"embedding\":");
        if (kind == PoisonKind.NULL_VECTOR) {
            out.raw("null");
        } else {
            out.raw("[");
            int length =
                    kind == PoisonKind.EMPTY_VECTOR
                            ? 0
                            : kind == PoisonKind.WRONG_DIMENSION
                                    ? vector.length / 2
                                    : vector.length;
            for (int i = 0; i < length; i++) {
                if (i > 0) {
                    out.raw(",");
                }
                if (i == length / 2 && kind == PoisonKind.NAN) {
                    out.raw("NaN");
                } else if (i == length / 2 && kind == PoisonKind.INFINITE) {
                    out.raw(vector[0] < vector[1] ? "\"Infinity\"" : "\"-Infinity\"");
                } else {
                    out.number(kind == PoisonKind.ZERO_VECTOR ? 0 : vector[i]);
                }
            }
            out.raw("]");
        }
        out.raw(",\"media_id\":").text(detection.medium().id());
        out.raw(",\"result_id\":").text(resultId);
        out.raw(",\"confidence\":").number(confidence);
        out.raw(",\"timestamp\":").number(analysed(detection.medium())).raw("}").end();
    }

    private void label(String id, int person) {
        boolean plain = id.indexOf('"') < 0 && id.indexOf(',') < 0 && id.indexOf('\n') < 0;
        String line = (plain ? id : "\"" + id.replace("\"", "\"\"") + "\"") + "," + person + "\n";
        try {
            truth.write(line);
            labels.write(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A result without embedding: what other analyses leave behind. */
    void filler(Medium medium, double duration, long number) {
        SplittableRandom random = seeds.random(Seeds.Purpose.FILLER, number);
        String[] types =
                switch (medium.type()) {
                    case "audio" -> new String[] {"speech_recognition"};
                    case "image" -> new String[] {"object_detection", "scene_analysis"};
                    default ->
                            new String[] {
                                "object_detection", "scene_analysis", "speech_recognition"
                            };
                };
        String type = types[random.nextInt(types.length)];
        String resultId = uuid(Seeds.Purpose.RESULT_ID, results++);
        JsonLines out = result(medium, resultId, type, "synthetic-" + type.replace('_', '-'));
        if (!medium.type().equals("image")) {
            double start = Math.floor(random.nextDouble() * Math.max(1, duration));
            timeRange(out, start, start + 1 + random.nextInt(5));
        }
        if (type.equals("object_detection")) {
            box(
                    out,
                    new Box(
                            random.nextInt(VIDEO_WIDTH / 2),
                            random.nextInt(VIDEO_HEIGHT / 2),
                            40 + random.nextInt(400),
                            40 + random.nextInt(300)));
        }
        out.raw(",\"confidence\":").number(0.5 + 0.5 * random.nextDouble()).raw(",\"metadata\":{");
        switch (type) {
            case "object_detection" ->
                    out.raw("\"object_class\":").text(OBJECTS[random.nextInt(OBJECTS.length)]);
            case "scene_analysis" ->
                    out.raw("\"scene_description\":").text(SCENES[random.nextInt(SCENES.length)]);
            default ->
                    out.raw("\"language\":\"en\",\"text\":")
                            .text(SENTENCES[random.nextInt(SENTENCES.length)]);
        }
        out.raw("}}").end();
    }

    void dossier(int number, long now) {
        SplittableRandom random = seeds.random(Seeds.Purpose.DOSSIER, number);
        JsonLines out = document("dossiers");
        out.raw(",\"dossier_id\":").text(uuid(Seeds.Purpose.DOSSIER, number + 1L));
        out.raw(",\"title\":").text("Dossier " + (number + 1));
        long created = now - 86_400_000L * random.nextInt(700);
        out.raw(",\"created_at\":" + date(created) + ",\"last_updated\":" + date(created));
        out.raw(",\"status\":").text(STATES[random.nextInt(STATES.length)]);
        out.raw(",\"media_items\":[");
        int wanted = Math.min(options.media(), 1 + random.nextInt(8));
        int first = random.nextInt(options.media());
        int step = Math.max(1, options.media() / wanted);
        for (int i = 0; i < wanted; i++) {
            int medium = (int) ((first + (long) i * step) % options.media());
            out.raw(i == 0 ? "" : ",").text(uuid(Seeds.Purpose.MEDIUM_ID, medium));
        }
        out.raw("],\"persons\":[],\"events\":[],\"summary\":\"\",\"tags\":[\"synthetic\"]");
        out.raw(",\"metadata\":{}}").end();
    }

    @Override
    public void close() throws IOException {
        for (JsonLines file : files.values()) {
            file.close();
        }
        truth.close();
        labels.close();
    }
}
