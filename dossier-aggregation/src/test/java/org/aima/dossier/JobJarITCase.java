package org.aima.dossier;

import java.util.List;
import org.aima.testkit.contract.JobJarContract;

/** The jar of dossier-aggregation. */
class JobJarITCase extends JobJarContract {
    JobJarITCase() {
        super(DossierAggregationJob.class, "dossier-aggregation");
    }

    @Override
    protected List<String> needed() {
        return List.of(
                "com/mongodb/client/MongoClient.class",
                "org/apache/parquet/avro/AvroParquetWriter.class",
                "linux/amd64/libzstd-jni.*");
    }

    @Override
    protected List<String> described() {
        return List.of("rebuild", "events.co-appearance");
    }
}
