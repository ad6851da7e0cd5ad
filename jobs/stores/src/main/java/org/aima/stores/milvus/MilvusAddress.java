package org.aima.stores.milvus;

import java.io.Serializable;
import java.time.Duration;
import org.aima.jobs.config.SecretReference;

/**
 * Where Milvus is; holds references to secrets and may be serialised into a job graph.
 *
 * @param deadline of one request
 */
public record MilvusAddress(SecretReference uri, SecretReference token, Duration deadline)
        implements Serializable {}
