package org.aima.backfill;

import static org.aima.jobs.pipeline.Operators.named;

import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.PlaceRows;
import org.aima.backfill.function.PlacedPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.backfill.function.SearchProbe;
import org.aima.backfill.function.WriteRanges;
import org.aima.backfill.function.WriteRanges.StoreFactory;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingStore;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;

/** The copy: pages of frozen ranges are placed, then each range is written as a whole. */
record CopyTopology(
        WriteRanges.Settings settings,
        RowMapperFactory mappers,
        StoreFactory<EmbeddingStore> targets,
        StoreFactory<DocumentStore> documents,
        StoreFactory<SearchProbe> probes,
        WriteGuard guard) {

    /** Rows written, one figure a range; one chain from page to figure, so nothing is shuffled. */
    DataStream<Figure> define(DataStream<CopyPage> pages) {
        DataStream<PlacedPage> placed =
                named(
                        pages.map(new PlaceRows(mappers))
                                .returns(TypeInformation.of(PlacedPage.class)),
                        "place-rows",
                        "place rows");
        return named(
                placed.transform(
                        "write-ranges",
                        TypeInformation.of(Figure.class),
                        new WriteRanges(settings, targets, documents, probes, guard)),
                "write-ranges",
                "write ranges");
    }
}
