package org.aima.stores.mongo;

import java.io.Serializable;
import org.aima.jobs.config.SecretReference;

/** Where MongoDB is; holds references to secrets and may be serialised into a job graph. */
public record MongoAddress(SecretReference uri, String database) implements Serializable {}
