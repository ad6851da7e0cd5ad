package org.aima.archival.function;

/**
 * What a run would archive of one partition, as one task saw it.
 *
 * @param bytes of the documents
 * @param sampleBytes of the documents that were written for trial
 * @param sampleFileBytes of the trial file
 */
public record PartitionPlan(
        String analysisType,
        int year,
        int month,
        long documents,
        long bytes,
        long oldest,
        long newest,
        long sampleBytes,
        long sampleFileBytes) {}
