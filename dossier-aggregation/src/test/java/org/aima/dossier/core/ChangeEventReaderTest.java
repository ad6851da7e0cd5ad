package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event may look like, and what becomes of one that does not. */
class ChangeEventReaderTest {
    private final ChangeEventReader reader = new ChangeEventReader("kafka:changes");

    private ChangeEventReader.Reading read(byte[] value) {
        return reader.read(new ChangeMessage(3, 17, 1_000, value));
    }

    private ChangeEventReader.Reading read(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "result_added",
                "result_changed",
                "result_archived",
                "result_erased",
                "media_changed"
            })
    void aResultOrMediumNamesTheMedium(String kind) {
        ChangeEvent event =
                read("{\"version\":1,\"event\":\"" + kind + "\",\"media_id\":\"m\"}").event();
        assertThat(event.mediaIds()).containsExactly("m");
        assertThat(event.personIds()).isEmpty();
        assertThat(event.dossierIds()).isEmpty();
        assertThat(event.atMillis()).isEqualTo(1_000);
        assertThat(read("{\"version\":1,\"event\":\"" + kind + "\",\"person_id\":\"m\"}").reject())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"person_changed", "person_erased"})
    void aPersonIsNamed(String kind) {
        ChangeEvent event =
                read("{\"version\":1,\"event\":\"" + kind + "\",\"person_id\":\"p\"}").event();
        assertThat(event.personIds()).containsExactly("p");
        assertThat(read("{\"version\":1,\"event\":\"" + kind + "\"}").reject()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"person_merged", "person_split"})
    void mergesAndSplitsNameAllPersons(String kind) {
        String start = "{\"version\":1,\"event\":\"" + kind + "\",\"person_id\":\"p\"";
        ChangeEvent event = read(start + ",\"other_person_ids\":[\"q\",\"r\"]}").event();
        assertThat(event.personIds()).containsExactly("p", "q", "r");
        assertThat(read(start + "}").reject()).isNotNull();
        assertThat(read(start + ",\"other_person_ids\":[]}").reject()).isNotNull();
    }

    @Test
    void anEditNamesTheDossier() {
        assertThat(
                        read("{\"version\":1,\"event\":\"dossier_edited\",\"dossier_id\":\"d\"}")
                                .event()
                                .dossierIds())
                .containsExactly("d");
        assertThat(read("{\"version\":1,\"event\":\"dossier_edited\"}").reject()).isNotNull();
    }

    @Test
    void fieldsOfLaterWritersAreIgnored() {
        assertThat(
                        read("{\"version\":1,\"event\":\"media_changed\",\"media_id\":\"m\","
                                        + "\"why\":{\"who\":[1,2]}}")
                                .event())
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "not json at all|not_json",
                "{\"version\":1,|not_json",
                "{\"version\":1} {}|not_json",
                "{\"version\":2,\"event\":\"media_changed\",\"media_id\":\"m\"}|unsupported_version",
                "~~|against_schema",
                "[]|against_schema",
                "null|against_schema",
                "{\"event\":\"media_changed\",\"media_id\":\"m\"}|against_schema",
                "{\"version\":\"1\",\"event\":\"media_changed\",\"media_id\":\"m\"}|against_schema",
                "{\"version\":1,\"event\":\"exploded\",\"media_id\":\"m\"}|against_schema",
                "{\"version\":1,\"event\":\"media_changed\",\"media_id\":7}|against_schema",
                "{\"version\":1,\"event\":\"media_changed\",\"media_id\":\"\"}|against_schema",
            })
    void poisonIsRejectedWithItsPlace(String text, String reason) {
        var reading = read(text);
        assertThat(reading.event()).isNull();
        assertThat(reading.reject().reason()).isEqualTo(reason);
        assertThat(reading.reject().source()).isEqualTo("kafka:changes");
        assertThat(reading.reject().key()).isEqualTo("3/17");
        assertThat(reading.reject().detail()).isNotEmpty();
    }

    @Test
    void bytesThatAreNoTextAreRejected() {
        for (byte[] bytes : List.of(new byte[] {(byte) 0xff, (byte) 0xfe}, new byte[0])) {
            assertThat(read(bytes).event()).isNull();
            assertThat(read(bytes).reject()).isNotNull();
        }
    }
}
