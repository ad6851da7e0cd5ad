package org.aima.jobs.savepoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.aima.jobs.savepoint.OperatorGraph.Operator;
import org.aima.jobs.savepoint.SavepointContent.SavedOperator;
import org.aima.jobs.savepoint.SavepointContent.SavedState;
import org.aima.jobs.savepoint.SavepointVerdict.Finding;
import org.aima.jobs.savepoint.SavepointVerdict.Kind;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.jspecify.annotations.Nullable;

/**
 * Compares a savepoint with the graph that is to restore it, by Flink's own rules and by one more:
 * a state that nobody asks for any more is not dropped in silence.
 */
public final class SavepointComparison {
    private final Set<String> droppable;
    private final Set<String> dropped = new HashSet<>();
    private final List<Finding> findings = new ArrayList<>();

    private SavepointComparison(Set<String> droppable) {
        this.droppable = Set.copyOf(droppable);
    }

    /**
     * The verdict.
     *
     * @param droppable what may be given up: {@code OPERATOR} or {@code OPERATOR/STATE}, the
     *     operator by uid, or by id when the graph lacks it
     */
    public static SavepointVerdict compare(
            OperatorGraph graph, SavepointContent savepoint, Set<String> droppable) {
        SavepointComparison comparison = new SavepointComparison(droppable);
        comparison.compare(graph, savepoint);
        List<Finding> findings =
                comparison.findings.stream()
                        .sorted(
                                Comparator.comparing((Finding f) -> !f.blocking())
                                        .thenComparing(Finding::operator)
                                        .thenComparing(Finding::state))
                        .toList();
        return new SavepointVerdict(
                savepoint.path(),
                savepoint.checkpointId(),
                savepoint.bytes(),
                findings.stream().noneMatch(Finding::blocking),
                findings,
                graph.names());
    }

    private void compare(OperatorGraph graph, SavepointContent savepoint) {
        Map<String, SavedOperator> saved = new HashMap<>();
        savepoint.operators().forEach(o -> saved.put(o.id(), o));
        List<Operator> added = new ArrayList<>();
        for (Operator operator : graph.operators()) {
            SavedOperator before = saved.remove(operator.id());
            if (before == null || !before.hasState()) {
                if (before == null) {
                    added.add(operator);
                    add(operator.uid(), "", Kind.NEW_OPERATOR, false, "starts without state");
                }
                continue;
            }
            compare(operator, before);
        }
        for (SavedOperator orphan : saved.values()) {
            if (orphan.hasState()) {
                orphan(orphan, added);
            }
        }
        for (String name : droppable) {
            if (!dropped.contains(name)) {
                add(
                        name,
                        "",
                        Kind.DROPPED,
                        true,
                        "is to be dropped, but nothing of that name would be lost; leave --drop "
                                + name
                                + " out");
            }
        }
    }

    private void orphan(SavedOperator orphan, List<Operator> added) {
        if (drops(orphan.id())) {
            add(orphan.id(), "", Kind.DROPPED, false, "its state is given up");
            return;
        }
        String candidates =
                added.stream()
                        .filter(o -> o.userFunction() || !o.uid().isEmpty())
                        .map(Operator::uid)
                        .sorted()
                        .collect(Collectors.joining(", "));
        add(
                orphan.id(),
                "",
                Kind.ORPHANED_OPERATOR,
                true,
                "no operator of the new graph has this id, its state ("
                        + names(orphan)
                        + ") would be lost; "
                        + (candidates.isEmpty() ? "" : "new there: " + candidates + "; ")
                        + "give the operator its former uid back, or --drop "
                        + orphan.id());
    }

    private static String names(SavedOperator operator) {
        String names =
                operator.states().stream()
                        .filter(s -> s.backend() != BackendStateType.PRIORITY_QUEUE)
                        .map(SavedState::name)
                        .sorted()
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? operator.bytes() + " bytes" : names;
    }

    private void compare(Operator operator, SavedOperator before) {
        String uid = operator.uid();
        if (operator.maxParallelism() > 0 && operator.maxParallelism() != before.maxParallelism()) {
            add(
                    uid,
                    "",
                    Kind.MAX_PARALLELISM_CHANGED,
                    true,
                    before.maxParallelism()
                            + " key groups became "
                            + operator.maxParallelism()
                            + "; max parallelism never changes: set it back");
        }
        if (operator.parallelism() > before.maxParallelism()) {
            add(
                    uid,
                    "",
                    Kind.PARALLELISM_TOO_HIGH,
                    true,
                    "parallelism "
                            + operator.parallelism()
                            + " is more than its "
                            + before.maxParallelism()
                            + " key groups; start it with fewer tasks");
        }
        if (!before.unreadable().isEmpty()) {
            add(
                    uid,
                    "",
                    Kind.UNREADABLE,
                    true,
                    "the header of its state cannot be read ("
                            + before.unreadable()
                            + "); keep the classes that state was written with");
            return;
        }
        compareKey(operator, before);
        if (!operator.userFunction()) {
            add(uid, "", Kind.KEPT, false, "state of Flink's own: " + names(before));
            return;
        }
        if (!operator.declares()) {
            if (before.states().stream()
                    .anyMatch(s -> s.backend() != BackendStateType.PRIORITY_QUEUE)) {
                add(
                        uid,
                        "",
                        Kind.NOT_DECLARED,
                        false,
                        "its function does not declare its state, so it was not compared: "
                                + names(before));
            }
            return;
        }
        compareStates(operator, before);
    }

    private void compareKey(Operator operator, SavedOperator before) {
        TypeSerializer<?> now = operator.keySerializer();
        if (before.key() == null) {
            return;
        }
        if (now == null) {
            add(
                    operator.uid(),
                    "",
                    Kind.KEY_CHANGED,
                    true,
                    "its state is by key, but the new graph does not key its input");
            return;
        }
        TypeSerializerSchemaCompatibility<?> answer = resolve(now, before.key());
        if (answer.isCompatibleAfterMigration() || answer.isIncompatible()) {
            add(
                    operator.uid(),
                    "",
                    Kind.KEY_CHANGED,
                    true,
                    "the key was written by "
                            + describe(before.key())
                            + " and is now "
                            + now.getClass().getSimpleName()
                            + "; a key never changes: a new key needs a new operator with a new uid");
        }
    }

    private void compareStates(Operator operator, SavedOperator before) {
        Map<String, SavedState> saved = new HashMap<>();
        before.states().stream()
                .filter(s -> s.backend() != BackendStateType.PRIORITY_QUEUE)
                .forEach(s -> saved.put(key(s), s));
        List<String> added = new ArrayList<>();
        for (DeclaredState declared : operator.states()) {
            SavedState state = saved.remove(key(declared));
            if (state == null) {
                added.add(declared.name());
                add(
                        operator.uid(),
                        declared.name(),
                        Kind.NEW_STATE,
                        false,
                        "is empty at first: the savepoint does not hold it");
            } else {
                compare(operator.uid(), declared, state);
            }
        }
        for (SavedState lost : saved.values()) {
            if (drops(operator.uid() + "/" + lost.name())) {
                add(operator.uid(), lost.name(), Kind.DROPPED, false, "is given up");
                continue;
            }
            add(
                    operator.uid(),
                    lost.name(),
                    Kind.LOST_STATE,
                    true,
                    "is in the savepoint, but the function no longer declares it"
                            + (added.isEmpty()
                                    ? ""
                                    : " (new are: " + String.join(", ", added) + ")")
                            + "; give it its former name back, or --drop "
                            + operator.uid()
                            + "/"
                            + lost.name());
        }
    }

    private void compare(String uid, DeclaredState declared, SavedState saved) {
        if (!saved.kind().equals(declared.kind()) && !saved.kind().equals("UNKNOWN")) {
            add(
                    uid,
                    declared.name(),
                    Kind.KIND_CHANGED,
                    true,
                    saved.kind()
                            + " became "
                            + declared.kind()
                            + "; keep the kind, or keep the new state under a new name");
            return;
        }
        TypeSerializer<?> keys = declared.keySerializer();
        if (keys != null && saved.key() != null) {
            if (!usableForKeys(resolve(keys, saved.key()))) {
                entryKeysChanged(uid, declared, saved.key());
                return;
            }
        } else if (declared.valueSerializer() instanceof MapSerializer<?, ?> map
                && saved.value() instanceof MapSerializerSnapshot<?, ?> entries
                && !usableForKeys(
                        resolve(map.getKeySerializer(), entries.getKeySerializerSnapshot()))) {
            entryKeysChanged(uid, declared, entries.getKeySerializerSnapshot());
            return;
        }
        if (saved.value() == null) {
            add(uid, declared.name(), Kind.UNREADABLE, true, "it is stored without a serializer");
            return;
        }
        TypeSerializerSchemaCompatibility<?> answer =
                resolve(declared.valueSerializer(), saved.value());
        if (answer.isIncompatible()) {
            add(
                    uid,
                    declared.name(),
                    Kind.SERIALIZER_CHANGED,
                    true,
                    "was written by "
                            + describe(saved.value())
                            + ", which "
                            + declared.valueSerializer().getClass().getSimpleName()
                            + " cannot read; only add or remove fields, or keep the new state under a"
                            + " new name");
        } else if (answer.isCompatibleAfterMigration()) {
            add(
                    uid,
                    declared.name(),
                    Kind.MIGRATED,
                    false,
                    "is rewritten at the start: its class gained or lost fields");
        } else {
            add(uid, declared.name(), Kind.KEPT, false, "is taken over");
        }
    }

    private void entryKeysChanged(
            String uid, DeclaredState declared, TypeSerializerSnapshot<?> before) {
        add(
                uid,
                declared.name(),
                Kind.SERIALIZER_CHANGED,
                true,
                "the keys of its entries were written by "
                        + describe(before)
                        + "; keys of entries cannot be migrated: keep the new state under a new name");
    }

    private static boolean usableForKeys(TypeSerializerSchemaCompatibility<?> answer) {
        return answer.isCompatibleAsIs() || answer.isCompatibleWithReconfiguredSerializer();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static TypeSerializerSchemaCompatibility<?> resolve(
            TypeSerializer<?> now, TypeSerializerSnapshot<?> before) {
        try {
            TypeSerializerSnapshot snapshot = now.snapshotConfiguration();
            return snapshot.resolveSchemaCompatibility((TypeSerializerSnapshot) before);
        } catch (RuntimeException e) {
            // Some serializers cast before they compare.
            return TypeSerializerSchemaCompatibility.incompatible();
        }
    }

    private static String describe(@Nullable TypeSerializerSnapshot<?> snapshot) {
        if (snapshot == null) {
            return "an unknown serializer";
        }
        try {
            return snapshot.restoreSerializer().getClass().getSimpleName();
        } catch (RuntimeException | LinkageError e) {
            return snapshot.getClass().getSimpleName();
        }
    }

    private static String key(SavedState state) {
        return (state.backend() == BackendStateType.KEY_VALUE) + " " + state.name();
    }

    private static String key(DeclaredState state) {
        return state.keyed() + " " + state.name();
    }

    private boolean drops(String name) {
        if (droppable.contains(name)) {
            dropped.add(name);
            return true;
        }
        return false;
    }

    private void add(String operator, String state, Kind kind, boolean blocking, String detail) {
        findings.add(new Finding(operator, state, kind, blocking, detail));
    }
}
