package org.aima.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.aima.jobs.error.ConfigurationException;

/** Values survive the way through text, and no text breaks the loader. */
class OptionTest {
    private static final Option<Integer> INTEGER = Option.integer("i", "");
    private static final Option<Double> NUMBER = Option.number("n", "");
    private static final Option<Boolean> FLAG = Option.flag("f", "");
    private static final Option<Duration> DURATION = Option.duration("d", "");
    private static final Option<String> TEXT = Option.text("t", "");

    private static <T> T load(Option<T> option, String text) {
        return new ConfigurationLoader(List.of(option), Map.of())
                .arguments(List.of(option.key() + "=" + text))
                .load()
                .get(option);
    }

    @Property
    void integersComeBack(@ForAll int value) {
        assertThat(load(INTEGER, Integer.toString(value))).isEqualTo(value);
    }

    @Property
    void numbersComeBack(@ForAll double value) {
        assertThat(load(NUMBER, Double.toString(value))).isEqualTo(value);
    }

    @Property
    void flagsComeBack(@ForAll boolean value) {
        assertThat(load(FLAG, Boolean.toString(value))).isEqualTo(value);
        assertThat(load(FLAG, Boolean.toString(value).toUpperCase(java.util.Locale.ROOT)))
                .isEqualTo(value);
    }

    @Property
    void durationsComeBackInEveryUnit(@ForAll @LongRange(min = 0, max = 1_000_000) long amount) {
        assertThat(load(DURATION, amount + "ms")).isEqualTo(Duration.ofMillis(amount));
        assertThat(load(DURATION, amount + " s")).isEqualTo(Duration.ofSeconds(amount));
        assertThat(load(DURATION, amount + "min")).isEqualTo(Duration.ofMinutes(amount));
        assertThat(load(DURATION, amount + "m")).isEqualTo(Duration.ofMinutes(amount));
        assertThat(load(DURATION, amount + "H")).isEqualTo(Duration.ofHours(amount));
        assertThat(load(DURATION, amount + "d")).isEqualTo(Duration.ofDays(amount));
    }

    @Property
    void textsComeBackWithoutTheirOuterBlanks(@ForAll String text) {
        Assume.that(!text.isBlank() && !text.contains("${"));
        Assume.that(!text.trim().isEmpty());
        assertThat(load(TEXT, text)).isEqualTo(text.trim());
    }

    /** Whatever is written, the answer is a value or a list of problems, nothing else. */
    @Property
    void anyTextIsAValueOrAProblem(@ForAll String text) {
        for (Option<?> option :
                List.of(INTEGER, NUMBER, FLAG, DURATION, TEXT, Option.secret("s", ""))) {
            valueOrProblem(option, text);
        }
    }

    @Example
    void hugeDurationsAreAProblem() {
        for (String text : List.of("9223372036854775807d", "99999999999999999999d", "1", "d", "")) {
            valueOrProblem(DURATION, text);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DURATION.parse("9223372036854775807d"));
    }

    private static void valueOrProblem(Option<?> option, String text) {
        try {
            assertThat(load(option, text)).isNotNull();
        } catch (ConfigurationException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    @Example
    void digitsMayBeGrouped() {
        assertThat(load(INTEGER, "20_000")).isEqualTo(20_000);
    }

    @Example
    void optionsAreNotChangedByTheirCopies() {
        Option<Integer> narrowed = INTEGER.require(i -> i > 0, "give more").defaultsTo("5");
        assertThat(INTEGER.parse("-1")).isEqualTo(-1);
        assertThat(INTEGER.defaultText()).isNull();
        assertThat(narrowed.defaultText()).isEqualTo("5");
        assertThatIllegalArgumentException().isThrownBy(() -> narrowed.parse("-1"));
        Option<Integer> both = narrowed.require(i -> i < 10, "give less");
        assertThatIllegalArgumentException().isThrownBy(() -> both.parse("-1"));
        assertThatIllegalArgumentException().isThrownBy(() -> both.parse("10"));
    }
}
