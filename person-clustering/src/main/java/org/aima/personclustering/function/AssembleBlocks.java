package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.model.Reject;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.Sighting;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the vectors of one block of each space in order of id, keeps one of each id and tells
 * which members are in. Memory: one block.
 */
public final class AssembleBlocks extends KeyedProcessFunction<String, Observation, VectorBlock> {
    /** The members of all blocks, without vectors. */
    public static final OutputTag<Member> MEMBERS =
            new OutputTag<>("members", TypeInformation.of(Member.class));

    private static final long serialVersionUID = 1L;
    private static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private transient @Nullable ListState<Observation> gathered;

    /**
     * The key of a block: its collection and number. Not its space: one id under two models is
     * still one row too many.
     */
    public static String key(Observation observation, int blocks) {
        return observation.member().collection()
                + "#"
                + VectorBlock.blockFor(observation.member().embeddingId(), blocks);
    }

    @Override
    public void open(OpenContext context) {
        gathered =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("gathered", Observation.class));
    }

    @Override
    public void processElement(Observation observation, Context context, Collector<VectorBlock> out)
            throws Exception {
        Objects.requireNonNull(gathered).add(observation);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<VectorBlock> out)
            throws Exception {
        List<Observation> rows = new ArrayList<>();
        Objects.requireNonNull(gathered).get().forEach(rows::add);
        Objects.requireNonNull(gathered).clear();
        rows.sort(
                Comparator.comparing((Observation o) -> o.member().embeddingId())
                        .thenComparing(o -> o.member().partition())
                        .thenComparing(o -> o.member().resultId()));
        List<Observation> distinct = new ArrayList<>(rows.size());
        String last = null;
        for (Observation row : rows) {
            if (row.member().embeddingId().equals(last)) {
                context.output(ObservationJoin.REJECTS, duplicate(row.member()));
            } else {
                distinct.add(row);
                context.output(MEMBERS, row.member());
                last = row.member().embeddingId();
            }
        }
        String key = context.getCurrentKey();
        int number = Integer.parseInt(key.substring(key.lastIndexOf('#') + 1));
        Map<String, List<Observation>> spaces = new TreeMap<>();
        for (Observation row : distinct) {
            spaces.computeIfAbsent(row.space(), s -> new ArrayList<>()).add(row);
        }
        spaces.forEach((space, members) -> out.collect(block(space, number, members)));
    }

    private static VectorBlock block(String space, int number, List<Observation> rows) {
        int dimension = rows.get(0).vector().length;
        String[] ids = new String[rows.size()];
        float[] vectors = new float[rows.size() * dimension];
        long[] frames = new long[ids.length];
        float[] boxes = new float[ids.length * Sighting.BOX];
        long[] tracks = new long[ids.length];
        float[] quality = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = rows.get(i).member().embeddingId();
            System.arraycopy(rows.get(i).vector(), 0, vectors, i * dimension, dimension);
            Sighting sighting = rows.get(i).sighting();
            frames[i] = sighting.frame();
            tracks[i] = sighting.track();
            quality[i] = rows.get(i).quality();
            System.arraycopy(sighting.box(), 0, boxes, i * Sighting.BOX, Sighting.BOX);
        }
        return new VectorBlock(
                space, number, dimension, ids, vectors, frames, boxes, tracks, quality);
    }

    private static Reject duplicate(Member member) {
        return new Reject(
                "milvus:" + member.collection() + "/" + member.partition(),
                member.embeddingId(),
                "duplicate_id",
                "another row with this embedding_id was read; the first partition in order counts",
                "result_id=" + member.resultId() + " media_id=" + member.mediaId());
    }
}
