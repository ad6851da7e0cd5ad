package org.aima.dossier;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.function.DossierFinder;
import org.aima.stores.DocumentStore;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Finds the dossiers that a change concerns: those that list its media or the media in which its
 * persons appear now, and those in which its persons were published before.
 */
final class AffectedDossiers implements DossierFinder {
    private static final String DOSSIER_ID = "dossier_id";
    private static final String MEDIA_ID = "media_id";

    private final DocumentStore store;

    AffectedDossiers(DocumentStore store) {
        this.store = store;
    }

    @Override
    public Found find(List<ChangeEvent> events) {
        Set<String> dossiers = new HashSet<>();
        Set<String> media = new HashSet<>();
        Set<String> persons = new HashSet<>();
        for (ChangeEvent event : events) {
            dossiers.addAll(List.of(event.dossierIds()));
            media.addAll(List.of(event.mediaIds()));
            persons.addAll(List.of(event.personIds()));
        }
        long rows = mediaOf(persons, media);
        rows += dossiers(DossierCollections.DOSSIERS, "persons.person_id", persons, dossiers);
        rows += dossiers(DossierCollections.PAGES, "about", persons, dossiers);
        rows += dossiers(DossierCollections.DOSSIERS, "media_items", media, dossiers);
        return new Found(dossiers, rows);
    }

    private long dossiers(
            String collection, String field, Collection<String> values, Set<String> dossiers) {
        return DossierSources.eachOf(
                store,
                collection,
                field,
                values,
                List.of(DOSSIER_ID),
                d -> add(d.get(DOSSIER_ID), dossiers));
    }

    private long mediaOf(Set<String> persons, Set<String> media) {
        Set<String> unlisted = new HashSet<>();
        long rows =
                DossierSources.eachOf(
                        store,
                        DossierCollections.PERSONS,
                        "person_id",
                        persons,
                        DocumentReader.PERSON_FIELDS,
                        d -> person(d, media, unlisted));
        for (String[] place :
                new String[][] {
                    {DossierCollections.RESULTS, "result_id"},
                    {DossierCollections.SUMMARIES, "result_ids"}
                }) {
            rows +=
                    DossierSources.eachOf(
                            store,
                            place[0],
                            place[1],
                            unlisted,
                            List.of(MEDIA_ID),
                            d -> add(d.get(MEDIA_ID), media));
        }
        return rows;
    }

    /** Results that no appearance lists have to be looked up to know their media. */
    private static void person(BsonDocument person, Set<String> media, Set<String> unlisted) {
        Set<String> listed = new HashSet<>();
        if (person.get("appearances") instanceof BsonArray appearances) {
            for (BsonValue value : appearances) {
                if (value instanceof BsonDocument appearance) {
                    add(appearance.get(MEDIA_ID), media);
                    if (appearance.get("result_ids") instanceof BsonArray ids) {
                        ids.forEach(id -> add(id, listed));
                    }
                }
            }
        }
        for (String members : List.of("face_embeddings", "voice_embeddings")) {
            if (person.get(members) instanceof BsonArray entries) {
                for (BsonValue entry : entries) {
                    if (entry instanceof BsonDocument member
                            && member.get("source_result_id") instanceof BsonString result
                            && !listed.contains(result.getValue())) {
                        unlisted.add(result.getValue());
                    }
                }
            }
        }
    }

    private static void add(@Nullable BsonValue id, Set<String> to) {
        if (id instanceof BsonString text) {
            to.add(text.getValue());
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
