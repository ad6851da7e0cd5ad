package org.aima.stores.s3;

import java.io.Serializable;
import org.aima.jobs.config.SecretReference;

/** Where the object store is; holds references to secrets and may be serialised. */
public record S3Address(
        String endpoint, SecretReference accessKey, SecretReference secretKey, String region)
        implements Serializable {}
