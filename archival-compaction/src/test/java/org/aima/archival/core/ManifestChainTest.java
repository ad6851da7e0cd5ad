package org.aima.archival.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.archival.core.ManifestChain.BrokenChainException;
import org.junit.jupiter.api.Test;

/** The chain tells what is the archive, and that nobody changed what it says. */
class ManifestChainTest {
    private static final int LINKS = 5;

    private static ArchivedFile file(String key) {
        return new ArchivedFile(
                key, "face_detection", 2025, 1, 10, 100, "aa", "bb", 1, 2, "a", "b", 1, 1);
    }

    private static Map<String, byte[]> chain() {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        String previous = "";
        for (int n = 1; n <= LINKS; n++) {
            Manifest manifest =
                    new Manifest(
                            Manifest.FORMAT,
                            n,
                            n == 4 ? Manifest.Kind.COMPACT : Manifest.Kind.ARCHIVE,
                            "run-" + n,
                            n,
                            "2026-01-01T00:00:00Z",
                            "test",
                            previous,
                            "",
                            Map.of("select.types", "all"),
                            Map.of("read", 10L),
                            List.of(file("f" + n)),
                            n == 4 ? List.of("f1", "f2") : List.of());
            byte[] encoded = manifest.encode();
            contents.put(manifest.key(), encoded);
            previous = Manifest.sha256(encoded);
        }
        return contents;
    }

    @Test
    void theFoldIsTheArchive() {
        ManifestChain chain = ManifestChain.of(chain());
        assertThat(chain.live()).extracting(ArchivedFile::key).containsExactly("f3", "f4", "f5");
        assertThat(chain.named()).containsExactlyInAnyOrder("f1", "f2", "f3", "f4", "f5");
        assertThat(chain.head()).isEqualTo(LINKS);
        assertThat(chain.of("run-4")).hasSize(1);
        assertThat(ManifestChain.of(Map.of()).head()).isZero();
    }

    @Property
    void aMissingLinkIsNamed(@ForAll @IntRange(min = 1, max = LINKS - 1) int missing) {
        Map<String, byte[]> contents = chain();
        contents.remove(Manifest.keyOf(missing));
        assertThatThrownBy(() -> ManifestChain.of(contents))
                .isInstanceOf(BrokenChainException.class)
                .hasMessageContaining(Manifest.keyOf(missing) + " is missing");
    }

    @Property(tries = 300)
    void aChangedByteOfAnyLinkButTheLastIsNoticed(
            @ForAll @IntRange(min = 1, max = LINKS - 1) int link,
            @ForAll @IntRange(min = 0, max = 400) int at) {
        Map<String, byte[]> contents = chain();
        byte[] changed = contents.get(Manifest.keyOf(link)).clone();
        changed[at % changed.length] ^= 1;
        contents.put(Manifest.keyOf(link), changed);
        assertThatThrownBy(() -> ManifestChain.of(contents))
                .isInstanceOf(BrokenChainException.class);
    }

    @Test
    void aManifestSurvivesItsJson() {
        Map<String, byte[]> contents = chain();
        List<Manifest> again = new ArrayList<>();
        contents.values().forEach(bytes -> again.add(Manifest.decode(bytes)));
        assertThat(ManifestChain.of(contents).manifests()).isEqualTo(again);
    }

    @Test
    void boundsOfMediaTellNoId() {
        String id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assertThat(ArchivedFile.prefix(id)).isEqualTo("0f8f");
        assertThat(ArchivedFile.prefix("abc")).isEqualTo("a");
        ArchivedFile file =
                new ArchivedFile("k", "t", 2025, 1, 1, 1, "", "", 0, 0, "0f8f", "a000", 1, 1);
        assertThat(file.mayHoldMedia(id)).isTrue();
        assertThat(file.mayHoldMedia("a000ffff")).isTrue();
        assertThat(file.mayHoldMedia("a001")).isFalse();
        assertThat(file.mayHoldMedia("0f8e")).isFalse();
    }
}
