package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import net.jqwik.api.Example;
import org.bson.BsonDocument;

/** Documents are read for what they say, and what is missing is not made up. */
class DocumentReaderTest {
    private static final String BOX = "spatial_location: {x: 10, y: 20.5, width: 30, height: 40}";

    private static ResultFacts result(String... fields) {
        return DocumentReader.result(
                BsonDocument.parse("{result_id: 'r', " + String.join(", ", fields) + "}"));
    }

    private static Sighting sighting(String... fields) {
        return result(fields).sighting();
    }

    private static String medium(String id) {
        return "media_id: '" + id + "'";
    }

    private static String frame(int number) {
        return "metadata: {frame: " + number + "}";
    }

    private static String range(double start, double end) {
        return "time_range: {start_seconds: " + start + ", end_seconds: " + end + "}";
    }

    @Example
    void sightingIsTheBoxInItsFrame() {
        Sighting sighting = sighting(medium("m"), frame(3), BOX);
        assertThat(sighting.box()).containsExactly(10, 20.5f, 30, 40);
        assertThat(sighting.frame()).isNotZero();
    }

    @Example
    void pictureIsMediumAndFrame() {
        long frame = sighting(medium("m"), frame(3), BOX).frame();
        // The frame tells the instant, whatever the range around it.
        assertThat(sighting(medium("m"), frame(3), range(1, 2), BOX).frame()).isEqualTo(frame);
        assertThat(sighting(medium("m"), "metadata: {frame: 3.0}", BOX).frame()).isEqualTo(frame);
        assertThat(sighting(medium("m"), frame(4), BOX).frame()).isNotEqualTo(frame);
        assertThat(sighting(medium("n"), frame(3), BOX).frame()).isNotEqualTo(frame);
    }

    @Example
    void withoutAFrameNumberThePictureIsMediumAndTime() {
        long frame = sighting(medium("m"), range(1, 2), BOX).frame();
        assertThat(frame).isNotZero();
        assertThat(sighting(medium("m"), range(1, 2), BOX).frame()).isEqualTo(frame);
        assertThat(sighting(medium("m"), range(1, 3), BOX).frame()).isNotEqualTo(frame);
        assertThat(sighting(medium("m"), range(0, 2), BOX).frame()).isNotEqualTo(frame);
        assertThat(sighting(medium("n"), range(1, 2), BOX).frame()).isNotEqualTo(frame);
    }

    @Example
    void withoutBoxOrInstantNothingIsKnown() {
        String at = frame(3);
        assertThat(
                        List.of(
                                sighting(medium("m"), at),
                                sighting(medium("m"), BOX),
                                sighting(medium("m"), "time_range: {start_seconds: 1}", BOX),
                                sighting(medium("m"), "metadata: {frame: 'three'}", BOX),
                                sighting(medium("m"), at, "spatial_location: null"),
                                sighting(medium("m"), at, "spatial_location: 'left'"),
                                sighting(medium("m"), at, "spatial_location: {x: 1, y: 1}"),
                                sighting(
                                        medium("m"),
                                        at,
                                        "spatial_location: {x: 1, width: 5, height: 5}"),
                                sighting(
                                        medium("m"),
                                        at,
                                        "spatial_location: {x: 1, y: 1, width: 0, height: 5}")))
                .containsOnly(Sighting.UNKNOWN);
    }

    @Example
    void missingPlaceIsNoProblem() {
        ResultFacts facts = result(medium("m"), range(1, 2));
        assertThat(facts.problem()).isEmpty();
        assertThat(facts.hasTimeRange()).isTrue();
        assertThat(result(medium("m")).hasTimeRange()).isFalse();
    }

    private static KnownIdentity alias(String document) {
        return DocumentReader.alias(BsonDocument.parse(document));
    }

    @Example
    void aliasesAreMergedUnlessTheySaySo() {
        assertThat(alias("{old_id: 'p', new_id: 'q', reason: 'split'}"))
                .isEqualTo(KnownIdentity.of(new PersonAlias("p", "q", PersonAlias.SPLIT)));
        assertThat(alias("{old_id: 'p', new_id: 'q', reason: 'merged'}"))
                .isEqualTo(KnownIdentity.of(new PersonAlias("p", "q", PersonAlias.MERGED)));
        assertThat(alias("{old_id: 'p', new_id: 'q'}"))
                .isEqualTo(KnownIdentity.of(new PersonAlias("p", "q", PersonAlias.MERGED)));
    }

    @Example
    void aliasWithoutBothIdsSaysNothing() {
        assertThat(alias("{old_id: 'p'}")).isNull();
        assertThat(alias("{new_id: 'p'}")).isNull();
        assertThat(alias("{old_id: 'p', new_id: 5}")).isNull();
    }

    private static PersonConstraint constraint(String document) {
        KnownIdentity known = DocumentReader.constraint(BsonDocument.parse(document));
        return known == null ? null : known.constraint();
    }

    @Example
    void kindsOfConstraintMayBeSpelledEitherWay() {
        for (String kind : List.of("must-link", "must_link")) {
            assertThat(constraint("{_id: 'c', kind: '" + kind + "', a: 'x', b: 'y'}"))
                    .isEqualTo(new PersonConstraint("c", PersonConstraint.MUST_LINK, "x", "y"));
        }
        for (String kind : List.of("cannot-link", "cannot_link")) {
            assertThat(constraint("{_id: 'c', kind: '" + kind + "', a: 'x', b: 'y'}"))
                    .isEqualTo(new PersonConstraint("c", PersonConstraint.CANNOT_LINK, "x", "y"));
        }
    }

    @Example
    void constraintIsKnownByItsId() {
        String said = "kind: 'must-link', a: 'x', b: 'y'}";
        String id = "65f000000000000000000001";
        assertThat(Objects.requireNonNull(constraint("{_id: {$oid: '" + id + "'}, " + said)).id())
                .isEqualTo(id);
        assertThat(Objects.requireNonNull(constraint("{" + said)).id()).isEqualTo("must-link x y");
    }

    @Example
    void constraintThatIsNotWholeIsNotUsable() {
        assertThat(constraint("{_id: 'c', kind: 'must-link', a: 'x', b: 'y'}").usable()).isTrue();
        for (String document :
                List.of(
                        "{_id: 'c', a: 'x', b: 'y'}",
                        "{_id: 'c', kind: 'maybe', a: 'x', b: 'y'}",
                        "{_id: 'c', kind: 'must-link', b: 'y'}",
                        "{_id: 'c', kind: 'must-link', a: 'x', b: 7}")) {
            assertThat(constraint(document).usable()).as(document).isFalse();
        }
    }

    private static ExistingPerson person(String document) {
        return DocumentReader.person(BsonDocument.parse(document));
    }

    @Example
    void personIsConfirmedWhenItIsSaidNotToBeTemporary() {
        assertThat(Objects.requireNonNull(person("{person_id: 'p', temporary: false}")).confirmed())
                .isTrue();
        for (String other : List.of("true", "null", "'false'", "0")) {
            assertThat(
                            Objects.requireNonNull(
                                            person("{person_id: 'p', temporary: " + other + "}"))
                                    .confirmed())
                    .as(other)
                    .isFalse();
        }
        assertThat(Objects.requireNonNull(person("{person_id: 'p'}")).confirmed()).isFalse();
    }

    @Example
    void membersOfAPersonAreKeysOfBothCollections() {
        ExistingPerson person =
                Objects.requireNonNull(
                        person(
                                "{person_id: 'p', voice_embeddings: [{embedding_id: 'b'}],"
                                        + " face_embeddings: [{embedding_id: 'a'}, 'no entry']}"));
        assertThat(person.memberKeys())
                .containsExactlyInAnyOrder("face_embeddings/a", "voice_embeddings/b");
        assertThat(person("{face_embeddings: [{embedding_id: 'a'}]}")).isNull();
    }
}
