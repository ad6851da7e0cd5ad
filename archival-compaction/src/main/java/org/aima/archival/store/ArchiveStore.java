package org.aima.archival.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.Partition;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveFileWriter;
import org.aima.archival.parquet.DocumentPageReader;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.Failure;
import org.aima.jobs.error.RunRefusedException;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;

/**
 * The bucket as an archive: the chain of manifests, data files, and what says that work is done.
 */
public final class ArchiveStore implements AutoCloseable {
    /** Under it lies everything that is not data. */
    public static final String ROOT = "_aima/";

    private static final String DONE = ROOT + "done/";
    private static final String PROBE = ROOT + "probe/";
    private static final int ATTEMPTS = 5;

    private final ObjectStore objects;
    private final String bucket;
    private final boolean conditional;

    /**
     * @param conditional whether commits rely on conditional puts; without them only the lease
     *     keeps two runs apart
     */
    public ArchiveStore(ObjectStore objects, String bucket, boolean conditional) {
        this.objects = objects;
        this.bucket = bucket;
        this.conditional = conditional;
    }

    public ObjectStore objects() {
        return objects;
    }

    public String bucket() {
        return bucket;
    }

    /**
     * Whether the store refuses a conditional put where an object is: tried, because a store that
     * does not know the header overwrites without a word. Leaves nothing behind.
     */
    public boolean refusesSecondPut() {
        String key = PROBE + UUID.randomUUID();
        try {
            return objects.putIfAbsent(bucket, key, new byte[] {1})
                    && !objects.putIfAbsent(bucket, key, new byte[] {2})
                    && Arrays.equals(objects.get(bucket, key).orElse(new byte[0]), new byte[] {1});
        } catch (StoreException e) {
            if (e.failure() == Failure.TRANSIENT) {
                throw e;
            }
            return false;
        } finally {
            objects.delete(bucket, key);
        }
    }

    /**
     * Reads all manifests and checks that they follow from each other.
     *
     * @throws ManifestChain.BrokenChainException naming the manifest that is missing or was changed
     */
    public ManifestChain chain() {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String key : objects.list(bucket, Manifest.ROOT)) {
            contents.put(
                    key,
                    objects.get(bucket, key)
                            .orElseThrow(
                                    () ->
                                            AimaException.failed(
                                                    "manifest "
                                                            + key
                                                            + " was listed but is not"
                                                            + " there",
                                                    null)));
        }
        return ManifestChain.of(contents);
    }

    /**
     * The chain, and that it is not shorter than it once was.
     *
     * @throws RunRefusedException when it is broken or its end is missing
     */
    public ManifestChain trustedChain(Optional<LiveResults.Head> noted) {
        ManifestChain chain;
        try {
            chain = chain();
        } catch (ManifestChain.BrokenChainException e) {
            throw new RunRefusedException(
                    "the archive in "
                            + bucket
                            + " is damaged: "
                            + e.getMessage()
                            + "; bring the manifest back (README: a manifest is missing)");
        }
        if (noted.isPresent()) {
            long number = noted.get().number();
            if (chain.head() < number) {
                throw new RunRefusedException(
                        "manifest "
                                + Manifest.keyOf(number)
                                + " was published and is missing now; bring it back (README: a"
                                + " manifest is missing)");
            }
            if (number > 0 && !chain.sha256(number).equals(noted.get().sha256())) {
                throw new RunRefusedException(
                        "manifest "
                                + Manifest.keyOf(number)
                                + " is not the one that was published");
            }
        }
        return chain;
    }

    /**
     * Publishes a manifest under its number, once. A lost answer is looked up, never repeated
     * blindly.
     *
     * @return the manifest's SHA-256
     * @throws RunRefusedException when another run has published that number
     */
    public String publish(Manifest manifest) {
        byte[] encoded = manifest.encode();
        String key = manifest.key();
        StoreException last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                boolean created =
                        conditional
                                ? objects.putIfAbsent(bucket, key, encoded)
                                : putUnconditionally(key, encoded);
                if (created || isOwn(key, manifest)) {
                    return Manifest.sha256(objects.get(bucket, key).orElse(encoded));
                }
                throw taken(key);
            } catch (StoreException e) {
                if (e.failure() == Failure.FATAL) {
                    throw e;
                }
                last = e;
                // Unknown outcome: what is there tells.
                if (isOwn(key, manifest)) {
                    return Manifest.sha256(objects.get(bucket, key).orElse(encoded));
                }
                if (objects.stat(bucket, key).isPresent()) {
                    throw taken(key);
                }
            }
        }
        throw last == null ? new IllegalStateException() : last;
    }

    private static RunRefusedException taken(String key) {
        return new RunRefusedException(
                "another run has published "
                        + key
                        + " since this one began; its work stands, this one's files are left to"
                        + " orphan cleaning");
    }

    private boolean putUnconditionally(String key, byte[] encoded) {
        if (objects.stat(bucket, key).isPresent()) {
            return false;
        }
        objects.put(bucket, key, encoded);
        return true;
    }

    /** Whether what is published there was published by the same run for the same files. */
    private boolean isOwn(String key, Manifest manifest) {
        return objects.get(bucket, key)
                .map(Manifest::decode)
                .filter(
                        m ->
                                m.run().equals(manifest.run())
                                        && m.added().equals(manifest.added())
                                        && m.removed().equals(manifest.removed()))
                .isPresent();
    }

    /** Notes that everything that follows a commit is complete; idempotent. */
    public void markDone(Manifest manifest, String note) {
        objects.put(bucket, doneKey(manifest.number()), note.getBytes(StandardCharsets.UTF_8));
    }

    private static String doneKey(long number) {
        return "%s%010d.json".formatted(DONE, number);
    }

    /** Manifests whose follow-up work is not complete, oldest first. */
    public List<Manifest> unfinished(ManifestChain chain) {
        List<String> done = objects.list(bucket, DONE);
        return chain.manifests().stream().filter(m -> !done.contains(doneKey(m.number()))).toList();
    }

    /** Uploads a data file; replaces what an earlier attempt of the same run left there. */
    public void upload(Path local, String key) {
        objects.putFile(bucket, requireDataKey(key), local);
    }

    /** Removes a data file and, where the bucket keeps versions, every version of it. */
    public void remove(String key) {
        objects.delete(bucket, requireDataKey(key));
        objects.versions(bucket, key).stream()
                .filter(v -> v.key().equals(key))
                .forEach(v -> objects.deleteVersion(bucket, v.key(), v.versionId()));
    }

    // A key comes from a manifest, and a manifest from a bucket others can write to.
    private static String requireDataKey(String key) {
        if (!key.startsWith(Partition.ROOT) || key.contains("..") || key.contains("//")) {
            throw new StoreException(Failure.FATAL, "not the key of a data file: " + key, null);
        }
        return key;
    }

    /** How a file in the bucket compares with what is known of it. */
    public enum Condition {
        SOUND,
        MISSING,
        /** Another size or hash than the manifest says. */
        DIFFERENT
    }

    /** Downloads a file and compares its bytes with the manifest's hash. */
    public Condition fetch(ArchivedFile file, Path local) throws IOException {
        if (!objects.download(bucket, requireDataKey(file.key()), local)) {
            return Condition.MISSING;
        }
        return java.nio.file.Files.size(local) == file.bytes()
                        && ArchiveFileWriter.sha256(local).equals(file.sha256())
                ? Condition.SOUND
                : Condition.DIFFERENT;
    }

    /** Downloads a file and reads every document of it. */
    public Condition readBack(ArchivedFile file, Path local) throws IOException {
        Condition condition = fetch(file, local);
        if (condition != Condition.SOUND) {
            return condition;
        }
        ArchiveFileReader.Content content;
        try {
            content = ArchiveFileReader.content(local);
        } catch (IOException e) {
            return Condition.DIFFERENT;
        }
        return content.rows() == file.rows() && content.contentSha256().equals(file.contentSha256())
                ? Condition.SOUND
                : Condition.DIFFERENT;
    }

    /** Reads one document by one ranged read. */
    public byte[] document(SummaryBuilder.Pointer pointer) throws IOException {
        byte[] page =
                objects.getRange(
                                bucket,
                                requireDataKey(pointer.key()),
                                pointer.pageOffset(),
                                pointer.pageBytes())
                        .orElseThrow(() -> new IOException("there is no file " + pointer.key()));
        return DocumentPageReader.document(page, pointer.rowInPage());
    }

    @Override
    public void close() {
        objects.close();
    }
}
