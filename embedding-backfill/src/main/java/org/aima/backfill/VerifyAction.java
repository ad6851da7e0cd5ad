package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.config.SecretReference;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.Verification;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * {@code embedding-backfill:verify}: compares two collections at any time, also of two servers;
 * reads only.
 */
final class VerifyAction implements JobAction {

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.add(EmbeddingBackfillOptions.SOURCE);
        options.add(EmbeddingBackfillOptions.COMPARED);
        options.add(EmbeddingBackfillOptions.TARGET_URI);
        options.add(EmbeddingBackfillOptions.TARGET_TOKEN);
        options.addAll(EmbeddingBackfillOptions.layout());
        options.addAll(EmbeddingBackfillOptions.verification());
        return options;
    }

    private static EmbeddingStore compared(Configuration configuration) {
        MilvusAddress own = StoreOptions.milvus(configuration);
        SecretReference uri = configuration.get(EmbeddingBackfillOptions.TARGET_URI);
        return new MilvusEmbeddingStore(
                uri.resolve().isEmpty()
                        ? own
                        : new MilvusAddress(
                                uri,
                                configuration.get(EmbeddingBackfillOptions.TARGET_TOKEN),
                                own.deadline()));
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems =
                new ArrayList<>(RepartitionAction.reach(configuration));
        if (!problems.isEmpty()) {
            return problems;
        }
        try (EmbeddingStore source = BackfillStores.of(configuration).vectors();
                EmbeddingStore target = compared(configuration)) {
            missing(source, configuration, EmbeddingBackfillOptions.SOURCE, problems);
            missing(target, configuration, EmbeddingBackfillOptions.COMPARED, problems);
        }
        return problems;
    }

    private static void missing(
            EmbeddingStore store,
            Configuration configuration,
            Option<String> option,
            List<ConfigurationProblem> problems) {
        if (store.describe(configuration.get(option)).isEmpty()) {
            problems.add(
                    new ConfigurationProblem(
                            "store",
                            option.key(),
                            configuration.get(option),
                            "there is no such alias or collection"));
        }
    }

    @Override
    public String target(Configuration configuration) {
        return "milvus/verify/"
                + configuration.get(EmbeddingBackfillOptions.SOURCE)
                + "/"
                + configuration.get(EmbeddingBackfillOptions.COMPARED);
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return BackfillStores.of(configuration).ledger();
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        return List.of(RunPhase.verify(RepartitionRun.VERIFY));
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        throw AimaException.usage("verify has no graph: run it by aima");
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        BackfillStores stores = BackfillStores.of(configuration);
        EmbeddingBackfillSettings settings = EmbeddingBackfillSettings.of(configuration);
        try (EmbeddingStore from = stores.vectors();
                EmbeddingStore to = compared(configuration)) {
            EmbeddingSchema source =
                    from.describe(configuration.get(EmbeddingBackfillOptions.SOURCE)).orElseThrow();
            EmbeddingSchema target =
                    to.describe(configuration.get(EmbeddingBackfillOptions.COMPARED)).orElseThrow();
            RowMapperFactory mappers =
                    settings.mappers(
                            source, settings.targetSchema(source, target.name(), target.shards()));
            return new BackfillVerifier(
                            configuration,
                            stores::vectors,
                            () -> compared(configuration),
                            stores::documents)
                    .verify(source.name(), target.name(), mappers, null);
        }
    }
}
