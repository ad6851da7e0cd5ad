package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.ObjectId;

/** Documents of a small world; the same seed gives the same ones. */
public final class RandomWorld {
    public final List<BsonDocument> media = new ArrayList<>();
    public final List<BsonDocument> results = new ArrayList<>();
    public final List<BsonDocument> summaries = new ArrayList<>();
    public final List<BsonDocument> persons = new ArrayList<>();
    public final List<BsonDocument> aliases = new ArrayList<>();
    public final List<BsonDocument> dossiers = new ArrayList<>();

    private static final List<String> TYPES =
            List.of(
                    Detection.FACE,
                    Detection.FACE,
                    Detection.FACE,
                    Detection.VOICE,
                    Detection.VOICE,
                    Detection.TRANSCRIPT,
                    Detection.OBJECT,
                    Detection.SCENE);
    private static final List<String> KINDS = List.of("video", "video", "audio", "image");

    private final Random random;
    private int ids;

    public RandomWorld(long seed, int mediaCount, int personCount, int dossierCount) {
        random = new Random(seed);
        List<BsonDocument> members = new ArrayList<>();
        for (int p = 0; p < personCount; p++) {
            members.add(
                    new BsonDocument("_id", id())
                            .append("person_id", new BsonString("person-" + p))
                            .append("face_embeddings", new BsonArray())
                            .append("voice_embeddings", new BsonArray()));
        }
        for (int m = 0; m < mediaCount; m++) {
            medium("medium-" + m, members);
        }
        persons.addAll(members);
        for (int d = 0; d < dossierCount; d++) {
            dossier("dossier-" + d, mediaCount);
        }
    }

    private BsonObjectId id() {
        return new BsonObjectId(new ObjectId("%024x".formatted(++ids)));
    }

    private void medium(String mediaId, List<BsonDocument> members) {
        String kind = KINDS.get(random.nextInt(KINDS.size()));
        media.add(
                new BsonDocument("_id", id())
                        .append("media_id", new BsonString(mediaId))
                        .append("type", new BsonString(kind))
                        .append(
                                "upload_timestamp",
                                new BsonDateTime(1_700_000_000_000L + random.nextInt() * 9_000L))
                        .append("duration_seconds", new BsonDouble(random.nextInt(600)))
                        .append("resolution", new BsonString("1920x1080")));
        int count = random.nextInt(40);
        for (int r = 0; r < count; r++) {
            String type = TYPES.get(random.nextInt(TYPES.size()));
            BsonDocument result = result(mediaId, type);
            results.add(result);
            boolean owned = type.equals(Detection.FACE) || type.equals(Detection.VOICE);
            if (owned && !members.isEmpty() && random.nextInt(10) > 0) {
                members.get(random.nextInt(members.size()))
                        .getArray(
                                type.equals(Detection.FACE)
                                        ? "face_embeddings"
                                        : "voice_embeddings")
                        .add(new BsonDocument("source_result_id", result.get("result_id")));
            }
        }
    }

    private BsonDocument result(String mediaId, String type) {
        BsonDocument result =
                new BsonDocument("_id", id())
                        .append("result_id", new BsonString("result-%05d".formatted(ids)))
                        .append("media_id", new BsonString(mediaId))
                        .append("analysis_type", new BsonString(type))
                        .append("confidence", new BsonDouble(random.nextInt(1_001) / 1_000.0));
        if (random.nextInt(8) > 0) {
            double start = random.nextInt(1_200) / 10.0;
            result.append(
                    "time_range",
                    new BsonDocument("start_seconds", new BsonDouble(start))
                            .append(
                                    "end_seconds",
                                    new BsonDouble(start + random.nextInt(80) / 10.0)));
        }
        if (type.equals(Detection.FACE)) {
            result.append(
                    "spatial_location",
                    new BsonDocument("x", new BsonInt32(1))
                            .append("y", new BsonInt32(1))
                            .append("width", new BsonInt32(20 + random.nextInt(300)))
                            .append("height", new BsonInt32(20 + random.nextInt(300))));
        }
        BsonDocument metadata = new BsonDocument();
        if (type.equals(Detection.OBJECT)) {
            metadata.append("object_class", new BsonString("object " + random.nextInt(5)));
        }
        if (type.equals(Detection.SCENE)) {
            metadata.append("scene_description", new BsonString("scene " + random.nextInt(4)));
        }
        if (random.nextInt(4) == 0) {
            metadata.append(
                    "tags", new BsonArray(List.of(new BsonString("tag " + random.nextInt(3)))));
        }
        return result.append("metadata", metadata);
    }

    private void dossier(String dossierId, int mediaCount) {
        BsonArray listed = new BsonArray();
        for (int m = 0; m < mediaCount; m++) {
            if (random.nextInt(3) == 0) {
                listed.add(new BsonString("medium-" + m));
            }
        }
        if (random.nextInt(3) == 0) {
            listed.add(new BsonString("no-such-medium"));
        }
        dossiers.add(
                new BsonDocument("_id", id())
                        .append("dossier_id", new BsonString(dossierId))
                        .append("title", new BsonString("Title of " + dossierId))
                        .append("status", new BsonString("draft"))
                        .append("media_items", listed)
                        .append("persons", new BsonArray())
                        .append(
                                "events",
                                new BsonArray(
                                        List.of(
                                                new BsonDocument(
                                                        "event_id",
                                                        new BsonString("by hand " + dossierId)))))
                        .append("summary", new BsonString(random.nextBoolean() ? "" : "A text."))
                        .append("tags", new BsonArray())
                        .append("metadata", new BsonDocument("shelf", new BsonInt32(7))));
    }

    /** The same documents in another order. */
    public RandomWorld shuffle(long seed) {
        Random order = new Random(seed);
        for (List<BsonDocument> documents :
                List.of(media, results, summaries, persons, aliases, dossiers)) {
            Collections.shuffle(documents, order);
        }
        return this;
    }

    public DossierRecount recount(AggregationRules rules) {
        DossierRecount recount = new DossierRecount(rules);
        media.forEach(d -> recount.add(DocumentReader.medium(d)));
        results.forEach(d -> recount.add(DocumentReader.result(d)));
        summaries.forEach(d -> recount.add(DocumentReader.summary(d)));
        persons.forEach(d -> recount.add(DocumentReader.person(d)));
        for (BsonDocument alias : aliases) {
            PersonAlias read = DocumentReader.alias(alias);
            if (read != null) {
                recount.add(read);
            }
        }
        return recount;
    }
}
