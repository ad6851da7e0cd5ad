package org.aima.personclustering;

import java.util.List;
import org.aima.testkit.contract.JobJarContract;

/** The jar of person-clustering. */
class JobJarITCase extends JobJarContract {
    JobJarITCase() {
        super(PersonClusteringJob.class, "person-clustering");
    }

    @Override
    protected List<String> needed() {
        return List.of(
                "org/bytedeco/openblas/linux-x86_64/libopenblas.*",
                "org/bytedeco/openblas/linux-x86_64/libjniopenblas.*",
                "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.*",
                "org/apache/flink/connector/kafka/source/KafkaSource.class",
                "schema/new-embedding.json");
    }

    @Override
    protected List<String> described() {
        return List.of("recluster", "neighbours.k", "assign", "persons.refresh");
    }
}
