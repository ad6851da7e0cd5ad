package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Ids are functions of content, shaped as version 8 UUIDs. */
class PersonIdsTest {
    @Property
    void idIsAVersion8UuidOfItsContent(@ForAll String embeddingId) {
        String id = PersonIds.fromSmallestMember("face_embeddings", embeddingId);
        UUID parsed = UUID.fromString(id);
        assertThat(parsed).hasToString(id);
        assertThat(parsed.version()).isEqualTo(8);
        assertThat(parsed.variant()).isEqualTo(2);
        assertThat(PersonIds.fromSmallestMember("face_embeddings", embeddingId)).isEqualTo(id);
        assertThat(PersonIds.fromSmallestMember("voice_embeddings", embeddingId)).isNotEqualTo(id);
    }

    @Property
    void differentMembersGiveDifferentIds(@ForAll String a, @ForAll String b) {
        assertThat(
                        PersonIds.fromSmallestMember("c", a)
                                .equals(PersonIds.fromSmallestMember("c", b)))
                .isEqualTo(a.equals(b));
        assertThat(PersonIds.documentId(a).equals(PersonIds.documentId(b))).isEqualTo(a.equals(b));
    }

    // A change here would give every person of every installation a second document.
    @Property(tries = 1)
    void idsAreTheSameInEveryRelease() {
        assertThat(PersonIds.fromSmallestMember("face_embeddings", "f-1"))
                .isEqualTo("b16df9f0-c08b-8ed0-958d-bb397875055a");
        assertThat(PersonIds.documentId("p-1")).hasToString("460c304e50bf55dc959a8f34");
    }
}
