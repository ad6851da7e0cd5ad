package org.aima.archival.core;

/**
 * Something known of a medium that decides about its results: that they are held back, or which
 * person results of it belong to.
 *
 * @param hold why its results stay, empty for none
 * @param personId empty for none
 * @param resultIds results of that person in the medium
 */
public record MediaFact(String mediaId, String hold, String personId, String[] resultIds) {

    public static MediaFact hold(String mediaId, String reason) {
        return new MediaFact(mediaId, reason, "", new String[0]);
    }

    public static MediaFact person(String mediaId, String personId, String[] resultIds) {
        return new MediaFact(mediaId, "", personId, resultIds);
    }
}
