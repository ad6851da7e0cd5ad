package org.aima.dossier.function;

import java.util.List;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierWrite;

/** Where dossiers are published; every method may be repeated after a failure. */
public interface DossierShelf extends AutoCloseable {

    /** Stores pages; on return they are durable. A page is named after its content. */
    void storePages(List<AppearancePage> pages);

    /**
     * Publishes each dossier, in one step visible to readers, if nothing it was computed from has
     * changed in its document; keeps what it replaces. One answer for each, in order.
     */
    List<Answer> publish(List<DossierWrite> writes);

    @Override
    void close();

    /**
     * What became of a write.
     *
     * @param published also true when an earlier attempt had published it already
     * @param reason why not, as a word
     * @param detail what was found instead
     */
    record Answer(boolean published, String reason, String detail) {
        public static final Answer PUBLISHED = new Answer(true, "", "");
    }
}
