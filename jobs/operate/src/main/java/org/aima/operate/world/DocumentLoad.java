package org.aima.operate.world;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.stores.DocumentStore;
import org.bson.BsonDocument;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/** Writes the lines of one file into one document collection. */
final class DocumentLoad {
    private static final int BATCH_ROWS = 1_000;
    private static final long BATCH_BYTES = 8 << 20;
    private static final int OBJECT_ID_BYTES = 12;

    private final DocumentStore store;
    private final String collection;
    private final FileTally tally;
    private final DocumentLines lines;
    private final boolean wasEmpty;
    private final List<Pending> pending = new ArrayList<>();
    private long pendingBytes;

    DocumentLoad(DocumentStore store, String collection, FileTally tally) {
        this.store = store;
        this.collection = collection;
        this.tally = tally;
        this.lines = new DocumentLines(collection);
        this.wasEmpty = store.count(collection, new BsonDocument()) == 0;
    }

    void accept(LineReader.Line line) {
        tally.read();
        try {
            BsonDocument document = lines.parse(line);
            if (!document.containsKey("_id")) {
                document = withId(document);
            }
            lines.checkNew(document);
            pending.add(new Pending(line.number(), document, LineText.excerpt(line.bytes())));
            pendingBytes += line.bytes().length;
            if (pending.size() >= BATCH_ROWS || pendingBytes >= BATCH_BYTES) {
                flush();
            }
        } catch (BadLineException e) {
            tally.rejected(line.number(), e, LineText.excerpt(line.bytes()));
        }
    }

    void flush() {
        if (pending.isEmpty()) {
            return;
        }
        DocumentStore.Written result =
                store.replace(collection, pending.stream().map(Pending::document).toList());
        tally.written(result.changed());
        tally.unchanged(result.unchanged());
        for (Map.Entry<Integer, String> refused : result.failed().entrySet()) {
            Pending line = pending.get(refused.getKey());
            String key = line.document.getString(lines.naturalId()).getValue();
            tally.rejected(
                    line.number,
                    new BadLineException("refused_by_store", key, refused.getValue()),
                    line.excerpt);
        }
        pending.clear();
        pendingBytes = 0;
    }

    /** With the {@code _id} the stored document has, else one that follows from the natural id. */
    private BsonDocument withId(BsonDocument document) {
        BsonString natural = document.getString(lines.naturalId());
        Optional<BsonDocument> stored =
                wasEmpty
                        ? Optional.empty()
                        : store.findOne(collection, new BsonDocument(lines.naturalId(), natural));
        BsonValue id =
                stored.map(s -> s.get("_id"))
                        .orElseGet(() -> derivedId(collection, natural.getValue()));
        BsonDocument identified = new BsonDocument("_id", id);
        identified.putAll(document);
        return identified;
    }

    static BsonObjectId derivedId(String collection, String natural) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(collection.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            byte[] hash = digest.digest(natural.getBytes(StandardCharsets.UTF_8));
            return new BsonObjectId(new ObjectId(Arrays.copyOf(hash, OBJECT_ID_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Pending(long number, BsonDocument document, String excerpt) {}
}
