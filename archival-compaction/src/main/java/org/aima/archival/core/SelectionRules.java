package org.aima.archival.core;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which results are archived.
 *
 * @param cutoffMillis results before it may be archived, epoch milliseconds
 * @param nowMillis the run's one clock reading, for holds of restored documents
 * @param types analysis types to archive; empty for all
 * @param exceptTypes analysis types that stay
 * @param mediaStatuses of media whose results may go; empty for all
 * @param heldDossierStatuses results of media in such dossiers stay
 * @param heldClassifications results of media with such a classification stay
 */
public record SelectionRules(
        long cutoffMillis,
        long nowMillis,
        List<String> types,
        List<String> exceptTypes,
        List<String> mediaStatuses,
        List<String> heldDossierStatuses,
        List<String> heldClassifications)
        implements Serializable {
    public static final String HELD_TYPE = "analysis_type";
    public static final String HELD_RESTORED = "restored";
    public static final String HELD_STATUS = "media_status";
    public static final String HELD_DOSSIER = "dossier_status";
    public static final String HELD_CLASSIFICATION = "classification";

    /** Why a document cannot be archived at all. */
    public record Defect(String reason, String detail) {}

    /** What keeps a document from being archived, if anything: it is a dead letter then. */
    public static Optional<Defect> defect(byte[] document) {
        Optional<String> broken = CanonicalBson.defect(document);
        if (broken.isPresent()) {
            return Optional.of(new Defect("undecodable_bson", broken.get()));
        }
        ResultFields fields = ResultFields.of(document);
        if (fields.timestampMillis() == null) {
            return Optional.of(new Defect("missing_field", "timestamp is missing or no date"));
        }
        for (Map.Entry<String, Boolean> present :
                new TreeMap<>(
                                Map.of(
                                        "result_id", fields.resultId() != null,
                                        "media_id", fields.mediaId() != null,
                                        "analysis_type", fields.analysisType() != null))
                        .entrySet()) {
            if (!present.getValue()) {
                return Optional.of(
                        new Defect("missing_field", present.getKey() + " is missing or no text"));
            }
        }
        return Optional.empty();
    }

    /** Why a document's type or its past keeps it where it is; empty when neither does. */
    public String holdOf(ResultFields fields, byte[] document) {
        String type = String.valueOf(fields.analysisType());
        if (!types.isEmpty() && !types.contains(type) || exceptTypes.contains(type)) {
            return HELD_TYPE;
        }
        if (fields.restored()) {
            long until = RestoredFrom.in(document).map(RestoredFrom::holdUntilMillis).orElse(0L);
            return until > nowMillis ? HELD_RESTORED : "";
        }
        return "";
    }

    /** The rules as they are written into the manifest. */
    public Map<String, String> described() {
        Map<String, String> out = new TreeMap<>();
        out.put("select.types", String.join(",", types));
        out.put("select.except-types", String.join(",", exceptTypes));
        out.put("select.media-status", String.join(",", mediaStatuses));
        out.put("hold.dossier-status", String.join(",", heldDossierStatuses));
        out.put("hold.classification", String.join(",", heldClassifications));
        return out;
    }

    /** The slice of a medium's results among so many. */
    public static int slice(String mediaId, int slices) {
        return slices <= 1 ? 0 : Math.floorMod(mediaId.hashCode() * 0x9E3779B1, slices);
    }

    /** The reason a dossier holds its media, empty when it does not. */
    public String dossierHold(String status) {
        return heldDossierStatuses.contains(status) ? HELD_DOSSIER : "";
    }

    /** The reason a medium's own fields hold it, empty when they do not. */
    public String mediaHold(String status, Set<String> classifications) {
        if (!mediaStatuses.isEmpty() && !mediaStatuses.contains(status)) {
            return HELD_STATUS;
        }
        return classifications.stream().anyMatch(heldClassifications::contains)
                ? HELD_CLASSIFICATION
                : "";
    }
}
