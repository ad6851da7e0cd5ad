package org.aima.archival.store.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.archival.core.Partition;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonDocument;
import org.bson.Document;

/** How many tasks a partition is shared out to, from how many documents it will have. */
public final class PartitionSizes {
    private static final int FILES_PER_SLICE = 4;
    private static final int MAX_SLICES = 64;

    private PartitionSizes() {}

    /**
     * Slices by path of the partitions that have more than one. Small collections are not counted:
     * none of their partitions can be large.
     *
     * @param filter what will be read
     */
    public static Map<String, Integer> slices(
            MongoAddress address, BsonDocument filter, long targetBytes) {
        Map<String, Integer> slices = new TreeMap<>();
        try (MongoClient client = MongoConnections.open(address)) {
            MongoDatabase database = client.getDatabase(address.database());
            Document stats =
                    MongoConnections.call(
                            "size of results",
                            () ->
                                    database.runCommand(
                                            new Document("collStats", MongoLiveResults.RESULTS)));
            long bytes = number(stats, "size");
            long perSlice = FILES_PER_SLICE * targetBytes;
            if (bytes <= perSlice) {
                return slices;
            }
            double average = number(stats, "avgObjSize");
            Document month =
                    new Document("t", "$analysis_type")
                            .append("y", new Document("$year", "$timestamp"))
                            .append("m", new Document("$month", "$timestamp"));
            MongoConnections.call(
                    "count of partitions",
                    () -> {
                        slices.clear();
                        database.getCollection(MongoLiveResults.RESULTS)
                                .aggregate(
                                        List.of(
                                                new Document("$match", filter),
                                                new Document(
                                                        "$group",
                                                        new Document("_id", month)
                                                                .append(
                                                                        "n",
                                                                        new Document("$sum", 1)))))
                                .forEach(d -> add(d, average / perSlice, slices));
                        return slices;
                    });
        }
        return slices;
    }

    private static void add(Document group, double slicesPerDocument, Map<String, Integer> into) {
        if (group.get("_id") instanceof Document id && id.get("t") instanceof String type) {
            int slices =
                    (int) Math.min(MAX_SLICES, Math.ceil(number(group, "n") * slicesPerDocument));
            if (slices > 1) {
                into.put(
                        new Partition(type, (int) number(id, "y"), (int) number(id, "m")).path(),
                        slices);
            }
        }
    }

    private static long number(Document document, String field) {
        return document.get(field) instanceof Number number ? number.longValue() : 0;
    }
}
