package org.aima.stores;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.stores.kafka.TopicPing;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoPing;
import org.aima.stores.redis.CachedCopies;
import org.jspecify.annotations.Nullable;

/** Tells, before a run begins, which of its stores do not answer. */
public final class StoreReach {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private StoreReach() {}

    /** What is wrong with MongoDB; to be added to. */
    public static List<ConfigurationProblem> mongo(Configuration configuration) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        MongoPing.check(StoreOptions.mongo(configuration), PATIENCE)
                .ifPresent(
                        reason ->
                                problems.add(
                                        unreachable(
                                                configuration, StoreOptions.MONGO_URI, reason)));
        return problems;
    }

    /**
     * What is wrong with Milvus; to be added to.
     *
     * @param question asked once and with little patience; its store errors become a problem
     */
    public static List<ConfigurationProblem> milvus(
            Configuration configuration, Consumer<MilvusEmbeddingStore> question) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        MilvusAddress milvus = StoreOptions.milvus(configuration);
        try (MilvusEmbeddingStore store =
                new MilvusEmbeddingStore(
                        new MilvusAddress(milvus.uri(), milvus.token(), PATIENCE),
                        new Retry(1, PATIENCE, PATIENCE))) {
            question.accept(store);
        } catch (StoreException e) {
            problems.add(unreachable(configuration, StoreOptions.MILVUS_URI, e.getMessage()));
        }
        return problems;
    }

    /** What is wrong with the cache, if there is one; to be added to. */
    public static List<ConfigurationProblem> cache(Configuration configuration) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        StoreOptions.cached(configuration, StoreOptions.CACHED_DOSSIER)
                .flatMap(keys -> CachedCopies.problem(keys.uri()))
                .ifPresent(
                        reason ->
                                problems.add(
                                        unreachable(
                                                configuration, StoreOptions.REDIS_URI, reason)));
        return problems;
    }

    /** What is wrong with Kafka or its topic; to be added to. */
    public static List<ConfigurationProblem> topic(
            Configuration configuration, Option<String> topic) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        String bootstrap = configuration.get(StoreOptions.KAFKA_BOOTSTRAP);
        if (bootstrap.equals("-")) {
            problems.add(
                    new ConfigurationProblem(
                            "store",
                            StoreOptions.KAFKA_BOOTSTRAP.key(),
                            bootstrap,
                            "this action needs Kafka; set AIMA_KAFKA_BOOTSTRAP"));
            return problems;
        }
        TopicPing.check(bootstrap, configuration.get(topic), PATIENCE)
                .ifPresent(
                        reason ->
                                problems.add(
                                        new ConfigurationProblem(
                                                "store",
                                                topic.key(),
                                                configuration.get(topic),
                                                reason
                                                        + "; create the topic, or start Kafka at "
                                                        + bootstrap
                                                        + " (aima stack up)")));
        return problems;
    }

    /** The problem of a store that does not answer at the address an option gives. */
    public static ConfigurationProblem unreachable(
            Configuration configuration, Option<?> address, @Nullable String reason) {
        return new ConfigurationProblem(
                "store",
                address.key(),
                String.valueOf(configuration.get(address)),
                reason + "; start it (aima stack up) or correct it");
    }
}
