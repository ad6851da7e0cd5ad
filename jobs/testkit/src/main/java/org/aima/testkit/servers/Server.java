package org.aima.testkit.servers;

import java.util.List;

/** A server that tests can ask for, and the variables by which it is found. */
enum Server {
    MONGO("mongo", "AIMA_MONGO_URI"),
    MILVUS("milvus", "AIMA_MILVUS_URI"),
    S3("s3", "AIMA_S3_ENDPOINT", "AIMA_S3_ACCESS_KEY", "AIMA_S3_SECRET_KEY"),
    KAFKA("kafka", "AIMA_KAFKA_BOOTSTRAP"),
    REDIS("redis", "AIMA_REDIS_URI");

    private final String service;
    private final List<String> variables;

    Server(String service, String... variables) {
        this.service = service;
        this.variables = List.of(variables);
    }

    /** Its name for {@code stack up --only}. */
    String service() {
        return service;
    }

    List<String> variables() {
        return variables;
    }
}
