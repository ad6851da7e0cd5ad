package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.junit.jupiter.api.Test;

/** Cutting a collection into pages takes few requests, and goes on when answers are unfair. */
class CuttingRangesTest {
    private static final int ROWS = 100_000;
    private static final int WINDOW = 16_384;
    private static final int PAGE = 4_096;

    private static InMemoryEmbeddingStore filled(int rows) {
        InMemoryEmbeddingStore store = new InMemoryEmbeddingStore();
        store.createCollection(EmbeddingStoreContract.schema("c"));
        store.upsert(
                "c",
                "_default",
                IntStream.range(0, rows)
                        .mapToObj(i -> EmbeddingStoreContract.row("%08x".formatted(i * 31), 1, ""))
                        .toList());
        return store;
    }

    /** The store, counting requests, with its answers to queries changed. */
    private static EmbeddingStore watched(
            EmbeddingStore store,
            AtomicInteger requests,
            UnaryOperator<List<EmbeddingRow>> answers) {
        return (EmbeddingStore)
                Proxy.newProxyInstance(
                        EmbeddingStore.class.getClassLoader(),
                        new Class<?>[] {EmbeddingStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("asOfNow")) {
                                return proxy;
                            }
                            Object[] asked = arguments;
                            boolean query = method.getName().equals("query");
                            if (query) {
                                // All of them, for the answer to choose from.
                                asked = arguments.clone();
                                asked[5] = Integer.MAX_VALUE;
                            }
                            if (query || method.getName().equals("count")) {
                                requests.incrementAndGet();
                            }
                            try {
                                Object answer = method.invoke(store, asked);
                                return query
                                        ? limited(answers, answer, (Integer) arguments[5])
                                        : answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @SuppressWarnings("unchecked")
    private static List<EmbeddingRow> limited(
            UnaryOperator<List<EmbeddingRow>> answers, Object answer, int limit) {
        List<EmbeddingRow> rows = answers.apply(new ArrayList<>((List<EmbeddingRow>) answer));
        return rows.subList(0, Math.min(limit, rows.size()));
    }

    @Test
    void requestsGrowWithTheSizeAndNotWithItsSquare() {
        AtomicInteger requests = new AtomicInteger();
        try (MilvusPageReader reader =
                new MilvusPageReader(
                        watched(filled(ROWS), requests, UnaryOperator.identity()),
                        "c",
                        List.of(),
                        false)) {
            List<KeyRange> ranges = reader.ranges();
            assertThat(ranges).hasSizeBetween(ROWS / PAGE, 2 * ROWS / PAGE);
            assertThat(requests.get()).isLessThanOrEqualTo(2 * (ROWS / WINDOW + 1) + 1);
            everythingIsReadOnce(reader, ranges);
        }
    }

    @Test
    void answersInNoOrderAreCutByTrial() {
        Random random = new Random(5);
        try (MilvusPageReader reader =
                new MilvusPageReader(
                        watched(
                                filled(ROWS),
                                new AtomicInteger(),
                                rows -> {
                                    Collections.shuffle(rows, random);
                                    return rows;
                                }),
                        "c",
                        List.of(),
                        false)) {
            everythingIsReadOnce(reader, reader.ranges());
        }
    }

    private static void everythingIsReadOnce(MilvusPageReader reader, List<KeyRange> ranges) {
        TreeSet<String> read = new TreeSet<>();
        for (KeyRange range : ranges) {
            List<? extends Page.Keyed<?>> rows = reader.read(range).rows();
            assertThat(rows.size()).isLessThanOrEqualTo(PAGE);
            rows.forEach(r -> assertThat(read.add(r.key())).isTrue());
        }
        assertThat(read).hasSize(ROWS);
    }
}
