package org.aima.dossier;

/** Names in MongoDB. */
final class DossierCollections {
    static final String DOSSIERS = "dossiers";
    static final String MEDIA = "media_items";
    static final String RESULTS = "analysis_results";
    static final String SUMMARIES = "analysis_summaries";
    static final String PERSONS = "persons";
    static final String ALIASES = "person_aliases";

    /** Time ranges beyond a document's cap, one document a page, named after its content. */
    static final String PAGES = "dossier_appearances";

    /** What each publication replaced, {@code _id} = dossier/version. */
    static final String VERSIONS = "dossier_versions";

    static final String AGGREGATION = "metadata.aggregation";

    private DossierCollections() {}

    static String versionId(String dossierId, long version) {
        return dossierId + "/" + version;
    }
}
