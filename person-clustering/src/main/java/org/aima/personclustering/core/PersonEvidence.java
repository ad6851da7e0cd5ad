package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/**
 * Something known about a person, keyed by its id: exactly one of the three is set.
 *
 * @param member an embedding it now has
 * @param existing its stored document
 * @param fate what was decided about it
 */
public record PersonEvidence(
        String personId,
        @Nullable AssignedMember member,
        @Nullable ExistingPerson existing,
        @Nullable PersonFate fate) {

    public static PersonEvidence of(AssignedMember member) {
        return new PersonEvidence(member.personId(), member, null, null);
    }

    public static PersonEvidence of(ExistingPerson existing) {
        return new PersonEvidence(existing.personId(), null, existing, null);
    }

    public static PersonEvidence of(PersonFate fate) {
        return new PersonEvidence(fate.personId(), null, null, fate);
    }
}
