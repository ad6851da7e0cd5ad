package org.aima.stores.paging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.StringValue;

/** Versioned bytes of splits; version 1 is id, scope, after, upTo. */
final class PagedSplitSerializer implements SimpleVersionedSerializer<PagedSplit> {
    private static final int VERSION = 1;
    private static final int INITIAL_BYTES = 128;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(PagedSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);
        write(out, split);
        return out.getCopyOfBuffer();
    }

    @Override
    public PagedSplit deserialize(int version, byte[] bytes) throws IOException {
        checkVersion(version);
        return read(new DataInputDeserializer(bytes));
    }

    /** The enumerator's state: whether ranges were frozen, and those not yet handed out. */
    SimpleVersionedSerializer<PagedEnumerator.State> forState() {
        return new SimpleVersionedSerializer<>() {
            @Override
            public int getVersion() {
                return VERSION;
            }

            @Override
            public byte[] serialize(PagedEnumerator.State state) throws IOException {
                DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);
                out.writeBoolean(state.frozen());
                out.writeInt(state.pending().size());
                for (PagedSplit split : state.pending()) {
                    write(out, split);
                }
                return out.getCopyOfBuffer();
            }

            @Override
            public PagedEnumerator.State deserialize(int version, byte[] bytes) throws IOException {
                checkVersion(version);
                DataInputDeserializer in = new DataInputDeserializer(bytes);
                boolean frozen = in.readBoolean();
                int count = in.readInt();
                List<PagedSplit> pending = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    pending.add(read(in));
                }
                return new PagedEnumerator.State(frozen, pending);
            }
        };
    }

    // Not writeUTF: a key may be longer than the 65,535 bytes it can write.
    private static void write(DataOutputSerializer out, PagedSplit split) throws IOException {
        StringValue.writeString(split.id(), out);
        StringValue.writeString(split.range().scope(), out);
        StringValue.writeString(split.range().after(), out);
        StringValue.writeString(split.range().upTo(), out);
    }

    private static PagedSplit read(DataInputDeserializer in) throws IOException {
        return new PagedSplit(
                StringValue.readString(in),
                new KeyRange(
                        StringValue.readString(in),
                        StringValue.readString(in),
                        StringValue.readString(in)));
    }

    private static void checkVersion(int version) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "unknown split version " + version + ", this code reads " + VERSION);
        }
    }
}
