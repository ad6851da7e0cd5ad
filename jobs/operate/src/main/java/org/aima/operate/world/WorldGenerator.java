package org.aima.operate.world;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.operate.progress.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Makes a world whose truth is known; the same options give the same bytes.
 *
 * <p>Media are filled one after the other with scenes: persons appear in tracks, several in one
 * frame, and speak while they are seen or off screen. Memory grows with persons and media only.
 */
public final class WorldGenerator {
    private static final Instant NEWEST = Instant.parse("2026-10-01T00:00:00Z");
    private static final long SPAN_MILLIS = 730L * 86_400_000;
    private static final int FRAMES_PER_SECOND = 25;
    private static final int CAST = 7;
    private static final double FROM_CAST = 0.85;
    private static final double CROWD = 0.06;
    private static final double ON_SCREEN = 0.8;
    private static final double NEAR_DUPLICATE = 0.03;
    private static final double SHAKE = 0.003;
    private static final int MAX_FACES_OF_IMAGE = 6;
    private static final int ROWS_PER_NOTICE = 1_000;

    private final GeneratorOptions options;
    private final Seeds seeds;

    public WorldGenerator(GeneratorOptions options) {
        options.check();
        this.options = options;
        this.seeds = new Seeds(options.seed());
    }

    /** Writes the world into a directory that does not exist yet or is empty. */
    public GeneratorReport generate(Path out, ProgressListener progress) {
        requireEmpty(out);
        Sources sources = sources();
        try (WorldWriter writer = new WorldWriter(out, options, seeds)) {
            Scenes scenes = new Scenes(sources, writer, progress);
            scenes.write();
            for (int d = 0; d < options.dossiers(); d++) {
                writer.dossier(d, NEWEST.toEpochMilli());
            }
            describe(out, sources, writer.poison());
            return new GeneratorReport(writer.lines(), writer.poison());
        } catch (IOException e) {
            throw AimaException.failed("cannot write " + out + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw AimaException.failed("cannot write " + out + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates the directory.
     *
     * @throws ConfigurationException when something is in it
     */
    static void requireEmpty(Path directory) {
        try {
            Files.createDirectories(directory);
            try (Stream<Path> entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new ConfigurationException(
                            List.of(
                                    new ConfigurationProblem(
                                            "argument",
                                            "DIR",
                                            directory.toString(),
                                            "is not empty; name a new directory")));
                }
            }
        } catch (IOException e) {
            throw new ConfigurationException(
                    List.of(
                            new ConfigurationProblem(
                                    "argument",
                                    "DIR",
                                    directory.toString(),
                                    "cannot be written; name another directory")));
        }
    }

    private record Sources(
            VectorSource faces, VectorSource voices, Population population, String licence) {}

    private Sources sources() {
        Path faceBank = options.faceBank();
        Path voiceBank = options.voiceBank();
        Population drawn =
                Population.of(options.persons(), options.faces(), options.voices(), seeds);
        long[] faceCounts = drawn.faces();
        long[] voiceCounts = drawn.voices();
        VectorSource faces = new SyntheticFaces(seeds, modelOr("synthetic-face-512"));
        VectorSource voices = new SyntheticVoices(seeds, modelOr("synthetic-voice-256"));
        if (faceBank != null) {
            Bank bank =
                    Bank.read(
                            faceBank,
                            "face_embeddings",
                            options.persons(),
                            modelOr("bank-" + faceBank.getFileName()),
                            seeds);
            requireEnough(bank, faceBank);
            faces = bank;
            faceCounts = bank.counts(options.persons(), options.faces());
        }
        if (voiceBank != null) {
            Bank bank =
                    Bank.read(
                            voiceBank,
                            "voice_embeddings",
                            options.persons(),
                            modelOr("bank-" + voiceBank.getFileName()),
                            seeds);
            voices = bank;
            voiceCounts = bank.counts(options.persons(), options.voices());
        }
        String licence =
                faceBank == null && voiceBank == null
                        ? "synthetic, no rights reserved"
                        : "vectors as licensed by the banks " + faceBank + ", " + voiceBank;
        return new Sources(faces, voices, new Population(faceCounts, voiceCounts), licence);
    }

    private String modelOr(String name) {
        return options.model().isEmpty() ? name : options.model();
    }

    private void requireEnough(Bank bank, Path path) {
        if (bank.identities() < options.persons()) {
            throw new ConfigurationException(
                    List.of(
                            new ConfigurationProblem(
                                    "argument",
                                    "--persons",
                                    Integer.toString(options.persons()),
                                    path
                                            + " has "
                                            + bank.identities()
                                            + " identities; ask for at most so many")));
        }
    }

    private void describe(Path out, Sources sources, Map<String, Long> poison) throws IOException {
        Map<String, Object> world = new LinkedHashMap<>();
        world.put("name", "generated-" + options.seed());
        world.put(
                "description",
                "%d persons, %d faces, %d voices, seed %d"
                        .formatted(
                                options.persons(),
                                options.faces(),
                                options.voices(),
                                options.seed()));
        world.put("licence", sources.licence());
        Map<String, Integer> dimensions = new TreeMap<>();
        dimensions.put("face_embeddings", sources.faces().dimension());
        dimensions.put("voice_embeddings", sources.voices().dimension());
        world.put("dimensions", dimensions);
        world.put("poison", poison);
        Files.writeString(
                out.resolve(WorldDirectory.DESCRIPTION_FILE),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(world)
                        + "\n");
    }

    /** Shares persons out over media, scenes and frames. */
    private final class Scenes {
        private final Sources sources;
        private final WorldWriter writer;
        private final ProgressListener progress;
        private final WeightedDraw faces;
        private final WeightedDraw voices;
        private final long[] faceRows;
        private final long[] voiceRows;
        private final float[] face;
        private final float[] voice;
        private final Map<Integer, Long> lastFrames = new TreeMap<>();
        private long tracks;
        private long frames;

        Scenes(Sources sources, WorldWriter writer, ProgressListener progress) {
            this.sources = sources;
            this.writer = writer;
            this.progress = progress;
            this.faces = new WeightedDraw(sources.population().faces());
            this.voices = new WeightedDraw(sources.population().voices());
            this.faceRows = new long[options.persons()];
            this.voiceRows = new long[options.persons()];
            this.face = new float[sources.faces().dimension()];
            this.voice = new float[sources.voices().dimension()];
        }

        void write() {
            double faceWeight = 0;
            double voiceWeight = 0;
            for (int m = 0; m < options.media(); m++) {
                faceWeight += faceWeight(m);
                voiceWeight += voiceWeight(m);
            }
            long rows = faces.total() + voices.total();
            long fillers = Math.max(0, options.results() - rows);
            for (int m = 0; m < options.media(); m++) {
                long faceQuota = quota(faces.total(), faceWeight(m), faceWeight);
                long voiceQuota = quota(voices.total(), voiceWeight(m), voiceWeight);
                faceWeight -= faceWeight(m);
                voiceWeight -= voiceWeight(m);
                if (m == options.media() - 1) {
                    faceQuota = faces.total();
                    voiceQuota = voices.total();
                }
                long fillersHere =
                        fillers * (m + 1) / options.media() - fillers * m / options.media();
                medium(m, faceQuota, voiceQuota, fillersHere, m == options.media() - 1, rows);
                if (writer.rows() % ROWS_PER_NOTICE < faceQuota + voiceQuota) {
                    progress.advance("generate", writer.rows(), rows);
                }
            }
        }

        private static long quota(long total, double weight, double all) {
            return weight <= 0 ? 0 : Math.min(total, Math.round(total * weight / all));
        }

        private String type(int m) {
            // The first and the last are videos: whatever is left over finds a place.
            double kind = seeds.random(Seeds.Purpose.MEDIUM, m).nextDouble();
            return m == 0 || m == options.media() - 1 || kind < 0.6
                    ? "video"
                    : kind < 0.8 ? "image" : "audio";
        }

        private double length(int m) {
            return 0.3 - Math.log(1 - seeds.random(Seeds.Purpose.SCENES, ~m).nextDouble());
        }

        private double faceWeight(int m) {
            return switch (type(m)) {
                case "video" -> length(m);
                case "image" -> 0.05;
                default -> 0;
            };
        }

        private double voiceWeight(int m) {
            return type(m).equals("image") ? 0 : length(m);
        }

        private void medium(
                int m, long faceQuota, long voiceQuota, long fillers, boolean last, long rows) {
            SplittableRandom random = seeds.random(Seeds.Purpose.SCENES, m);
            long uploaded =
                    NEWEST.toEpochMilli()
                            - SPAN_MILLIS
                            + (long)
                                    (SPAN_MILLIS
                                            * seeds.random(Seeds.Purpose.MEDIUM, ~m).nextDouble());
            WorldWriter.Medium medium =
                    new WorldWriter.Medium(
                            m, writer.uuid(Seeds.Purpose.MEDIUM_ID, m), type(m), uploaded);
            double clock = 0;
            if (medium.type().equals("image")) {
                int shown = (int) Math.min(MAX_FACES_OF_IMAGE, faceQuota);
                frame(medium, 0, null, List.copyOf(persons(List.of(), shown, random)), random, 1);
            } else {
                List<Integer> cast = new ArrayList<>(persons(List.of(), CAST, random));
                long facesLeft = faceQuota;
                long voicesLeft = voiceQuota;
                while (facesLeft > 0 && faces.total() > 0) {
                    long before = faces.total();
                    Shot shot = scene(medium, clock, cast, facesLeft, random);
                    long shown = before - faces.total();
                    // Speech keeps pace with pictures.
                    long spoken =
                            facesLeft <= shown
                                    ? Math.min(voicesLeft, 2)
                                    : Math.min(
                                            voicesLeft,
                                            (long)
                                                    (random.nextDouble()
                                                            + (double) voicesLeft
                                                                    * shown
                                                                    / facesLeft));
                    for (long s = 0; s < spoken && voices.total() > 0; s++) {
                        speech(medium, clock, shot, random);
                        voicesLeft--;
                    }
                    facesLeft -= shown;
                    clock += shot.seconds() + 1;
                    if (writer.rows() % ROWS_PER_NOTICE < shown) {
                        progress.advance("generate", writer.rows(), rows);
                    }
                }
                List<Integer> speakers = new ArrayList<>();
                while (voicesLeft > 0 && voices.total() > 0) {
                    if (speakers.isEmpty() || random.nextInt(20) == 0) {
                        speakers.clear();
                        for (int i = 0; i < 3; i++) {
                            speakers.add(voices.draw(random));
                        }
                    }
                    int person = speakers.get(random.nextInt(speakers.size()));
                    if (voices.remaining(person) == 0) {
                        person = voices.draw(random);
                    }
                    double spoken = 2 + 6 * random.nextDouble();
                    voice(medium, person, clock, clock + spoken);
                    clock += spoken;
                    voicesLeft--;
                }
            }
            double duration = Math.ceil(clock + 1);
            // Results missing on purpose are made up for, so that the total is as asked.
            long wanted = last ? Math.max(options.results(), rows) - writer.results() : fillers;
            for (long f = 0; f < wanted; f++) {
                writer.filler(medium, duration, writer.results());
            }
            writer.medium(medium, duration, (int) Math.min(3_600, 1 + faceQuota + voiceQuota));
        }

        /** Who is seen when in a scene, in seconds from its start. */
        private record Shot(List<Integer> persons, List<int[]> presence, int seconds) {}

        private Shot scene(
                WorldWriter.Medium medium,
                double clock,
                List<Integer> cast,
                long quota,
                SplittableRandom random) {
            boolean crowd = random.nextDouble() < CROWD;
            int wanted = crowd ? 5 + random.nextInt(5) : 1 + (random.nextInt(16) + 4) / 8;
            List<Integer> shown = List.copyOf(persons(cast, wanted, random));
            int seconds = crowd ? 1 + random.nextInt(2) : 3 + random.nextInt(10);
            List<int[]> presence = new ArrayList<>();
            List<Long> trackNumbers = new ArrayList<>();
            for (int i = 0; i < shown.size(); i++) {
                int from = i == 0 ? 0 : random.nextInt(Math.max(1, seconds / 2));
                presence.add(new int[] {from, from + 1 + random.nextInt(seconds - from)});
                trackNumbers.add(tracks++);
            }
            lastFrames.clear();
            long left = quota;
            for (int second = 0; second < seconds; second++) {
                List<Integer> here = new ArrayList<>();
                List<Long> hereTracks = new ArrayList<>();
                for (int i = 0; i < shown.size() && here.size() < left; i++) {
                    boolean present = second >= presence.get(i)[0] && second < presence.get(i)[1];
                    if (present && faces.remaining(shown.get(i)) > 0) {
                        here.add(shown.get(i));
                        hereTracks.add(trackNumbers.get(i));
                    }
                }
                frame(medium, clock + second, hereTracks, here, random, shown.size());
                left -= here.size();
            }
            return new Shot(shown, presence, seconds);
        }

        /** Distinct persons that have faces left, mostly of the cast. */
        private Set<Integer> persons(List<Integer> cast, int wanted, SplittableRandom random) {
            Set<Integer> chosen = new LinkedHashSet<>();
            for (int attempt = 0; attempt < 4 * wanted && chosen.size() < wanted; attempt++) {
                boolean fromCast = !cast.isEmpty() && random.nextDouble() < FROM_CAST;
                int person = fromCast ? cast.get(random.nextInt(cast.size())) : -1;
                if (person < 0 || faces.remaining(person) == 0) {
                    if (faces.total() == 0) {
                        break;
                    }
                    person = faces.draw(random);
                }
                chosen.add(person);
            }
            return chosen;
        }

        private void frame(
                WorldWriter.Medium medium,
                double second,
                @Nullable List<Long> trackNumbers,
                List<Integer> shown,
                SplittableRandom random,
                int places) {
            int width = 1_900 / Math.max(places, Math.max(1, shown.size()));
            for (int i = 0; i < shown.size(); i++) {
                int person = shown.get(i);
                long track = trackNumbers == null ? tracks++ : trackNumbers.get(i);
                boolean duplicate = trackNumbers != null && random.nextDouble() < NEAR_DUPLICATE;
                long own = frames++;
                long like = duplicate ? lastFrames.getOrDefault(i, own) : own;
                lastFrames.put(i, like);
                double confidence =
                        sources.faces().fill(person, faceRows[person]++, track, like, face);
                if (like != own && options.faceBank() == null) {
                    shake(face, own);
                }
                int size = Math.min(width - 4, 60 + random.nextInt(200));
                WorldWriter.Box box =
                        new WorldWriter.Box(
                                i * width + random.nextInt(Math.max(1, width - size)),
                                100 + random.nextInt(300),
                                size,
                                size + size / 4);
                faces.take(person);
                writer.detection(
                        "face_embeddings",
                        "face_detection",
                        sources.faces(),
                        new WorldWriter.Detection(
                                person,
                                medium,
                                second,
                                second + 1.0 / FRAMES_PER_SECOND,
                                trackNumbers == null ? null : (int) (second * FRAMES_PER_SECOND),
                                trackNumbers == null ? null : medium.number() + "-" + track,
                                box),
                        face,
                        confidence);
            }
        }

        /** A second shot of the same instant is never quite the same picture. */
        private void shake(float[] vector, long frame) {
            SplittableRandom random = seeds.random(Seeds.Purpose.FRAME, frame);
            for (int i = 0; i < vector.length; i++) {
                vector[i] += (float) (SHAKE * random.nextGaussian());
            }
            Basis.normalize(vector);
        }

        private void speech(
                WorldWriter.Medium medium, double clock, Shot shot, SplittableRandom random) {
            int seen = shot.persons().isEmpty() ? -1 : random.nextInt(shot.persons().size());
            boolean onScreen =
                    seen >= 0
                            && random.nextDouble() < ON_SCREEN
                            && voices.remaining(shot.persons().get(seen)) > 0;
            if (onScreen) {
                int[] present = shot.presence().get(seen);
                double start = clock + present[0] + 0.3 * random.nextDouble();
                double end = Math.max(start + 1, clock + present[1] + random.nextDouble());
                voice(medium, shot.persons().get(seen), start, end);
            } else {
                double start = clock + shot.seconds() * random.nextDouble();
                voice(medium, voices.draw(random), start, start + 1 + 4 * random.nextDouble());
            }
        }

        private void voice(WorldWriter.Medium medium, int person, double start, double end) {
            double confidence =
                    sources.voices().fill(person, voiceRows[person]++, 0, ~frames++, voice);
            voices.take(person);
            writer.detection(
                    "voice_embeddings",
                    "speaker_diarization",
                    sources.voices(),
                    new WorldWriter.Detection(person, medium, start, end, null, null, null),
                    voice,
                    confidence);
        }
    }
}
