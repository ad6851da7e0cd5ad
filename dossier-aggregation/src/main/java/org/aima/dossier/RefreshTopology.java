package org.aima.dossier;

import static org.aima.jobs.pipeline.Operators.named;

import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.ChangeMessage;
import org.aima.dossier.core.DossierTouch;
import org.aima.dossier.function.AddAudits;
import org.aima.dossier.function.DossierCounter;
import org.aima.dossier.function.DossierFinder;
import org.aima.dossier.function.DossierRota;
import org.aima.dossier.function.DossierShelfFactory;
import org.aima.dossier.function.FindDossiers;
import org.aima.dossier.function.ReadChanges;
import org.aima.dossier.function.RefreshDossiers;
import org.aima.dossier.function.WorkerFactory;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** read → find dossiers → add audits → wait until each is quiet, recount and publish it. */
final class RefreshTopology {
    private final RefreshSettings settings;
    private final Stores stores;
    private final WriteGuard guard;

    /** What is opened on the workers. */
    record Stores(
            WorkerFactory<DossierFinder> finders,
            WorkerFactory<DossierRota> rotas,
            WorkerFactory<DossierCounter> counters,
            DossierShelfFactory shelves) {}

    RefreshTopology(RefreshSettings settings, Stores stores, WriteGuard guard) {
        this.settings = settings;
        this.stores = stores;
        this.guard = guard;
    }

    /** Yields what could not be used: events and dossiers. */
    DataStream<Reject> define(DataStream<ChangeMessage> messages) {
        SingleOutputStreamOperator<ChangeEvent> events =
                named(
                        messages.process(new ReadChanges(settings.topic())),
                        "read-changes",
                        "read events");
        SingleOutputStreamOperator<DossierTouch> touched =
                named(
                        events.transform(
                                "find-dossiers",
                                TypeInformation.of(DossierTouch.class),
                                new FindDossiers(stores.finders())),
                        "find-dossiers",
                        "find dossiers");
        SingleOutputStreamOperator<DossierTouch> audited =
                named(
                        touched.transform(
                                "add-audits",
                                TypeInformation.of(DossierTouch.class),
                                new AddAudits(
                                        stores.rotas(),
                                        settings.auditIntervalMillis(),
                                        settings.auditSample())),
                        "add-audits",
                        "add audits");
        SingleOutputStreamOperator<Reject> uncounted =
                named(
                        audited.keyBy(DossierTouch::dossierId)
                                .process(
                                        new RefreshDossiers(
                                                stores.counters(),
                                                stores.shelves(),
                                                guard,
                                                settings.debounce(),
                                                settings.auditGraceMillis())),
                        "refresh-dossiers",
                        "refresh dossiers");
        return events.getSideOutput(ReadChanges.REJECTS).union(uncounted);
    }
}
