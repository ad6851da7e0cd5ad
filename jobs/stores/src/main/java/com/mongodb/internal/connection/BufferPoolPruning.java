package com.mongodb.internal.connection;

/**
 * Stops the driver's buffer pruner: a thread that nothing ends and that would keep the class loader
 * of every Flink job in the TaskManager for good.
 *
 * <p>It lives in the driver's package because the driver (4.7) offers no public way. Idle buffers
 * then stay until the job ends; they are heap memory and as many as were in use at once.
 */
public final class BufferPoolPruning {
    private BufferPoolPruning() {}

    /** Idempotent. */
    public static void stop() {
        PowerOfTwoBufferPool.DEFAULT.disablePruning();
    }
}
