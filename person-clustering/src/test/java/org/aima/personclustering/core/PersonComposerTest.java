package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.jobs.model.BsonBytes;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** A person's document is a function of its members, and leaves alone what people own. */
class PersonComposerTest {
    private static final String PERSON = "p-1";
    private static final int DOCUMENT_LIMIT = 16 << 20;
    private static final PersonComposer COMPOSER = new PersonComposer(1, 0.2);

    private static AssignedMember member(Random random, int number) {
        boolean face = random.nextBoolean();
        double start = random.nextInt(100) / 4.0;
        String[] clothing = random.nextBoolean() ? new String[] {"hat", "coat"} : new String[0];
        return new AssignedMember(
                PERSON,
                random.nextDouble(),
                new Member(
                        face ? "face_embeddings" : "voice_embeddings",
                        "_default",
                        "e-" + number,
                        "",
                        "m-" + random.nextInt(4),
                        "r-" + number,
                        random.nextDouble(),
                        random.nextInt(4) > 0,
                        start,
                        start + random.nextInt(20) / 4.0,
                        random.nextBoolean() ? Double.NaN : 20 + random.nextInt(40),
                        random.nextBoolean() ? "" : random.nextBoolean() ? "male" : "female",
                        random.nextDouble(),
                        clothing,
                        random.nextInt(3) == 0 ? new String[] {"scar"} : new String[0]));
    }

    private static List<AssignedMember> members(long seed) {
        Random random = new Random(seed);
        List<AssignedMember> members = new ArrayList<>();
        int size = 1 + random.nextInt(30);
        for (int i = 0; i < size; i++) {
            members.add(member(random, i));
        }
        return members;
    }

    private static PersonWrite compose(BsonDocument existing, List<AssignedMember> members) {
        return COMPOSER.compose(PERSON, existing, members, "", Set.of(), 1_000);
    }

    /** The document as it is stored after the write. */
    private static BsonDocument stored(BsonDocument existing, PersonWrite write) {
        BsonDocument document = BsonBytes.decode(write.documentId());
        if (existing == null) {
            document.putAll(BsonBytes.decode(write.setOnInsert()));
        } else {
            document.putAll(existing);
        }
        document.putAll(BsonBytes.decode(write.set()));
        return document;
    }

    @Property(tries = 300)
    void orderOfMembersDoesNotMatter(@ForAll long seed, @ForAll Random random) {
        List<AssignedMember> members = members(seed);
        List<AssignedMember> shuffled = new ArrayList<>(members);
        Collections.shuffle(shuffled, random);
        assertThat(compose(null, shuffled).set()).isEqualTo(compose(null, members).set());
    }

    @Property(tries = 300)
    void composingAgainOverItsOwnResultChangesNothing(@ForAll long seed) {
        List<AssignedMember> members = members(seed);
        PersonWrite first = compose(null, members);
        assertThat(first.kind()).isEqualTo(Kind.CREATE);
        PersonWrite second =
                COMPOSER.compose(PERSON, stored(null, first), members, "", Set.of(), 2_000);
        assertThat(second.kind()).isEqualTo(Kind.UNCHANGED);
        assertThat(second.documentId()).isEqualTo(first.documentId());
    }

    @Property(tries = 300)
    void unseenMembersAreKeptAndComposingAgainChangesNothing(@ForAll long seed) {
        List<AssignedMember> members = members(seed);
        BsonDocument before = stored(null, compose(null, members));
        int split = new Random(seed).nextInt(members.size());
        Set<String> unseen = new java.util.HashSet<>();
        members.subList(0, split).forEach(m -> unseen.add(m.member().key()));
        List<AssignedMember> seen = members.subList(split, members.size());
        PersonWrite write = COMPOSER.compose(PERSON, before, seen, "", unseen, 2_000);
        BsonDocument after = stored(before, write);
        for (String field : List.of("face_embeddings", "voice_embeddings")) {
            assertThat(ids(after, field)).isEqualTo(ids(before, field));
        }
        assertThat(after.get("appearances")).isEqualTo(before.get("appearances"));
        assertThat(COMPOSER.compose(PERSON, after, seen, "", unseen, 3_000).kind())
                .isEqualTo(Kind.UNCHANGED);
    }

    private static List<String> ids(BsonDocument document, String field) {
        return document.getArray(field).stream()
                .map(v -> v.asDocument().getString("embedding_id").getValue())
                .toList();
    }

    @Property(tries = 100)
    void fieldsOfPeopleAreNotTouched(@ForAll long seed) {
        BsonDocument existing = stored(null, compose(null, members(seed)));
        existing.put("name", new BsonString("Ada"));
        existing.put("notes", new BsonString("by hand"));
        PersonWrite write = compose(existing, members(seed + 1));
        BsonDocument set = BsonBytes.decode(write.set());
        assertThat(set.keySet())
                .doesNotContain("name", "notes", "temporary", "person_id", "created_at", "_id");
        assertThat(BsonBytes.decode(write.documentId()).get("_id")).isEqualTo(existing.get("_id"));
    }

    @Example
    void attributesOfAConfirmedPersonStay() {
        BsonDocument existing = stored(null, compose(null, members(1)));
        existing.put("temporary", BsonBoolean.FALSE);
        existing.put("attributes", new BsonDocument("gender", new BsonString("as people said")));
        PersonWrite write = compose(existing, members(2));
        BsonDocument attributes = BsonBytes.decode(write.set()).getDocument("attributes");
        assertThat(attributes.getString("gender").getValue()).isEqualTo("as people said");
        assertThat(compose(stored(existing, write), members(2)).kind()).isEqualTo(Kind.UNCHANGED);
    }

    @Example
    void attributesAreMedianMajorityAndSupported() {
        List<AssignedMember> members = new ArrayList<>();
        double[] ages = {20, 30, 60, Double.NaN};
        String[] genders = {"male", "female", "female", ""};
        double[] weights = {0.9, 0.4, 0.4, 1};
        for (int i = 0; i < ages.length; i++) {
            members.add(
                    new AssignedMember(
                            PERSON,
                            1,
                            new Member(
                                    "face_embeddings",
                                    "_default",
                                    "e-" + i,
                                    "",
                                    "m",
                                    "r-" + i,
                                    0.5,
                                    true,
                                    i,
                                    i + 0.5,
                                    ages[i],
                                    genders[i],
                                    weights[i],
                                    i == 0 ? new String[] {"hat"} : new String[] {"coat", "coat"},
                                    new String[0])));
        }
        BsonDocument set =
                BsonBytes.decode(
                        new PersonComposer(1, 0.5)
                                .compose(PERSON, null, members, "", Set.of(), 1)
                                .set());
        BsonDocument attributes = set.getDocument("attributes");
        assertThat(attributes.getDouble("estimated_age").getValue()).isEqualTo(30);
        assertThat(attributes.getString("gender").getValue()).isEqualTo("male");
        assertThat(attributes.getArray("clothing")).containsExactly(new BsonString("coat"));
        BsonDocument appearance = set.getArray("appearances").get(0).asDocument();
        assertThat(appearance.getArray("time_ranges")).hasSize(1);
        assertThat(appearance.getArray("result_ids")).hasSize(4);
        assertThat(set.getDouble("confidence").getValue()).isCloseTo(1, within(1e-9));
    }

    @Example
    void hugePersonFitsIntoADocument() {
        List<AssignedMember> members = new ArrayList<>();
        int size = PersonComposer.MAX_LISTED_MEMBERS + 5_000;
        Random random = new Random(1);
        for (int i = 0; i < size; i++) {
            // Each in a medium of its own with a time range: the most bytes a member can take.
            members.add(
                    new AssignedMember(
                            PERSON,
                            i < 5_000 ? 0.1 : 0.9,
                            new Member(
                                    "face_embeddings",
                                    "_default",
                                    new UUID(random.nextLong(), i).toString(),
                                    "",
                                    new UUID(random.nextLong(), i).toString(),
                                    new UUID(random.nextLong(), i).toString(),
                                    0.9,
                                    true,
                                    1,
                                    2,
                                    Double.NaN,
                                    "",
                                    0,
                                    new String[0],
                                    new String[0])));
        }
        PersonWrite write = compose(null, members);
        assertThat(write.set().length + write.setOnInsert().length).isLessThan(DOCUMENT_LIMIT);
        BsonDocument set = BsonBytes.decode(write.set());
        assertThat(set.getInt32("members_total").getValue()).isEqualTo(size);
        assertThat(set.getArray("face_embeddings"))
                .hasSize(PersonComposer.MAX_LISTED_MEMBERS)
                .allMatch(v -> confidence(v) == 0.9);
        assertThat(write.faces()).isEqualTo(PersonComposer.MAX_LISTED_MEMBERS);
    }

    private static double confidence(BsonValue entry) {
        return entry.asDocument().getDouble("confidence").getValue();
    }

    @Example
    void mergeDeletesTheStoredDocument() {
        BsonDocument existing = new BsonDocument("_id", new BsonString("own id"));
        PersonWrite write = PersonComposer.merge(PERSON, existing, "p-2");
        assertThat(write.kind()).isEqualTo(Kind.MERGE);
        assertThat(BsonBytes.decode(write.documentId())).isEqualTo(existing);
        assertThat(write.mergedInto()).isEqualTo("p-2");
    }

    @Property(tries = 300)
    void whatJoinsLaterIsListedAsIfItHadBeenThereButAttributesStay(@ForAll long seed) {
        List<AssignedMember> members = members(seed);
        int first = 1 + (int) Math.floorMod(seed, (long) members.size());
        PersonWrite created = compose(null, members.subList(0, first));
        BsonDocument before = stored(null, created);
        PersonWrite extended = COMPOSER.extend(PERSON, before, members, 2_000);
        BsonDocument after = stored(before, extended);
        BsonDocument whole = stored(null, compose(null, members));
        for (String same : List.of("face_embeddings", "voice_embeddings")) {
            assertThat(after.get(same)).isEqualTo(whole.get(same));
        }
        assertThat(
                        after.getArray("appearances").stream()
                                .map(a -> a.asDocument().get("result_ids"))
                                .toList())
                .isEqualTo(
                        whole.getArray("appearances").stream()
                                .map(a -> a.asDocument().get("result_ids"))
                                .toList());
        assertThat(after.get("attributes")).isEqualTo(before.get("attributes"));
        assertThat(after.getDouble("confidence").getValue())
                .isCloseTo(whole.getDouble("confidence").getValue(), within(1e-5));
        assertThat(extended.kind())
                .isEqualTo(first == members.size() ? Kind.UNCHANGED : Kind.UPDATE);
        assertThat(COMPOSER.extend(PERSON, after, members, 3_000).kind()).isEqualTo(Kind.UNCHANGED);
    }
}
