package org.aima.personclustering.function;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.stores.RowJournal;

/** Remembers what was noted: {@code before -> after} by collection, partition and id. */
public final class NotedRows implements RowWriteOperator.JournalFactory {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Map<String, String>> NOTED = new ConcurrentHashMap<>();

    private final String name = java.util.UUID.randomUUID().toString();

    public Map<String, String> noted() {
        return NOTED.computeIfAbsent(name, n -> new ConcurrentHashMap<>());
    }

    @Override
    public RowJournal open() {
        return new RowJournal() {
            @Override
            public void note(
                    String collection,
                    String partition,
                    List<String> ids,
                    List<String> before,
                    List<String> after) {
                for (int i = 0; i < ids.size(); i++) {
                    noted().put(
                                    collection + "/" + partition + "/" + ids.get(i),
                                    before.get(i) + " -> " + after.get(i));
                }
            }

            @Override
            public void close() {}
        };
    }
}
