package org.aima.archival;

import java.util.List;
import org.aima.testkit.contract.JobJarContract;

/** The jar of archival-compaction. */
class JobJarITCase extends JobJarContract {
    JobJarITCase() {
        super(ArchivalCompactionJob.class, "archival-compaction");
    }

    @Override
    protected List<String> needed() {
        return List.of(
                "org/apache/parquet/avro/AvroParquetWriter.class", "linux/amd64/libzstd-jni.*");
    }

    @Override
    protected List<String> described() {
        return List.of("archive", "file.target-mib");
    }
}
