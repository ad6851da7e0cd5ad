package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

/** A summary is stale when the dossier shows something else than when the text was first seen. */
class SummaryWatchTest {
    private static BsonArray persons(String... ids) {
        BsonArray persons = new BsonArray();
        for (String id : ids) {
            persons.add(new BsonDocument("person_id", new BsonString(id)));
        }
        return persons;
    }

    private static BsonDocument metadata(long results) {
        return new BsonDocument("results", new BsonDocument("total", new BsonInt64(results)));
    }

    private static BsonDocument dossier(String summary, BsonArray persons) {
        return new BsonDocument("summary", new BsonString(summary)).append("persons", persons);
    }

    private static BsonDocument published(BsonDocument dossier, BsonDocument state, long results) {
        BsonDocument aggregation = metadata(results).append("version", new BsonInt64(1));
        if (state != null) {
            aggregation.append("summary", state);
        }
        return dossier.clone().append("metadata", new BsonDocument("aggregation", aggregation));
    }

    @Test
    void withoutATextThereIsNothingToWatch() {
        assertThat(
                        SummaryWatch.state(
                                dossier(" ", persons()), persons("a"), persons(), metadata(1)))
                .isNull();
    }

    @Test
    void tellsWhatChangedSinceTheTextWasFirstSeenUntilItIsWrittenAnew() {
        BsonDocument first = published(dossier("About a and b.", persons("a", "b")), null, 10);

        BsonDocument same =
                SummaryWatch.state(first, persons("a", "b"), new BsonArray(), metadata(10));
        assertThat(same.get("stale")).isEqualTo(BsonBoolean.FALSE);
        assertThat(same).doesNotContainKey("changed_since");

        BsonDocument stale =
                SummaryWatch.state(
                        published(dossier("About a and b.", persons("a", "b")), same, 10),
                        persons("a", "c"),
                        new BsonArray(),
                        metadata(12));
        assertThat(stale.get("stale")).isEqualTo(BsonBoolean.TRUE);
        BsonDocument changes = stale.getDocument("changed_since");
        assertThat(changes.getArray("persons_added")).containsExactly(new BsonString("c"));
        assertThat(changes.getArray("persons_removed")).containsExactly(new BsonString("b"));
        assertThat(changes.getDocument("results"))
                .isEqualTo(
                        new BsonDocument("before", new BsonInt64(10))
                                .append("now", new BsonInt64(12)));

        // A further run keeps the facts the text was written on, not those of the last run.
        BsonDocument later = published(dossier("About a and b.", persons("a", "c")), stale, 12);
        assertThat(SummaryWatch.state(later, persons("a", "c"), new BsonArray(), metadata(12)))
                .isEqualTo(stale);

        BsonDocument rewritten = published(dossier("About a and c.", persons("a", "c")), stale, 12);
        assertThat(
                        SummaryWatch.state(
                                        rewritten, persons("a", "c"), new BsonArray(), metadata(12))
                                .get("stale"))
                .isEqualTo(BsonBoolean.FALSE);
    }
}
