package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.StoreException;
import org.aima.stores.redis.CachedCopies;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ClientKillParams;

/** Copies go, all of them and no others, on a Redis server. */
class CachedCopiesITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @TempDir private Path directory;

    private static CachedCopies.Keys keys() {
        return new CachedCopies.Keys(STORES.redis(), STORES.topic("person:{id}:v1"));
    }

    private static Jedis client() {
        return new Jedis(URI.create(STORES.redis().resolve()));
    }

    @Test
    void forgetsWhatIsNamedAndNothingElse() {
        CachedCopies.Keys keys = keys();
        List<String> ids =
                new ArrayList<>(IntStream.range(0, 1_201).mapToObj(i -> "p" + i).toList());
        try (Jedis client = client();
                CachedCopies copies = keys.open()) {
            for (String id : ids) {
                client.set(keys.pattern().replace("{id}", id), "a copy");
            }
            client.hset(keys.pattern().replace("{id}", "hash"), "field", "value");
            client.set(keys.pattern().replace("{id}", "other"), "a copy");
            ids.addAll(List.of("hash", "never cached", "p0"));
            assertThat(copies.forget(keys, ids)).isEqualTo(1_202);
            assertThat(client.keys(keys.pattern().replace("{id}", "*")))
                    .containsExactly(keys.pattern().replace("{id}", "other"));
            assertThat(copies.forget(keys, ids)).isZero();
            assertThat(copies.forget(keys, List.of())).isZero();
        }
    }

    @Test
    void connectsAgainAfterItsConnectionWasCut() {
        CachedCopies.Keys keys = keys();
        String key = keys.pattern().replace("{id}", "cut");
        try (Jedis client = client();
                CachedCopies copies = keys.open()) {
            copies.forget(keys, List.of("cut"));
            client.set(key, "a copy");
            client.clientKill(new ClientKillParams().skipMe(ClientKillParams.SkipMe.YES));
            assertThat(copies.forget(keys, List.of("cut"))).isEqualTo(1);
            assertThat(client.exists(key)).isFalse();
        }
    }

    @Test
    void tellsWhatIsWrongWithoutThePassword() throws Exception {
        assertThat(CachedCopies.problem(STORES.redis())).isEmpty();
        assertThat(
                        CachedCopies.problem(secret("redis://user:hush-hush@127.0.0.1:1/0"))
                                .orElseThrow())
                .doesNotContain("hush-hush");
        SecretReference odd = secret("hush hush: no address");
        assertThatThrownBy(() -> new CachedCopies(odd).forget(keys(), List.of("a")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is not a Redis address")
                .hasMessageNotContaining("hush");
    }

    private SecretReference secret(String value) throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "redis", ""), value);
        return new SecretReference("${file:" + file + "}");
    }
}
