package org.aima.dossier.function;

import static org.aima.jobs.pipeline.Operators.named;

import org.aima.dossier.core.Detection;
import org.aima.dossier.core.StoredDossier;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;

/** What is counted on the way; read = written + unchanged + rejected are dossiers. */
public final class DossierFigures {
    private DossierFigures() {}

    public static DataStream<Figure> read(DataStream<StoredDossier> dossiers) {
        return named(
                dossiers.map(d -> Figure.count("read", 1), TypeInformation.of(Figure.class)),
                "dossiers-read",
                "dossiers read");
    }

    public static DataStream<Figure> results(DataStream<Detection> results) {
        return named(
                results.map(r -> Figure.count("results.read", 1), TypeInformation.of(Figure.class)),
                "results-read",
                "results read");
    }

    public static DataStream<Figure> rejected(DataStream<Reject> rejects) {
        return byReason(rejects, "", "dossiers-rejected");
    }

    public static DataStream<Figure> rejectedResults(DataStream<Reject> rejects) {
        return byReason(rejects, "results.", "results-rejected");
    }

    private static DataStream<Figure> byReason(
            DataStream<Reject> rejects, String prefix, String uid) {
        return named(
                rejects.flatMap(
                        (reject, out) -> {
                            out.collect(Figure.count(prefix + "rejected", 1));
                            out.collect(Figure.count(prefix + "rejected." + reject.reason(), 1));
                        },
                        TypeInformation.of(Figure.class)),
                uid,
                uid.replace('-', ' '));
    }
}
