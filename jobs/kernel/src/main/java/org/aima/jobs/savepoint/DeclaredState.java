package org.aima.jobs.savepoint;

import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.runtime.state.ttl.TtlStateFactory.TtlSerializer;
import org.apache.flink.runtime.state.ttl.TtlValue;
import org.jspecify.annotations.Nullable;

/**
 * A state as a function declares it, with the serializers that Flink will write it by.
 *
 * @param kind of the state, as Flink names it: VALUE, LIST, MAP, REDUCING, AGGREGATING
 * @param keySerializer of the entries of a broadcast state, else null
 */
record DeclaredState(
        String name,
        boolean keyed,
        String kind,
        @Nullable TypeSerializer<?> keySerializer,
        TypeSerializer<?> valueSerializer) {

    static DeclaredState keyed(StateDescriptor<?, ?> descriptor, ExecutionConfig config) {
        descriptor.initializeSerializerUnlessSet(config);
        return new DeclaredState(
                descriptor.getName(),
                true,
                descriptor.getType().name(),
                null,
                descriptor.getTtlConfig().isEnabled()
                        ? withTimes(descriptor)
                        : descriptor.getSerializer());
    }

    static DeclaredState ofOperator(StateDescriptor<?, ?> descriptor, ExecutionConfig config) {
        descriptor.initializeSerializerUnlessSet(config);
        if (descriptor instanceof MapStateDescriptor<?, ?> broadcast) {
            return new DeclaredState(
                    descriptor.getName(),
                    false,
                    "BROADCAST",
                    broadcast.getKeySerializer(),
                    broadcast.getValueSerializer());
        }
        if (descriptor instanceof ListStateDescriptor<?> list) {
            return new DeclaredState(
                    descriptor.getName(), false, "OPERATOR", null, list.getElementSerializer());
        }
        throw new IllegalArgumentException(
                "operator state " + descriptor.getName() + " is neither list nor broadcast state");
    }

    // State with a time to live is stored beside the time of its last use.
    private static TypeSerializer<?> withTimes(StateDescriptor<?, ?> descriptor) {
        if (descriptor instanceof ListStateDescriptor<?> list) {
            return new ListSerializer<>(withTime(list.getElementSerializer()));
        }
        if (descriptor instanceof MapStateDescriptor<?, ?> map) {
            return new MapSerializer<>(map.getKeySerializer(), withTime(map.getValueSerializer()));
        }
        return withTime(descriptor.getSerializer());
    }

    private static <T> TypeSerializer<TtlValue<T>> withTime(TypeSerializer<T> serializer) {
        return new TtlSerializer<>(LongSerializer.INSTANCE, serializer);
    }
}
