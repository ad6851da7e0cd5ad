package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierWrite;

/** A shelf that the tasks of a test share: only its id travels with the job. */
public final class SharedShelf implements DossierShelfFactory, AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Content> CONTENTS = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    private static final class Content {
        private final Map<String, AppearancePage> pages = new ConcurrentHashMap<>();
        private final Map<String, DossierWrite> published = new ConcurrentHashMap<>();
        private final Map<String, DossierShelf.Answer> refused = new ConcurrentHashMap<>();
        private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
    }

    public SharedShelf() {
        CONTENTS.put(id, new Content());
    }

    private Content content() {
        return CONTENTS.get(id);
    }

    /** Lets a dossier be refused. */
    public void refuse(String dossierId, String reason) {
        content().refused.put(dossierId, new DossierShelf.Answer(false, reason, reason));
    }

    public Map<String, AppearancePage> pages() {
        return content().pages;
    }

    public Map<String, DossierWrite> published() {
        return content().published;
    }

    /** Sizes of the batches in which dossiers came. */
    public List<Integer> batches() {
        return content().batches;
    }

    @Override
    public DossierShelf open() {
        Content content = content();
        return new DossierShelf() {
            @Override
            public void storePages(List<AppearancePage> pages) {
                pages.forEach(p -> content.pages.put(p.pageId(), p));
            }

            @Override
            public List<Answer> publish(List<DossierWrite> writes) {
                content.batches.add(writes.size());
                List<Answer> answers = new ArrayList<>();
                for (DossierWrite write : writes) {
                    for (String page : write.pageIds()) {
                        if (!content.pages.containsKey(page)) {
                            throw new AssertionError("published before its page " + page);
                        }
                    }
                    Answer refusal = content.refused.get(write.dossierId());
                    if (refusal == null) {
                        content.published.put(write.dossierId(), write);
                    }
                    answers.add(refusal == null ? Answer.PUBLISHED : refusal);
                }
                return answers;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        CONTENTS.remove(id);
    }
}
