package org.aima.personclustering;

import static org.aima.jobs.pipeline.Operators.named;

import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.EmbeddingEvent;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.function.DecidePersons;
import org.aima.personclustering.function.DropRepeated;
import org.aima.personclustering.function.JoinPersons;
import org.aima.personclustering.function.NameCandidates;
import org.aima.personclustering.function.ObservationJoin;
import org.aima.personclustering.function.PersonReader;
import org.aima.personclustering.function.PersonShelf;
import org.aima.personclustering.function.ReadEvents;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Events become checked embeddings, each once; these get candidates, one task a space decides whose
 * they are, and decisions are written.
 */
final class AssignTopology {
    private final AssignSettings settings;
    private final PersonReader.Factory readers;
    private final PersonShelf.Factory shelves;
    private final WriteGuard guard;

    AssignTopology(
            AssignSettings settings,
            PersonReader.Factory readers,
            PersonShelf.Factory shelves,
            WriteGuard guard) {
        this.settings = settings;
        this.readers = readers;
        this.shelves = shelves;
        this.guard = guard;
    }

    /**
     * What the pipeline gives.
     *
     * @param changes of persons, once they are durable
     */
    record Outcome(DataStream<PersonChange> changes, DataStream<Reject> rejects) {}

    Outcome define(DataStream<EmbeddingEvent> events) {
        SingleOutputStreamOperator<Arrival> checked =
                named(
                        events.process(new ReadEvents(settings.dimensions())),
                        "read-events",
                        "check events");
        SingleOutputStreamOperator<Arrival> once =
                named(
                        checked.keyBy(Arrival::key)
                                .process(new DropRepeated(settings.rememberMillis())),
                        "drop-repeated",
                        "drop repeated events");
        SingleOutputStreamOperator<Arrival> named =
                named(
                        once.transform(
                                "name-candidates",
                                TypeInformation.of(Arrival.class),
                                new NameCandidates(readers, settings.refreshMillis())),
                        "name-candidates",
                        "name candidates");
        SingleOutputStreamOperator<PersonJoin> decided =
                named(
                        named.keyBy(Arrival::space)
                                .process(
                                        new DecidePersons(
                                                readers,
                                                settings.refreshMillis(),
                                                settings.roundMillis(),
                                                settings.limits(),
                                                settings.linking())),
                        "decide-persons",
                        "decide persons");
        SingleOutputStreamOperator<PersonChange> written =
                named(
                        decided.keyBy(PersonJoin::personId)
                                .transform(
                                        "join-persons",
                                        TypeInformation.of(PersonChange.class),
                                        new JoinPersons(shelves, guard, settings.writeMillis())),
                        "join-persons",
                        "write decisions");
        return new Outcome(
                written,
                checked.getSideOutput(ObservationJoin.REJECTS)
                        .union(written.getSideOutput(ObservationJoin.REJECTS)));
    }
}
