package org.aima.dossier;

import java.util.ArrayList;
import java.util.List;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.function.DossierShelf;
import org.aima.stores.redis.CachedCopies;
import org.jspecify.annotations.Nullable;

/**
 * Deletes cached copies of the dossiers it publishes: before, so that a cache that does not answer
 * keeps no old copy of a new dossier, and after, for readers who cached the old one in between.
 */
final class CacheForgettingShelf implements DossierShelf {
    private final DossierShelf shelf;
    private final CachedCopies.Keys keys;
    private final CachedCopies copies;

    /** The shelf itself where nothing is cached. */
    static DossierShelf over(DossierShelf shelf, CachedCopies.@Nullable Keys keys) {
        return keys == null ? shelf : new CacheForgettingShelf(shelf, keys);
    }

    private CacheForgettingShelf(DossierShelf shelf, CachedCopies.Keys keys) {
        this.shelf = shelf;
        this.keys = keys;
        this.copies = keys.open();
    }

    @Override
    public void storePages(List<AppearancePage> pages) {
        shelf.storePages(pages);
    }

    @Override
    public List<Answer> publish(List<DossierWrite> writes) {
        copies.forget(keys, writes.stream().map(DossierWrite::dossierId).toList());
        List<Answer> answers = shelf.publish(writes);
        List<String> published = new ArrayList<>();
        for (int i = 0; i < writes.size(); i++) {
            if (answers.get(i).published()) {
                published.add(writes.get(i).dossierId());
            }
        }
        copies.forget(keys, published);
        return answers;
    }

    @Override
    public void close() {
        copies.close();
        shelf.close();
    }
}
