package org.aima.dossier.function;

import org.apache.flink.metrics.MetricGroup;

/** Names of what a refresh measures; dashboards and alerts know them. */
final class RefreshMetrics {
    private static final String GROUP = "aima_dossier_aggregation";

    static final String EVENTS_READ = "events_read";
    static final String EVENTS_REJECTED = "events_rejected";
    static final String DOSSIERS_TOUCHED = "dossiers_touched";
    static final String DOSSIERS_RECOUNTED = "dossiers_recounted";
    static final String DOSSIERS_PUBLISHED = "dossiers_published";
    static final String DOSSIERS_UNCHANGED = "dossiers_unchanged";
    static final String DOSSIERS_REJECTED = "dossiers_rejected";
    static final String DOSSIERS_GONE = "dossiers_gone";
    static final String PUBLISH_CONFLICTS = "publish_conflicts";
    static final String ROWS_READ = "rows_read";
    static final String OLDEST_WAITING = "oldest_waiting_millis";
    static final String AUDIT_ROWS_READ = "audit_rows_read";
    static final String AUDITED = "audit_checked";
    static final String AUDIT_SKIPPED = "audit_skipped";
    static final String AUDIT_DIFFERENCES = "audit_differences";

    private RefreshMetrics() {}

    static MetricGroup of(MetricGroup operator) {
        return operator.addGroup(GROUP);
    }
}
