package org.aima.backfill.function;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.Placement;
import org.aima.backfill.core.RowColumns;
import org.aima.backfill.core.RowMapper;
import org.aima.stores.EmbeddingRow;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.jspecify.annotations.Nullable;

/** Finds the partition and the new shape of every row of a page. */
public final class PlaceRows extends RichMapFunction<CopyPage, PlacedPage> {
    private static final long serialVersionUID = 1L;

    private final RowMapperFactory mappers;
    private transient @Nullable RowMapper mapper;

    public PlaceRows(RowMapperFactory mappers) {
        this.mappers = mappers;
    }

    @Override
    public void open(OpenContext context) {
        mapper = mappers.create();
    }

    @Override
    public PlacedPage map(CopyPage page) {
        RowMapper open = mapper == null ? mappers.create() : mapper;
        List<String> paths = mappers.paths();
        EmbeddingRow[] rows = page.rows().rows(mappers.source());
        List<EmbeddingRow> placed = new ArrayList<>(rows.length);
        List<String> partitions = new ArrayList<>(rows.length);
        List<String> keys = new ArrayList<>(Arrays.asList(page.rejectKeys()));
        List<String> reasons = new ArrayList<>(Arrays.asList(page.rejectReasons()));
        List<String> details = new ArrayList<>(Arrays.asList(page.rejectDetails()));
        List<String> payloads = new ArrayList<>(Arrays.asList(page.rejectPayloads()));
        for (int i = 0; i < rows.length; i++) {
            Map<String, String> values = new HashMap<>();
            for (int p = 0; p < paths.size(); p++) {
                values.put(paths.get(p), page.extras()[i * paths.size() + p]);
            }
            Placement placement =
                    open.map(
                            rows[i],
                            new MediaFacts(page.mediaTypes()[i], page.mediaMillis()[i], values));
            if (placement.rejected()) {
                keys.add(rows[i].id());
                reasons.add(placement.reason());
                details.add(placement.detail());
                payloads.add(rows[i].fields().toString());
            } else {
                placed.add(placement.row());
                partitions.add(placement.partition());
            }
        }
        return new PlacedPage(
                page.range(),
                page.last(),
                page.origin(),
                rows.length + page.rejectKeys().length,
                RowColumns.of(placed, mappers.target()),
                partitions.toArray(String[]::new),
                keys.toArray(String[]::new),
                reasons.toArray(String[]::new),
                details.toArray(String[]::new),
                payloads.toArray(String[]::new));
    }
}
