package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Ids lead to the one that holds now, whatever was merged into what. */
class AliasTableTest {
    @Test
    void followsChains() {
        AliasTable table =
                new AliasTable(
                        List.of(
                                new PersonAlias("b", "c"),
                                new PersonAlias("a", "b"),
                                new PersonAlias("c", "d")));
        assertThat(List.of(table.current("a"), table.current("c"), table.current("x")))
                .containsExactly("d", "d", "x");
        assertThat(table.resolved())
                .containsExactly(
                        new PersonAlias("a", "d"),
                        new PersonAlias("b", "d"),
                        new PersonAlias("c", "d"));
    }

    @Test
    void endsInACircle() {
        AliasTable table =
                new AliasTable(
                        List.of(
                                new PersonAlias("z", "c"),
                                new PersonAlias("b", "c"),
                                new PersonAlias("c", "b")));
        assertThat(List.of(table.current("z"), table.current("b"), table.current("c")))
                .containsExactly("b", "b", "b");
    }

    @Test
    void ofTwoAliasesTheSmallerHolds() {
        List<PersonAlias> two = List.of(new PersonAlias("a", "y"), new PersonAlias("a", "x"));
        assertThat(new AliasTable(two).current("a")).isEqualTo("x");
        assertThat(new AliasTable(List.of(two.get(1), two.get(0))).current("a")).isEqualTo("x");
    }
}
