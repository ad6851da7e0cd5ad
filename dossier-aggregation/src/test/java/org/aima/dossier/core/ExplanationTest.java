package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

/** Every published value leads to the results it was computed from, and to no others. */
class ExplanationTest {
    private static final AggregationRules RULES = AggregationRules.DEFAULT;

    private static Explanation explanation() {
        DossierRecount recount = new DossierRecount(RULES);
        for (String json :
                List.of(
                        "{result_id: 'f1', media_id: 'm', analysis_type: 'face_detection',"
                                + " time_range: {start_seconds: 0, end_seconds: 9}}",
                        "{result_id: 'f2', media_id: 'm', analysis_type: 'face_detection',"
                                + " time_range: {start_seconds: 2, end_seconds: 5}}",
                        "{result_id: 'v1', media_id: 'n', analysis_type: 'speaker_diarization',"
                                + " confidence: 0.25, time_range: {start_seconds: 1,"
                                + " end_seconds: 8}}",
                        "{result_id: 'o1', media_id: 'n', analysis_type: 'object_detection',"
                                + " metadata: {object_class: 'car', tags: ['street']}}",
                        "{result_id: 'o2', media_id: 'n', analysis_type: 'object_detection',"
                                + " metadata: {object_class: 'dog'}}")) {
            recount.add(DocumentReader.result(BsonDocument.parse(json)));
        }
        recount.add(
                DocumentReader.summary(
                        BsonDocument.parse(
                                "{media_id: 'n', analysis_type: 'speaker_diarization', file:"
                                        + " 'a.parquet', row_group: 3, result_ids: ['v2']}")));
        recount.add(
                DocumentReader.person(
                        BsonDocument.parse(
                                "{person_id: 'ann', face_embeddings: [{source_result_id: 'f1'}],"
                                        + " voice_embeddings: [{source_result_id: 'v1'},"
                                        + " {source_result_id: 'v2'}]}")));
        recount.add(
                DocumentReader.person(
                        BsonDocument.parse(
                                "{person_id: 'ben', face_embeddings: [{source_result_id:"
                                        + " 'f2'}]}")));
        BsonDocument dossier =
                BsonDocument.parse("{_id: 'd', dossier_id: 'd', media_items: ['m', 'n']}");
        dossier.putAll(
                BsonBytes.decode(recount.rebuild(DocumentReader.dossier(dossier)).content()));
        dossier.getArray("events").add(BsonDocument.parse("{event_id: 'hand'}"));
        return new Explanation(dossier, recount.results(Set.of("m", "n")));
    }

    private static List<String> resultsOf(List<String> lines) {
        return lines.stream()
                .filter(l -> l.startsWith("  "))
                .map(l -> l.strip().split(" ")[0])
                .toList();
    }

    private static String event(Explanation explanation, String description) {
        return explanation.known().stream()
                .filter(f -> f.startsWith("events."))
                .filter(f -> explanation.of(f).get(0).contains(description))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPersonLeadsToItsResultsLiveAndArchived() {
        List<String> lines = explanation().of("persons.ann");
        assertThat(resultsOf(lines)).containsExactly("f1", "v1", "v2");
        assertThat(lines.get(0)).contains("relevance_score", "screen 9.0 s, speech 7.0 s");
        assertThat(lines)
                .anySatisfy(l -> assertThat(l).contains("v1", "1.000-8.000 s", "0.25", "live"))
                .anySatisfy(l -> assertThat(l).contains("v2", "archived in a.parquet#3"));
    }

    @Test
    void anEventLeadsToTheResultsOfItsKind() {
        Explanation explanation = explanation();
        assertThat(resultsOf(explanation.of(event(explanation, "seen together"))))
                .containsExactly("f1", "f2");
        assertThat(resultsOf(explanation.of(event(explanation, "speaks"))))
                .containsExactly("v1", "v2");
        assertThat(explanation.of("events.hand")).containsExactly("made by people; not computed");
    }

    @Test
    void countsLeadToTheResultsThatAreCounted() {
        Explanation explanation = explanation();
        assertThat(resultsOf(explanation.of("top_objects.car"))).containsExactly("o1");
        assertThat(resultsOf(explanation.of("top_tags.street"))).containsExactly("o1");
        assertThat(resultsOf(explanation.of("results.object_detection")))
                .containsExactly("o1", "o2");
        assertThat(resultsOf(explanation.of("results"))).hasSize(6);
    }

    @Test
    void whatTheDossierHasNotIsSaidSo() {
        Explanation explanation = explanation();
        assertThat(explanation.of("persons.eve")).isEmpty();
        assertThat(explanation.of("title")).isEmpty();
        assertThat(explanation.known()).contains("persons.ann", "persons.ben");
    }
}
