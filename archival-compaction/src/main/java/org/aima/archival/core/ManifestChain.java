package org.aima.archival.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The manifests in order; their fold is the archive. */
public final class ManifestChain {
    private final List<Manifest> manifests;
    private final List<String> hashes;
    private final Map<String, ArchivedFile> live = new LinkedHashMap<>();
    private final Set<String> named = new LinkedHashSet<>();

    private ManifestChain(List<Manifest> manifests, List<String> hashes) {
        this.manifests = List.copyOf(manifests);
        this.hashes = List.copyOf(hashes);
        for (Manifest manifest : manifests) {
            for (ArchivedFile file : manifest.added()) {
                live.put(file.key(), file);
                named.add(file.key());
            }
            manifest.removed().forEach(live::remove);
            named.addAll(manifest.removed());
        }
    }

    /** A chain that does not hold together; the message names the manifest. */
    public static final class BrokenChainException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenChainException(String message) {
            super(message);
        }
    }

    /**
     * Checks each link against the one before it.
     *
     * @param contents the bytes of each manifest by key, in ascending order of key
     * @throws BrokenChainException when one is missing, unreadable, or not what the next one says
     */
    public static ManifestChain of(Map<String, byte[]> contents) {
        List<Manifest> manifests = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        long expected = 1;
        String previous = "";
        for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
            if (!entry.getKey().equals(Manifest.keyOf(expected))) {
                throw new BrokenChainException(
                        "manifest "
                                + Manifest.keyOf(expected)
                                + " is missing; next is "
                                + entry.getKey());
            }
            Manifest manifest;
            try {
                manifest = Manifest.decode(entry.getValue());
            } catch (IllegalArgumentException e) {
                throw new BrokenChainException(entry.getKey() + ": " + e.getMessage());
            }
            if (manifest.number() != expected) {
                throw new BrokenChainException(
                        entry.getKey() + " says that it is number " + manifest.number());
            }
            if (!manifest.previousSha256().equals(previous)) {
                throw new BrokenChainException(
                        entry.getKey()
                                + " does not follow from the manifest before it: one of the"
                                + " two was changed");
            }
            manifests.add(manifest);
            previous = Manifest.sha256(entry.getValue());
            hashes.add(previous);
            expected++;
        }
        return new ManifestChain(manifests, hashes);
    }

    public List<Manifest> manifests() {
        return manifests;
    }

    /** Number of the newest manifest, 0 when there is none. */
    public long head() {
        return manifests.size();
    }

    /** SHA-256 of the newest manifest, empty when there is none. */
    public String headSha256() {
        return hashes.isEmpty() ? "" : hashes.get(hashes.size() - 1);
    }

    /** SHA-256 of a manifest by number. */
    public String sha256(long number) {
        return hashes.get((int) number - 1);
    }

    /** The files that are the archive now, in order of their commits. */
    public Collection<ArchivedFile> live() {
        return live.values();
    }

    public Optional<ArchivedFile> live(String key) {
        return Optional.ofNullable(live.get(key));
    }

    /** Keys that any manifest ever named. */
    public Set<String> named() {
        return named;
    }

    /** What a run published, oldest first. */
    public List<Manifest> of(String run) {
        return manifests.stream().filter(m -> m.run().equals(run)).toList();
    }
}
