package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/** Something the stores know about identities: exactly one of the three is set. */
public record KnownIdentity(
        @Nullable ExistingPerson person,
        @Nullable PersonAlias alias,
        @Nullable PersonConstraint constraint) {

    public static KnownIdentity of(ExistingPerson person) {
        return new KnownIdentity(person, null, null);
    }

    public static KnownIdentity of(PersonAlias alias) {
        return new KnownIdentity(null, alias, null);
    }

    public static KnownIdentity of(PersonConstraint constraint) {
        return new KnownIdentity(null, null, constraint);
    }
}
