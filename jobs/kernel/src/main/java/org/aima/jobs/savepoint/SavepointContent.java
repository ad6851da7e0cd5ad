package org.aima.jobs.savepoint;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.error.AimaException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.AbstractIncrementalStateHandle;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.CommonOptionsKeys;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.CommonSerializerKeys;
import org.jspecify.annotations.Nullable;

/**
 * What a savepoint or checkpoint holds: operators, names of their states and how each was
 * serialized. Read from {@code _metadata} and the headers of the state files; no row of state is
 * read and no cluster is needed.
 */
public final class SavepointContent {
    private final String path;
    private final long checkpointId;
    private final List<SavedOperator> operators;

    private SavepointContent(String path, long checkpointId, List<SavedOperator> operators) {
        this.path = path;
        this.checkpointId = checkpointId;
        this.operators = List.copyOf(operators);
    }

    /**
     * One operator.
     *
     * @param unreadable why its state's headers cannot be read with the classes at hand, or empty
     */
    record SavedOperator(
            String id,
            int parallelism,
            int maxParallelism,
            boolean hasState,
            long bytes,
            @Nullable TypeSerializerSnapshot<?> key,
            List<SavedState> states,
            String unreadable) {}

    /**
     * One state.
     *
     * @param key of the entries of a broadcast state, else null
     */
    record SavedState(
            String name,
            BackendStateType backend,
            String kind,
            @Nullable TypeSerializerSnapshot<?> key,
            @Nullable TypeSerializerSnapshot<?> value) {}

    /**
     * Reads a savepoint.
     *
     * @param path its directory or its {@code _metadata} file
     * @param classes of the job that is going to restore it
     * @throws AimaException refused, when there is none or it cannot be read
     */
    public static SavepointContent read(String path, ClassLoader classes) {
        try {
            CompletedCheckpointStorageLocation location =
                    AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(path);
            CheckpointMetadata metadata;
            try (DataInputStream in =
                    new DataInputStream(
                            new BufferedInputStream(
                                    location.getMetadataHandle().openInputStream()))) {
                metadata =
                        Checkpoints.loadCheckpointMetadata(
                                in, classes, location.getExternalPointer());
            }
            List<SavedOperator> operators = new ArrayList<>();
            for (OperatorState state : metadata.getOperatorStates()) {
                operators.add(operator(state, classes));
            }
            return new SavepointContent(
                    location.getExternalPointer(), metadata.getCheckpointId(), operators);
        } catch (IOException e) {
            throw new AimaException(
                    org.aima.jobs.error.ExitCode.REFUSED,
                    "the savepoint "
                            + path
                            + " cannot be read: "
                            + e.getMessage()
                            + "; give the directory that holds _metadata",
                    e);
        }
    }

    /** Where it is. */
    public String path() {
        return path;
    }

    /** The number Flink gave it. */
    public long checkpointId() {
        return checkpointId;
    }

    /** Size of all state in it. */
    public long bytes() {
        return operators.stream().mapToLong(SavedOperator::bytes).sum();
    }

    List<SavedOperator> operators() {
        return operators;
    }

    private static SavedOperator operator(OperatorState state, ClassLoader classes) {
        Map<String, SavedState> states = new LinkedHashMap<>();
        @Nullable TypeSerializerSnapshot<?> key = null;
        String unreadable = "";
        boolean hasState = state.getCoordinatorState() != null;
        for (OperatorSubtaskState subtask : state.getStates()) {
            hasState |= subtask.hasState();
            try {
                for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
                    KeyedBackendSerializationProxy<?> header = keyed(handle, classes);
                    key = header.getKeySerializerSnapshot();
                    header.getStateMetaInfoSnapshots().forEach(s -> add(states, s));
                }
                for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
                    OperatorBackendSerializationProxy header = ofOperator(handle, classes);
                    header.getOperatorStateMetaInfoSnapshots().forEach(s -> add(states, s));
                    header.getBroadcastStateMetaInfoSnapshots().forEach(s -> add(states, s));
                }
            } catch (IOException | RuntimeException | LinkageError e) {
                unreadable = rootMessage(e);
            }
        }
        return new SavedOperator(
                state.getOperatorID().toHexString(),
                state.getParallelism(),
                state.getMaxParallelism(),
                hasState,
                state.getStateSize(),
                key,
                List.copyOf(states.values()),
                unreadable);
    }

    private static void add(Map<String, SavedState> states, StateMetaInfoSnapshot snapshot) {
        String kind =
                snapshot.getBackendStateType() == BackendStateType.KEY_VALUE
                        ? String.valueOf(snapshot.getOption(CommonOptionsKeys.KEYED_STATE_TYPE))
                        : snapshot.getBackendStateType().name();
        states.putIfAbsent(
                snapshot.getBackendStateType() + " " + snapshot.getName(),
                new SavedState(
                        snapshot.getName(),
                        snapshot.getBackendStateType(),
                        kind,
                        snapshot.getTypeSerializerSnapshot(CommonSerializerKeys.KEY_SERIALIZER),
                        snapshot.getTypeSerializerSnapshot(CommonSerializerKeys.VALUE_SERIALIZER)));
    }

    private static KeyedBackendSerializationProxy<?> keyed(
            KeyedStateHandle handle, ClassLoader classes) throws IOException {
        StreamStateHandle file;
        if (handle instanceof KeyGroupsStateHandle full) {
            file = full;
        } else if (handle instanceof AbstractIncrementalStateHandle incremental) {
            file = incremental.getMetaDataStateHandle();
        } else {
            throw new IOException(
                    "state of the form " + handle.getClass().getSimpleName() + " is not known");
        }
        KeyedBackendSerializationProxy<?> header = new KeyedBackendSerializationProxy<>(classes);
        try (var in = file.openInputStream()) {
            header.read(new DataInputViewStreamWrapper(in));
        }
        return header;
    }

    private static OperatorBackendSerializationProxy ofOperator(
            OperatorStateHandle handle, ClassLoader classes) throws IOException {
        OperatorBackendSerializationProxy header = new OperatorBackendSerializationProxy(classes);
        try (var in = handle.openInputStream()) {
            header.read(new DataInputViewStreamWrapper(in));
        }
        return header;
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }
}
