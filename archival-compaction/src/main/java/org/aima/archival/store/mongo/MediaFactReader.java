package org.aima.archival.store.mongo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.aima.archival.core.MediaFact;
import org.aima.archival.core.SelectionRules;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;

/** Reads what is known of media from one collection; a document yields any number of facts. */
public final class MediaFactReader implements PageReader<MediaFact> {
    private final Source source;
    private final SelectionRules rules;
    private final MongoPageReader documents;

    /** Where facts come from. */
    public enum Source {
        MEDIA_ITEMS("media_items", List.of("media_id", "processing_status", "classification")),
        DOSSIERS("dossiers", List.of("status", "media_items")),
        PERSONS("persons", List.of("person_id", "appearances.media_id", "appearances.result_ids"));

        private final String collection;
        private final List<String> fields;

        Source(String collection, List<String> fields) {
            this.collection = collection;
            this.fields = fields;
        }
    }

    public MediaFactReader(MongoAddress mongo, Source source, SelectionRules rules) {
        this.source = source;
        this.rules = rules;
        this.documents =
                new MongoPageReader(mongo, source.collection, filter(source, rules), source.fields);
    }

    /** Whether the rules ask for anything of the collection. */
    public static boolean needed(Source source, SelectionRules rules) {
        return switch (source) {
            case MEDIA_ITEMS ->
                    !rules.mediaStatuses().isEmpty() || !rules.heldClassifications().isEmpty();
            case DOSSIERS -> !rules.heldDossierStatuses().isEmpty();
            case PERSONS -> true;
        };
    }

    private static BsonDocument filter(Source source, SelectionRules rules) {
        return switch (source) {
            case MEDIA_ITEMS -> {
                BsonArray terms = new BsonArray();
                if (!rules.mediaStatuses().isEmpty()) {
                    terms.add(
                            new BsonDocument(
                                    "processing_status",
                                    new BsonDocument("$nin", strings(rules.mediaStatuses()))));
                }
                if (!rules.heldClassifications().isEmpty()) {
                    terms.add(
                            new BsonDocument(
                                    "classification",
                                    new BsonDocument("$in", strings(rules.heldClassifications()))));
                }
                yield new BsonDocument("$or", terms);
            }
            case DOSSIERS ->
                    new BsonDocument(
                            "status",
                            new BsonDocument("$in", strings(rules.heldDossierStatuses())));
            case PERSONS -> new BsonDocument();
        };
    }

    private static BsonArray strings(List<String> values) {
        BsonArray array = new BsonArray();
        values.forEach(v -> array.add(new BsonString(v)));
        return array;
    }

    @Override
    public List<KeyRange> ranges() {
        return documents.ranges();
    }

    @Override
    public Page<MediaFact> read(KeyRange range) {
        Page<RawBsonDocument> page = documents.read(range);
        List<Page.Keyed<MediaFact>> facts = new ArrayList<>();
        for (Page.Keyed<RawBsonDocument> row : page.rows()) {
            Deque<MediaFact> of = new ArrayDeque<>();
            facts(row.value(), of);
            // Each fact has its document's key: resuming repeats a document's facts, which is
            // harmless.
            of.forEach(f -> facts.add(new Page.Keyed<>(row.key(), f)));
        }
        return new Page<>(facts, page.rest());
    }

    private void facts(BsonDocument document, Deque<MediaFact> into) {
        switch (source) {
            case MEDIA_ITEMS -> {
                String hold =
                        rules.mediaHold(
                                text(document, "processing_status"),
                                texts(document, "classification"));
                if (!hold.isEmpty()) {
                    into.add(MediaFact.hold(text(document, "media_id"), hold));
                }
            }
            case DOSSIERS -> {
                String hold = rules.dossierHold(text(document, "status"));
                if (!hold.isEmpty()) {
                    texts(document, "media_items").forEach(m -> into.add(MediaFact.hold(m, hold)));
                }
            }
            case PERSONS -> {
                String person = text(document, "person_id");
                if (!person.isEmpty()
                        && document.get("appearances") instanceof BsonArray appearances) {
                    for (BsonValue value : appearances) {
                        if (value instanceof BsonDocument appearance) {
                            into.add(
                                    MediaFact.person(
                                            text(appearance, "media_id"),
                                            person,
                                            texts(appearance, "result_ids")
                                                    .toArray(String[]::new)));
                        }
                    }
                }
            }
        }
    }

    private static String text(BsonDocument document, String field) {
        return document.get(field) instanceof BsonString text ? text.getValue() : "";
    }

    private static Set<String> texts(BsonDocument document, String field) {
        Set<String> texts = new TreeSet<>();
        BsonValue value = document.get(field);
        if (value instanceof BsonString text) {
            texts.add(text.getValue());
        } else if (value instanceof BsonArray array) {
            for (BsonValue one : array) {
                if (one instanceof BsonString text) {
                    texts.add(text.getValue());
                }
            }
        }
        return texts;
    }

    @Override
    public void close() {
        documents.close();
    }
}
