package org.aima.backfill;

import java.util.List;
import org.aima.testkit.contract.JobJarContract;

/** The jar of embedding-backfill. */
class JobJarITCase extends JobJarContract {
    JobJarITCase() {
        super(EmbeddingBackfillJob.class, "embedding-backfill");
    }

    @Override
    protected List<String> needed() {
        return List.of(
                "io/milvus/client/MilvusServiceClient.class",
                "org/apache/parquet/avro/AvroParquetReader.class",
                "linux/amd64/libzstd-jni.*");
    }

    @Override
    protected List<String> described() {
        return List.of("repartition", "catch-up.topic");
    }
}
