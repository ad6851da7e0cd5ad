package org.aima.stores;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.redis.CachedCopies;
import org.aima.stores.s3.S3Address;

/**
 * The options of {@code conf/stores.yaml}: where the stores are and how patient to be with them.
 */
public final class StoreOptions {
    public static final Option<SecretReference> MONGO_URI =
            Option.secret("mongo.uri", "Connection string of MongoDB; may hold a password.")
                    .defaultsTo("${env:AIMA_MONGO_URI}");
    public static final Option<String> MONGO_DATABASE =
            Option.text("mongo.database", "Database of all collections.")
                    .defaultsTo("${env:AIMA_MONGO_DB:-aima}")
                    .require(
                            s -> s.matches("[A-Za-z0-9_-]{1,38}"),
                            "give 1-38 letters, digits, _ or -");
    public static final Option<SecretReference> MILVUS_URI =
            Option.secret("milvus.uri", "Address of Milvus, http or https.")
                    .defaultsTo("${env:AIMA_MILVUS_URI}");
    public static final Option<SecretReference> MILVUS_TOKEN =
            Option.secret("milvus.token", "user:password or token of Milvus; empty without login.")
                    .defaultsTo("${env:AIMA_MILVUS_TOKEN:-}");
    public static final Option<Duration> MILVUS_DEADLINE =
            Option.duration(
                            "milvus.deadline",
                            "Time after which one request to Milvus is given up.")
                    .defaultsTo("90s")
                    .require(
                            d -> d.compareTo(Duration.ofSeconds(1)) >= 0,
                            "give at least 1s; strong reads may take more than 60s");
    public static final Option<String> S3_ENDPOINT =
            Option.text("s3.endpoint", "Address of the object store.")
                    .defaultsTo("${env:AIMA_S3_ENDPOINT}")
                    .require(StoreOptions::isHttp, "give an http or https address");
    public static final Option<SecretReference> S3_ACCESS_KEY =
            Option.secret("s3.access-key", "Access key of the object store.")
                    .defaultsTo("${env:AIMA_S3_ACCESS_KEY}");
    public static final Option<SecretReference> S3_SECRET_KEY =
            Option.secret("s3.secret-key", "Secret key of the object store.")
                    .defaultsTo("${env:AIMA_S3_SECRET_KEY}");
    public static final Option<String> S3_REGION =
            Option.text("s3.region", "Region; any name for stores that have none.")
                    .defaultsTo("us-east-1");
    public static final Option<String> KAFKA_BOOTSTRAP =
            Option.text(
                            "kafka.bootstrap",
                            "Bootstrap servers of Kafka, host:port,…; - without Kafka.")
                    .defaultsTo("${env:AIMA_KAFKA_BOOTSTRAP:--}");

    public static final Option<SecretReference> REDIS_URI =
            Option.secret(
                            "cache.redis-uri",
                            "Address of the Redis cache whose copies of rewritten documents are"
                                    + " deleted; empty without a cache.")
                    .defaultsTo("${env:AIMA_REDIS_URI:-}");
    public static final Option<String> CACHED_PERSON =
            key("cache.person-key", "Key of a cached person", "person:{id}");
    public static final Option<String> CACHED_DOSSIER =
            key("cache.dossier-key", "Key of a cached dossier", "dossier:{id}");

    private StoreOptions() {}

    private static Option<String> key(String name, String purpose, String pattern) {
        return Option.text(name, purpose + "; {id} stands for its id.")
                .defaultsTo(pattern)
                .require(s -> s.contains("{id}"), "give a key with {id} in it");
    }

    /** Options of the file as a whole: a job reads those it uses, but each of them is known. */
    public static List<Option<?>> all() {
        return List.of(
                MONGO_URI,
                MONGO_DATABASE,
                MILVUS_URI,
                MILVUS_TOKEN,
                MILVUS_DEADLINE,
                S3_ENDPOINT,
                S3_ACCESS_KEY,
                S3_SECRET_KEY,
                S3_REGION,
                KAFKA_BOOTSTRAP,
                REDIS_URI,
                CACHED_PERSON,
                CACHED_DOSSIER);
    }

    public static MongoAddress mongo(Configuration configuration) {
        return new MongoAddress(configuration.get(MONGO_URI), configuration.get(MONGO_DATABASE));
    }

    public static MilvusAddress milvus(Configuration configuration) {
        return new MilvusAddress(
                configuration.get(MILVUS_URI),
                configuration.get(MILVUS_TOKEN),
                configuration.get(MILVUS_DEADLINE));
    }

    public static S3Address s3(Configuration configuration) {
        return new S3Address(
                configuration.get(S3_ENDPOINT),
                configuration.get(S3_ACCESS_KEY),
                configuration.get(S3_SECRET_KEY),
                configuration.get(S3_REGION));
    }

    /**
     * The keys of documents that are cached; empty without a cache. Decided where the run is
     * submitted.
     *
     * @param pattern {@link #CACHED_PERSON} or {@link #CACHED_DOSSIER}
     */
    public static Optional<CachedCopies.Keys> cached(
            Configuration configuration, Option<String> pattern) {
        SecretReference uri = configuration.get(REDIS_URI);
        return uri.resolve().isEmpty()
                ? Optional.empty()
                : Optional.of(new CachedCopies.Keys(uri, configuration.get(pattern)));
    }

    private static boolean isHttp(String text) {
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && List.of("http", "https").contains(uri.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
