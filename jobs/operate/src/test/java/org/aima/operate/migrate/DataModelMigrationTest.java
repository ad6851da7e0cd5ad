package org.aima.operate.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.bson.BsonBoolean;
import org.junit.jupiter.api.Test;

/** The migration that ships creates what the specification lists. */
class DataModelMigrationTest {
    private final List<MigrationAction> actions =
            MigrationFile.readAll(directory(), Map.of()).get(0).actions();

    static Path directory() {
        Path here = Path.of("").toAbsolutePath();
        while (here != null && !Files.isDirectory(here.resolve("conf/migrations"))) {
            here = here.getParent();
        }
        if (here == null) {
            throw new IllegalStateException("conf/migrations is in no parent directory");
        }
        return here.resolve("conf/migrations");
    }

    @Test
    void holdsEveryIndexOfTheSpecificationWithItsOptions() {
        List<DataModelTable.Index> planned =
                actions.stream()
                        .filter(MongoAction.CreateIndex.class::isInstance)
                        .map(MongoAction.CreateIndex.class::cast)
                        .map(
                                i ->
                                        new DataModelTable.Index(
                                                i.collection(),
                                                i.keys(),
                                                i.options()
                                                        .getBoolean("unique", BsonBoolean.FALSE)
                                                        .getValue()))
                        .toList();

        assertThat(DataModelTable.indexes()).hasSize(25);
        assertThat(planned).containsAll(DataModelTable.indexes());
    }

    @Test
    void createsTheEmbeddingCollectionsWithTheirDimensionsAndFields() {
        InMemoryEmbeddingStore store = new InMemoryEmbeddingStore();
        actions.stream()
                .filter(VectorAction.class::isInstance)
                .map(VectorAction.class::cast)
                .forEach(a -> a.apply(store));

        Map<String, Integer> dimensions = new TreeMap<>(DataModelTable.embeddings());
        assertThat(dimensions).hasSize(5);
        dimensions.put("general_embeddings", 768);
        dimensions.forEach(
                (collection, dimension) -> {
                    EmbeddingSchema schema = store.describe(collection).orElseThrow();
                    assertThat(schema.vector().dimension()).as(collection).isEqualTo(dimension);
                    assertThat(schema.primaryKey().maxLength()).isEqualTo(100);
                    assertThat(store.indexes(collection).get("embedding"))
                            .isEqualTo(
                                    new EmbeddingSchema.Index(
                                            "embedding",
                                            "HNSW",
                                            "COSINE",
                                            Map.of("M", "16", "efConstruction", "200")));
                });
        assertThat(store.describe("face_embeddings").orElseThrow().fields())
                .extracting(EmbeddingSchema.Field::name)
                .containsExactly(
                        "embedding_id",
                        "embedding",
                        "person_id",
                        "media_id",
                        "result_id",
                        "confidence",
                        "timestamp");
    }

    @Test
    void createsEveryBucket() {
        assertThat(actions)
                .filteredOn(ObjectAction.CreateBucket.class::isInstance)
                .extracting(a -> ((ObjectAction.CreateBucket) a).bucket())
                .containsExactlyInAnyOrder(
                        "media-originals",
                        "media-processed",
                        "analysis-artifacts",
                        "model-checkpoints",
                        "exports",
                        "aima-archive");
    }
}
