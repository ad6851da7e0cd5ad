package org.aima.dossier.core;

/**
 * What a person's document says.
 *
 * @param results ids of all results that are this person's
 * @param remembered its time spans in each medium
 */
public record PersonMembers(String personId, String[] results, Facet[] remembered) {

    /** The same facts under the id that has taken this one's place. */
    public PersonMembers as(String current) {
        Facet[] renamed = new Facet[remembered.length];
        for (int i = 0; i < renamed.length; i++) {
            renamed[i] = Facet.remembered(remembered[i].mediaId(), current, remembered[i].spans());
        }
        return new PersonMembers(current, results, renamed);
    }
}
