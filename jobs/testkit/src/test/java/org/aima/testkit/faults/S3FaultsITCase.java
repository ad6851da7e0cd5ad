package org.aima.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;
import org.aima.stores.s3.S3ObjectStore;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the S3 adapter makes of a network that fails. */
class S3FaultsITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    private final String bucket = STORES.bucket("faults");
    private FaultProxy proxy;
    private ObjectStore direct;
    private ObjectStore store;

    @BeforeEach
    void connect() {
        direct = new S3ObjectStore(STORES.s3());
        direct.createBucket(bucket);
        proxy = FaultProxy.before(STORES.s3Server());
        store = new S3ObjectStore(STORES.s3Through(proxy));
    }

    @AfterEach
    void disconnect() {
        store.close();
        direct.close();
        proxy.close();
    }

    @Test
    @Timeout(60)
    void resetConnectionIsRetried() {
        store.put(bucket, "reset", CONTENT);
        proxy.resetConnections();
        store.put(bucket, "reset", CONTENT);
        assertThat(direct.get(bucket, "reset")).hasValue(CONTENT);
    }

    @Test
    @Timeout(120)
    void lostReplyOfAConditionalPutStillTellsThatThisCallCreatedTheObject() throws Exception {
        proxy.swallowReplies();
        CompletableFuture<Boolean> created =
                CompletableFuture.supplyAsync(() -> store.putIfAbsent(bucket, "lost", CONTENT));
        while (direct.get(bucket, "lost").isEmpty()) {
            assertThat(created).isNotCompletedExceptionally();
        }
        proxy.pass();
        proxy.resetConnections();
        assertThat(created.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(store.putIfAbsent(bucket, "lost", CONTENT)).isFalse();
    }

    @Test
    @Timeout(120)
    void serverThatIsGoneIsATransientFailure() {
        proxy.refuse();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.get(bucket, "gone"))
                .matches(e -> e.failure() == Failure.TRANSIENT);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.lifecycle(bucket))
                .matches(e -> e.failure() == Failure.TRANSIENT);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.bucketExists(bucket))
                .matches(e -> e.failure() == Failure.TRANSIENT);
    }
}
