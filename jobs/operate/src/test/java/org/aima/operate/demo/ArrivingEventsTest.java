package org.aima.operate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the demo tells the topics is what the streams' schemas ask for. */
class ArrivingEventsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", ".")).resolve("../..").normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonSchema schema(String path) throws Exception {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(ROOT.resolve(path)));
    }

    @Test
    void everyEventKeepsItsSchema() throws Exception {
        JsonSchema embeddings =
                schema("person-clustering/src/main/resources/schema/new-embedding.json");
        JsonSchema changes =
                schema("dossier-aggregation/src/main/resources/change-event.schema.json");
        ArrivingEvents arriving = new ArrivingEvents(ROOT.resolve("samples/arriving"));
        List<ArrivingEvents.Event> events = arriving.of("dossier");
        for (ArrivingEvents.Event event : events) {
            JsonSchema schema =
                    event.topic().equals(ArrivingEvents.EMBEDDINGS) ? embeddings : changes;
            assertThat(schema.validate(JSON.readTree(event.text()))).as(event.key()).isEmpty();
        }
        assertThat(events).hasSize(arriving.faces().size() + arriving.media().size() + 1);
        assertThat(new HashSet<>(arriving.faces())).hasSize(arriving.faces().size()).isNotEmpty();
        assertThat(new HashSet<>(arriving.media())).hasSize(arriving.media().size()).isNotEmpty();
        assertThat(changes.validate(JSON.readTree(events.get(0).text())))
                .as("the schemas tell events apart")
                .isNotEmpty();
    }
}
