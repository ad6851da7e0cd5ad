package org.aima.stores.milvus;

import org.aima.stores.EmbeddingRow;

/** A row and the partition that holds it: an upsert elsewhere would leave two rows. */
public record PartitionRow(String partition, EmbeddingRow row) {}
