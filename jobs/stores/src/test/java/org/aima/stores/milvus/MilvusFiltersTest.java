package org.aima.stores.milvus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.aima.stores.paging.KeyRange;

/** Quoting against a parser of the server's literal grammar, for every text. */
class MilvusFiltersTest {

    /** Texts with every kind of character that a quoting could forget, half of them awkward. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> awkward =
                Arbitraries.of(
                        "\"",
                        "'",
                        "\\",
                        "\n",
                        "\r",
                        "\t",
                        "\u0000",
                        "\u0001",
                        "\u001f",
                        "\u007f",
                        "\u0080",
                        "\u2028",
                        "\uffff",
                        "\ud83d\ude00",
                        "\udbff\udfff",
                        "\\x41",
                        "\\u0041",
                        "\\\"",
                        "\" or id != \"",
                        "{a}");
        Arbitrary<String> any =
                Arbitraries.integers()
                        .between(0, Character.MAX_CODE_POINT)
                        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                        .map(Character::toString);
        return Arbitraries.oneOf(awkward, any)
                .list()
                .ofMaxSize(20)
                .map(pieces -> String.join("", pieces));
    }

    @Property(tries = 5_000)
    void quotedTextIsReadBackAsItself(@ForAll("texts") String text) {
        Parser parser = new Parser(MilvusFilters.quote(text));
        assertThat(parser.literal()).isEqualTo(text);
        assertThat(parser.atEnd()).isTrue();
    }

    @Property(tries = 1_000)
    void listStaysAListOfItsValues(@ForAll("texts") String first, @ForAll("texts") String second) {
        Parser parser = new Parser(MilvusFilters.in("id", List.of(first, second, first)));
        parser.expect("id in [");
        List<String> values = new ArrayList<>();
        values.add(parser.literal());
        parser.expect(", ");
        values.add(parser.literal());
        parser.expect(", ");
        values.add(parser.literal());
        parser.expect("]");
        assertThat(parser.atEnd()).isTrue();
        assertThat(values).containsExactly(first, second, first);
    }

    @Property(tries = 1_000)
    void rangeHasItsTwoBordersAndNothingElse(
            @ForAll("texts") String after, @ForAll("texts") String upTo) {
        Parser parser = new Parser(MilvusFilters.range("id", new KeyRange("p", after, upTo)));
        parser.expect("id > ");
        assertThat(parser.literal()).isEqualTo(after);
        parser.expect(" and id <= ");
        assertThat(parser.literal()).isEqualTo(upTo);
        assertThat(parser.atEnd()).isTrue();
    }

    @Example
    void openRangesHaveOneBorderOrNone() {
        assertThat(MilvusFilters.range("id", new KeyRange("p", "a", null))).isEqualTo("id > \"a\"");
        assertThat(MilvusFilters.range("id", new KeyRange("p", null, "b")))
                .isEqualTo("id <= \"b\"");
        assertThat(MilvusFilters.range("id", new KeyRange("p", null, null)))
                .isEqualTo("id >= \"\"");
    }

    @Example
    void loneSurrogatesAreRefused() {
        for (String text : List.of("\ud800", "a\udc00b", "\udc00\ud800", "x\ud83d")) {
            assertThatIllegalArgumentException().isThrownBy(() -> MilvusFilters.quote(text));
        }
    }

    /**
     * A double-quoted literal as Milvus 2.3 reads it (its grammar allows no raw line break; the
     * escapes are Go's): tried on the server by MilvusFiltersITCase.
     */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        boolean atEnd() {
            return at == text.length();
        }

        void expect(String words) {
            assertThat(text.substring(at)).startsWith(words);
            at += words.length();
        }

        String literal() {
            expect("\"");
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (true) {
                int c = text.codePointAt(at);
                at += Character.charCount(c);
                if (c == '"') {
                    return bytes.toString(StandardCharsets.UTF_8);
                }
                if (c == '\n' || c == '\r') {
                    throw new AssertionError("a raw line break ends the literal: " + text);
                }
                if (c == '\\') {
                    bytes.write(escape());
                } else {
                    bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                }
            }
        }

        private int escape() {
            char kind = text.charAt(at++);
            return switch (kind) {
                case '\\', '"' -> kind;
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'x' -> {
                    int value = Integer.parseInt(text.substring(at, at + 2), 16);
                    at += 2;
                    yield value;
                }
                default -> throw new AssertionError("unknown escape \\" + kind + " in " + text);
            };
        }
    }
}
