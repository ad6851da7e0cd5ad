package org.aima.jobs.pipeline;

import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Gives operators uid and name in one call; the uid is a constant chosen once and never derived.
 */
public final class Operators {
    /**
     * Key groups of every operator: the upper bound of parallelism, fixed for the life of state.
     */
    public static final int MAX_PARALLELISM = 128;

    private Operators() {}

    public static <T> SingleOutputStreamOperator<T> named(
            SingleOutputStreamOperator<T> operator, String uid, String name) {
        return operator.uid(uid).name(name);
    }

    /** One task, so also one key group. */
    public static <T> SingleOutputStreamOperator<T> single(
            SingleOutputStreamOperator<T> operator, String uid, String name) {
        return operator.uid(uid).name(name).setParallelism(1).setMaxParallelism(1);
    }

    public static <T> DataStreamSink<T> named(DataStreamSink<T> sink, String uid, String name) {
        return sink.uid(uid).name(name);
    }
}
