package org.aima.dossier.function;

import org.aima.jobs.pipeline.JobMetric;

/**
 * Names of what only a refresh measures; what dashboards and alerts know is in {@link JobMetric}.
 */
final class RefreshMetrics {
    static final String DOSSIERS_TOUCHED = "dossiers_touched";
    static final String DOSSIERS_RECOUNTED = "dossiers_recounted";
    static final String DOSSIERS_PUBLISHED = "dossiers_published";
    static final String DOSSIERS_UNCHANGED = "dossiers_unchanged";
    static final String DOSSIERS_REJECTED = "dossiers_rejected";
    static final String DOSSIERS_GONE = "dossiers_gone";
    static final String PUBLISH_CONFLICTS = "publish_conflicts";
    static final String ROWS_READ = "rows_read";
    static final String AUDIT_ROWS_READ = "audit_rows_read";
    static final String AUDITED = "audit_checked";
    static final String AUDIT_SKIPPED = "audit_skipped";

    private RefreshMetrics() {}
}
