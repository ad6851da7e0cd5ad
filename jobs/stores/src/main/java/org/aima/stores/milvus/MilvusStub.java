package org.aima.stores.milvus;

import io.milvus.client.MilvusServiceClient;
import io.milvus.grpc.ErrorCode;
import io.milvus.grpc.MilvusServiceGrpc.MilvusServiceBlockingStub;
import io.milvus.grpc.Status;
import io.milvus.param.ConnectParam;
import io.milvus.shaded.io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.aima.jobs.error.Failure;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;

/**
 * Calls Milvus with a deadline, bounded retries and classified errors.
 *
 * <p>Requests are built as protobuf messages: the SDK's row path boxes every float, which is slower
 * than the server.
 */
final class MilvusStub implements AutoCloseable {
    private static final Set<ErrorCode> TRANSIENT =
            EnumSet.of(
                    ErrorCode.RateLimit,
                    ErrorCode.NotReadyServe,
                    ErrorCode.NotReadyCoordActivating,
                    ErrorCode.NoReplicaAvailable,
                    ErrorCode.NotShardLeader,
                    ErrorCode.NodeIDNotMatch,
                    ErrorCode.TimeTickLongDelay,
                    ErrorCode.DataCoordNA,
                    ErrorCode.ConnectFailed);
    // Milvus 2.3 codes: 1 service not ready, 2 unavailable, 5 cross-cluster, 6 internal queue full,
    // 8 rate limit, 9 force deny by quota, 501-503 channel and shard leader not available.
    private static final Set<Integer> TRANSIENT_CODES = Set.of(1, 2, 6, 8, 501, 502, 503, 504);

    private final Client client;
    private final Duration deadline;
    private final Retry retry;

    MilvusStub(MilvusAddress address, Retry retry) {
        this.deadline = address.deadline();
        this.retry = retry;
        ConnectParam.Builder connect =
                ConnectParam.newBuilder()
                        .withUri(address.uri().resolve())
                        .withConnectTimeout(
                                Math.min(deadline.toMillis(), CONNECT_MILLIS),
                                TimeUnit.MILLISECONDS);
        String token = address.token().resolve();
        if (!token.isEmpty()) {
            connect.withToken(token);
        }
        try {
            this.client = new Client(connect.build());
        } catch (RuntimeException e) {
            // The SDK's message may carry the address with its token; only the kind is told.
            throw new StoreException(
                    Failure.TRANSIENT,
                    "cannot connect to Milvus (" + e.getClass().getSimpleName() + ")",
                    null);
        }
    }

    private static final long CONNECT_MILLIS = 10_000;

    /** Calls with retries; {@code statusOf} finds the status in the answer. */
    <R> R call(
            String what,
            Function<MilvusServiceBlockingStub, R> request,
            Function<R, Status> statusOf) {
        return retry.call(() -> once(what, request, statusOf));
    }

    private <R> R once(
            String what,
            Function<MilvusServiceBlockingStub, R> request,
            Function<R, Status> statusOf) {
        R answer;
        try {
            answer =
                    request.apply(
                            client.stub()
                                    .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS));
        } catch (StatusRuntimeException e) {
            if (e.getCause() instanceof Error error) {
                // Out of memory on this side: trying again only hides it.
                throw error;
            }
            throw new StoreException(classify(e), "Milvus " + what + ": " + e.getStatus(), e);
        }
        Status status = statusOf.apply(answer);
        if (!isSuccess(status)) {
            throw new StoreException(
                    classify(status),
                    "Milvus "
                            + what
                            + ": "
                            + status.getReason()
                            + " (code "
                            + status.getCode()
                            + ")",
                    null);
        }
        return answer;
    }

    private static boolean isSuccess(Status status) {
        return status.getCode() == 0 && status.getErrorCode() == ErrorCode.Success;
    }

    static Failure classify(Status status) {
        return status.getRetriable()
                        || TRANSIENT.contains(status.getErrorCode())
                        || TRANSIENT_CODES.contains(status.getCode())
                ? Failure.TRANSIENT
                : Failure.FATAL;
    }

    static Failure classify(StatusRuntimeException error) {
        return switch (error.getStatus().getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED, UNKNOWN -> Failure.TRANSIENT;
            default -> Failure.FATAL;
        };
    }

    @Override
    public void close() {
        try {
            client.close(CLOSE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final long CLOSE_SECONDS = 5;

    /** Opens the SDK's connection, but gives access to its stub. */
    private static final class Client extends MilvusServiceClient {
        Client(ConnectParam parameters) {
            super(parameters);
        }

        MilvusServiceBlockingStub stub() {
            return blockingStub();
        }
    }
}
