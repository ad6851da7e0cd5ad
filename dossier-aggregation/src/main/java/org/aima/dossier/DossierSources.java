package org.aima.dossier;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.StoredDossier;
import org.aima.dossier.function.DossierCounter;
import org.aima.stores.DocumentStore;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a recount of one dossier needs, and nothing of the others, and recounts it. Memory is
 * the dossier's results.
 */
final class DossierSources implements DossierCounter {
    private static final int MEDIA_AT_ONCE = 10;
    private static final int KEYS_AT_ONCE = 1_000;

    private final DocumentStore store;
    private final AggregationRules rules;
    private final long maxResults;

    /**
     * @param maxResults a dossier with more is not counted
     */
    DossierSources(DocumentStore store, AggregationRules rules, long maxResults) {
        this.store = store;
        this.rules = rules;
        this.maxResults = maxResults;
    }

    /**
     * A dossier and all that a recount of it needs.
     *
     * @param rows documents that were read
     */
    record Sources(BsonDocument dossier, StoredDossier stored, DossierRecount recount, long rows) {}

    /** Empty when there is no such dossier; without results when it cannot be read. */
    Optional<Sources> read(String dossierId) {
        return store.findOne(
                        DossierCollections.DOSSIERS,
                        new BsonDocument("dossier_id", new BsonString(dossierId)))
                .map(
                        d -> {
                            StoredDossier stored = DocumentReader.dossier(d);
                            Reading reading = new Reading();
                            if (stored.problem().isEmpty()) {
                                reading.of(List.of(stored.mediaIds()));
                            }
                            return new Sources(d, stored, reading.recount, 1 + reading.rows);
                        });
    }

    @Override
    public Counted count(String dossierId) {
        try {
            Optional<Sources> found = read(dossierId);
            if (found.isEmpty()) {
                return new Counted(null, "", "", List.of(), 0);
            }
            Sources sources = found.get();
            StoredDossier stored = sources.stored();
            if (!stored.problem().isEmpty()) {
                return uncounted(stored.problem(), stored.problemDetail(), sources.rows());
            }
            DossierRecount.Rebuilt rebuilt = sources.recount().rebuilt(stored);
            return new Counted(rebuilt.write(), "", "", rebuilt.pages(), sources.rows());
        } catch (TooLargeException e) {
            return uncounted(
                    "too_large",
                    "it has more than "
                            + maxResults
                            + " results; run dossier-aggregation:rebuild dossier_id="
                            + dossierId,
                    e.rows);
        }
    }

    private static Counted uncounted(String problem, String detail, long rows) {
        return new Counted(null, problem, detail, List.of(), rows);
    }

    private static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final long rows;

        TooLargeException(long rows) {
            super("too many results", null, false, false);
            this.rows = rows;
        }
    }

    /** One dossier's reading. */
    private final class Reading {
        private final DossierRecount recount = new DossierRecount(rules);
        private final Map<BsonValue, PersonMembers> persons = new HashMap<>();
        private final Map<String, String> types = new HashMap<>();
        private long rows;
        private long results;

        void of(List<String> media) {
            for (int from = 0; from < media.size(); from += MEDIA_AT_ONCE) {
                List<String> some =
                        media.subList(from, Math.min(media.size(), from + MEDIA_AT_ONCE));
                each(
                        DossierCollections.RESULTS,
                        "media_id",
                        some,
                        DocumentReader.RESULT_FIELDS,
                        d -> result(DocumentReader.result(d)));
                each(
                        DossierCollections.MEDIA,
                        "media_id",
                        some,
                        DocumentReader.MEDIUM_FIELDS,
                        d -> add(DocumentReader.medium(d), recount::add));
                each(
                        DossierCollections.SUMMARIES,
                        "media_id",
                        some,
                        DocumentReader.SUMMARY_FIELDS,
                        d ->
                                add(
                                        DocumentReader.summary(d),
                                        summary -> {
                                            Stream.of(summary.results()).forEach(this::type);
                                            recount.add(summary);
                                        }));
                persons("appearances.media_id", some);
            }
            personsWithoutAppearance();
            persons.values().forEach(recount::add);
            aliases();
        }

        private <T> void add(@Nullable T record, Consumer<T> to) {
            if (record != null) {
                to.accept(record);
            }
        }

        private void result(Detection result) {
            if (++results > maxResults) {
                throw new TooLargeException(rows);
            }
            type(result);
            recount.add(result);
        }

        private void type(Detection result) {
            if (result.problem().isEmpty()) {
                types.put(result.resultId(), result.type());
            }
        }

        private void persons(String field, Collection<String> values) {
            each(
                    DossierCollections.PERSONS,
                    field,
                    values,
                    DocumentReader.PERSON_FIELDS,
                    d -> {
                        PersonMembers person = DocumentReader.person(d);
                        if (person != null) {
                            persons.put(Objects.requireNonNull(d.get("_id")), person);
                        }
                    });
        }

        /** A person may own a result in a medium that its appearances do not name. */
        private void personsWithoutAppearance() {
            Set<String> owned = new HashSet<>();
            persons.values().forEach(p -> owned.addAll(List.of(p.results())));
            persons("face_embeddings.source_result_id", unowned(Detection.FACE, owned));
            persons("voice_embeddings.source_result_id", unowned(Detection.VOICE, owned));
        }

        private List<String> unowned(String type, Set<String> owned) {
            return types.entrySet().stream()
                    .filter(e -> e.getValue().equals(type) && !owned.contains(e.getKey()))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        private void aliases() {
            Set<String> asked = new HashSet<>();
            Set<String> next = new HashSet<>();
            persons.values().forEach(p -> next.add(p.personId()));
            while (!next.isEmpty()) {
                asked.addAll(next);
                List<String> now = List.copyOf(next);
                next.clear();
                each(
                        DossierCollections.ALIASES,
                        "old_id",
                        now,
                        List.of(),
                        d -> {
                            PersonAlias alias = DocumentReader.alias(d);
                            if (alias != null) {
                                recount.add(alias);
                                if (!asked.contains(alias.newId())) {
                                    next.add(alias.newId());
                                }
                            }
                        });
            }
        }

        private void each(
                String collection,
                String field,
                Collection<String> values,
                List<String> fields,
                Consumer<BsonDocument> action) {
            rows += eachOf(store, collection, field, values, fields, action);
        }
    }

    /** Reads the documents whose field has one of the values; returns how many it read. */
    static long eachOf(
            DocumentStore store,
            String collection,
            String field,
            Collection<String> values,
            List<String> fields,
            Consumer<BsonDocument> action) {
        List<BsonString> keys = values.stream().distinct().map(BsonString::new).toList();
        long rows = 0;
        for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
            List<BsonDocument> found =
                    store.findIn(
                            collection,
                            field,
                            keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE)),
                            fields);
            rows += found.size();
            found.forEach(action);
        }
        return rows;
    }

    @Override
    public void close() {
        store.close();
    }
}
