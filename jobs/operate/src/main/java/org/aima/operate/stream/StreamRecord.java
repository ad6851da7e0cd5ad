package org.aima.operate.stream;

import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger.RunRecord;

/**
 * What the ledger knows of a stream: {@code stream} of its run's document holds {@code current},
 * {@code versions}, {@code savepoints}, and {@code change}, the id of the change that is under way.
 *
 * @param current number of the version that is to run
 * @param change empty when none is under way
 * @param changes how many there have been
 * @param last id of the newest change
 */
public record StreamRecord(
        String runId,
        int current,
        TreeMap<Integer, StreamVersion> versions,
        List<SavepointEntry> savepoints,
        String change,
        int changes,
        String last) {
    private static final String STREAM = "stream";

    /**
     * A savepoint that was taken.
     *
     * @param version that it was taken of
     * @param reason what for
     */
    public record SavepointEntry(String path, Date at, int version, String reason) {
        Map<String, Object> document() {
            return new LinkedHashMap<>(
                    Map.of("path", path, "at", at, "version", version, "reason", reason));
        }
    }

    /** Whether a run is a stream. */
    public static boolean isStream(RunRecord run) {
        return !Fields.map(run.document(), STREAM).isEmpty();
    }

    /** The stream of a run. */
    public static StreamRecord of(RunRecord run) {
        Map<?, ?> stream = Fields.map(run.document(), STREAM);
        if (stream.isEmpty()) {
            throw AimaException.usage(
                    "run "
                            + run.runId()
                            + " is not a stream; upgrades and savepoints are for endless jobs");
        }
        TreeMap<Integer, StreamVersion> versions = new TreeMap<>();
        for (Object version : Fields.map(stream, "versions").values()) {
            if (version instanceof Map<?, ?> document) {
                StreamVersion read = StreamVersion.of(document);
                versions.put(read.number(), read);
            }
        }
        List<SavepointEntry> savepoints = new ArrayList<>();
        for (Object row : Fields.list(stream, "savepoints")) {
            if (row instanceof Map<?, ?> entry) {
                savepoints.add(
                        new SavepointEntry(
                                Fields.text(entry, "path"),
                                entry.get("at") instanceof Date date ? date : new Date(0),
                                Fields.number(entry, "version"),
                                Fields.text(entry, "reason")));
            }
        }
        return new StreamRecord(
                run.runId(),
                Fields.number(stream, "current"),
                versions,
                List.copyOf(savepoints),
                Fields.text(stream, "change"),
                Fields.number(stream, "changes"),
                Fields.text(stream, "last"));
    }

    /** The version that is to run. */
    public StreamVersion running() {
        return version(current);
    }

    /** A version by number. */
    public StreamVersion version(int number) {
        StreamVersion version = versions.get(number);
        if (version == null) {
            throw AimaException.refused(
                    "version "
                            + number
                            + " of "
                            + runId
                            + " is not recorded (any more); see: aima status "
                            + runId);
        }
        return version;
    }

    /** A number for a new version. */
    int nextNumber() {
        return versions.isEmpty() ? 1 : versions.lastKey() + 1;
    }

    /** The uid of an operator as any recorded version knew it; the id itself when none did. */
    String uid(String operatorId) {
        return versions.descendingMap().values().stream()
                .map(v -> v.operators().get(operatorId))
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElse(operatorId);
    }

    /** The newest savepoint. */
    public Optional<SavepointEntry> newestSavepoint() {
        return savepoints.isEmpty()
                ? Optional.empty()
                : Optional.of(savepoints.get(savepoints.size() - 1));
    }

    /** Savepoints that a recorded version was restored from: a rollback needs them. */
    public Set<String> referred() {
        Set<String> referred = new TreeSet<>();
        versions.values().forEach(v -> referred.add(v.restoredFrom()));
        return referred;
    }

    /** Versions that a rollback can still reach: the current one and the one it replaced. */
    Set<Integer> reachable() {
        return new TreeSet<>(List.of(current, running().follows()));
    }

    static Map<String, Object> fields(StreamVersion version) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(STREAM + ".versions." + version.number(), version.document());
        return fields;
    }

    static Map<String, Object> current(int number) {
        return Map.of(STREAM + ".current", number);
    }

    static Map<String, Object> change(String id, int count) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(STREAM + ".change", id);
        fields.put(STREAM + ".changes", count);
        if (!id.isEmpty()) {
            fields.put(STREAM + ".last", id);
        }
        return fields;
    }

    static Map<String, Object> savepoints(List<SavepointEntry> entries) {
        return Map.of(
                STREAM + ".savepoints", entries.stream().map(SavepointEntry::document).toList());
    }

    static Map<String, Object> versions(List<StreamVersion> versions) {
        Map<String, Object> documents = new LinkedHashMap<>();
        versions.forEach(v -> documents.put(Integer.toString(v.number()), v.document()));
        return Map.of(STREAM + ".versions", documents);
    }

    /** The list with one more; the same path once. */
    List<SavepointEntry> with(SavepointEntry entry) {
        List<SavepointEntry> entries = new ArrayList<>(savepoints);
        if (entries.stream().noneMatch(e -> e.path().equals(entry.path()))) {
            entries.add(entry);
        }
        return entries;
    }
}
