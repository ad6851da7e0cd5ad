package org.aima.testkit.contract;

import java.util.List;
import java.util.Map;
import org.aima.testkit.flink.ListPageReader;

/** The reader that source tests use keeps the contract as well. */
class ListPageReaderTest extends PageReaderContract {
    @Override
    protected Stored store(Map<String, List<String>> keysByScope) {
        List<String> keys = keysByScope.values().stream().flatMap(List::stream).toList();
        return new Stored(
                new ListPageReader(keys, 100, 30), keys.stream().map(k -> "list/" + k).toList());
    }

    @Override
    protected List<String> scopes() {
        return List.of("list");
    }

    @Override
    protected int rowsBeyondOnePage() {
        return 1_000;
    }
}
