package org.aima.stores.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.aima.stores.RowJournal;
import org.bson.Document;

/**
 * Notes changes of rows in a MongoDB collection, one document a batch, under a key made of the run
 * and the content.
 */
public final class MongoRowJournal implements RowJournal {
    private final MongoClient client;
    private final MongoAddress address;
    private final String journal;
    private final String runId;

    /**
     * @param journal the collection that keeps the notes
     */
    public MongoRowJournal(MongoAddress address, String journal, String runId) {
        this.client = MongoConnections.open(address);
        this.address = address;
        this.journal = journal;
        this.runId = runId;
    }

    @Override
    public void note(
            String collection,
            String partition,
            List<String> ids,
            List<String> before,
            List<String> after) {
        Document fields =
                new Document("run_id", runId)
                        .append("at", new Date())
                        .append("target", collection)
                        .append("partition", partition)
                        .append("ids", ids)
                        .append("before", before)
                        .append("after", after);
        String key = runId + "/" + collection + "/" + hash(partition, ids, before, after);
        MongoConnections.call(
                "journal write",
                () ->
                        client.getDatabase(address.database())
                                .getCollection(journal)
                                .updateOne(
                                        Filters.eq("_id", key),
                                        new Document("$setOnInsert", fields),
                                        new UpdateOptions().upsert(true)));
    }

    private static String hash(
            String partition, List<String> ids, List<String> before, List<String> after) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(partition.getBytes(StandardCharsets.UTF_8));
            for (List<String> column : List.of(ids, before, after)) {
                for (String value : column) {
                    digest.update((byte) 0);
                    digest.update(value.getBytes(StandardCharsets.UTF_8));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
