package org.aima.stores.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.aima.stores.paging.PagedEnumerator.State;

/** Splits survive a checkpoint, whatever their keys are. */
class PagedSplitSerializerTest {
    private final PagedSplitSerializer serializer = new PagedSplitSerializer();

    @Provide
    Arbitrary<PagedSplit> splits() {
        Arbitrary<String> text = Arbitraries.strings().all().ofMaxLength(40);
        Arbitrary<String> key =
                Arbitraries.oneOf(
                        text,
                        // Longer than two bytes of length can say, the limit of writeUTF.
                        text.map(t -> (t + "x").repeat(30_000)).injectNull(0.2));
        return Combinators.combine(text, text, key.injectNull(0.2), key.injectNull(0.2))
                .as(
                        (id, scope, after, upTo) ->
                                new PagedSplit(id, new KeyRange(scope, after, upTo)));
    }

    @Property(tries = 200)
    void splitComesBackAsItWas(@ForAll("splits") PagedSplit split) throws IOException {
        assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(split)))
                .isEqualTo(split);
    }

    @Property(tries = 100)
    void enumeratorStateComesBackAsItWas(
            @ForAll("splits") PagedSplit first,
            @ForAll("splits") PagedSplit second,
            @ForAll boolean frozen)
            throws IOException {
        var states = serializer.forState();
        for (List<PagedSplit> pending :
                List.of(List.<PagedSplit>of(), List.of(first), List.of(first, second))) {
            State state = new State(frozen, pending);
            assertThat(states.deserialize(states.getVersion(), states.serialize(state)))
                    .isEqualTo(state);
        }
    }

    @Example
    void unknownVersionIsRefused() throws IOException {
        byte[] bytes = serializer.serialize(new PagedSplit("a", new KeyRange("scope", null, null)));
        assertThatIOException()
                .isThrownBy(() -> serializer.deserialize(99, bytes))
                .withMessageContaining("99");
        byte[] state = serializer.forState().serialize(new State(true, List.of()));
        assertThatIOException()
                .isThrownBy(() -> serializer.forState().deserialize(99, state))
                .withMessageContaining("99");
    }
}
