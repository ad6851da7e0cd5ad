package org.aima.dossier;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.MachineContent;
import org.aima.dossier.function.DossierShelf;
import org.aima.jobs.model.BsonBytes;
import org.aima.stores.DocumentStore;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;

/** Publishes into a store of documents as the real shelf does into MongoDB. */
final class StoreShelf implements DossierShelf {
    private final DocumentStore store;

    StoreShelf(DocumentStore store) {
        this.store = store;
    }

    @Override
    public void storePages(List<AppearancePage> pages) {
        store.replace(
                DossierCollections.PAGES,
                pages.stream().map(p -> BsonBytes.decode(p.document())).toList());
    }

    @Override
    public List<Answer> publish(List<DossierWrite> writes) {
        List<Answer> answers = new ArrayList<>();
        for (DossierWrite write : writes) {
            answers.add(publish(write));
        }
        return answers;
    }

    private Answer publish(DossierWrite write) {
        BsonDocument dossier =
                store.findOne(DossierCollections.DOSSIERS, BsonBytes.decode(write.documentId()))
                        .orElse(null);
        if (dossier == null) {
            return new Answer(false, "removed_meanwhile", "");
        }
        if (MachineContent.version(dossier) != write.version()
                || !Objects.equals(
                        dossier.get("media_items"),
                        BsonBytes.decode(write.mediaItems()).get("media_items"))) {
            return new Answer(false, "media_changed_meanwhile", "");
        }
        BsonDocument content = BsonBytes.decode(write.content());
        BsonDocument aggregation = new BsonDocument("version", new BsonInt64(write.version() + 1));
        aggregation.putAll(content.getDocument(MachineContent.MACHINE));
        BsonDocument published = dossier.clone();
        published.put("persons", content.getArray("persons"));
        BsonArray events = MachineContent.events(dossier, false);
        events.addAll(content.getArray("events"));
        published.put("events", events);
        BsonDocument metadata = published.getDocument("metadata", new BsonDocument()).clone();
        metadata.put(MachineContent.MACHINE, aggregation);
        published.put("metadata", metadata);
        store.replace(DossierCollections.DOSSIERS, List.of(published));
        return Answer.PUBLISHED;
    }

    @Override
    public void close() {}
}
