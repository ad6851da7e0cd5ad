package org.aima.archival.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One immutable link of the chain: what a run added to the archive and what it took out of it.
 *
 * @param number from 1, without gaps
 * @param kind what made it
 * @param run the run that published it
 * @param fence the number of the run's lease
 * @param createdAt ISO 8601, the run's own time
 * @param previousSha256 of the bytes of the manifest before it; empty for the first
 * @param cutoff of an archive run, ISO 8601; else empty
 * @param policy effective rules by key
 * @param counts what selection found, by name
 * @param removed keys of files that are not part of the archive from here on
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Manifest(
        int format,
        long number,
        Kind kind,
        String run,
        long fence,
        String createdAt,
        String codeVersion,
        String previousSha256,
        String cutoff,
        Map<String, String> policy,
        Map<String, Long> counts,
        List<ArchivedFile> added,
        List<String> removed) {
    public static final int FORMAT = 1;
    public static final String ROOT = "_aima/manifests/";

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    public Manifest {
        // Jackson leaves out what the JSON leaves out.
        Stream.of(
                        kind,
                        run,
                        createdAt,
                        codeVersion,
                        previousSha256,
                        cutoff,
                        policy,
                        counts,
                        added,
                        removed)
                .forEach(Objects::requireNonNull);
    }

    /** What a manifest came from. */
    public enum Kind {
        ARCHIVE,
        COMPACT,
        ERASE,
        EXPIRE
    }

    /** Where the manifest of a number lies. */
    public static String keyOf(long number) {
        return "%s%010d.json".formatted(ROOT, number);
    }

    public String key() {
        return keyOf(number);
    }

    public long rows() {
        return added.stream().mapToLong(ArchivedFile::rows).sum();
    }

    public byte[] encode() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @throws IllegalArgumentException when the bytes are not a manifest of a known format
     */
    public static Manifest decode(byte[] bytes) {
        try {
            Manifest manifest = JSON.readValue(bytes, Manifest.class);
            if (manifest.format() != FORMAT) {
                throw new IllegalArgumentException(
                        "manifest format " + manifest.format() + " is not known here");
            }
            return manifest;
        } catch (IOException e) {
            throw new IllegalArgumentException("not a manifest: " + e.getMessage(), e);
        }
    }

    /** SHA-256 of a manifest's bytes, hexadecimal. */
    public static String sha256(byte[] encoded) {
        return HexFormat.of().formatHex(CanonicalBson.hash(encoded));
    }
}
