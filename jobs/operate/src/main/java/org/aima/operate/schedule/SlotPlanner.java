package org.aima.operate.schedule;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger.RunState;

/**
 * Finds out from the ledger alone which slots are owed, so that a scheduler need not remember
 * anything and may be any, or several.
 */
public final class SlotPlanner {
    /** How many slots are looked back; what was missed before is no longer seen. */
    static final int HORIZON = 400;

    private final SlotLength length;
    private final MissedSlots policy;
    private final int atMost;

    /**
     * @param atMost missed slots that may be caught up at once; more need a person's decision
     */
    public SlotPlanner(SlotLength length, MissedSlots policy, int atMost) {
        this.length = length;
        this.policy = policy;
        this.atMost = atMost;
    }

    /**
     * What is owed.
     *
     * @param due in the order in which it is to run; the present slot is the last
     * @param skipped missed, and left so
     */
    public record Plan(List<Slot> due, List<Slot> skipped) {}

    /**
     * The slots that are owed at a moment.
     *
     * @param stateOf the state of a slot's run; empty when there is none
     * @throws AimaException refused, when more was missed than may be caught up
     */
    public Plan plan(Instant now, Function<Slot, Optional<RunState>> stateOf) {
        ZonedDateTime beginning = length.beginning(now.atZone(ZoneOffset.UTC));
        Slot present = slot(beginning);
        if (stateOf.apply(present).filter(SlotPlanner::settled).isPresent()) {
            return new Plan(List.of(present), List.of());
        }
        List<Slot> missed = missed(beginning, stateOf);
        if (policy == MissedSlots.SKIP) {
            return new Plan(List.of(present), missed);
        }
        if (missed.size() > atMost) {
            throw AimaException.refused(
                    missed.size()
                            + " slots were missed, "
                            + missed.get(0).label()
                            + " to "
                            + missed.get(missed.size() - 1).label()
                            + ", more than --at-most="
                            + atMost
                            + "; give a larger number, or --missed=skip");
        }
        List<Slot> due = new ArrayList<>(missed);
        due.add(present);
        return new Plan(due, List.of());
    }

    /** Oldest first: all after the last settled slot, or after the first that was ever tried. */
    private List<Slot> missed(ZonedDateTime present, Function<Slot, Optional<RunState>> stateOf) {
        List<Slot> open = new ArrayList<>();
        int tried = 0;
        ZonedDateTime at = present;
        for (int back = 0; back < HORIZON; back++) {
            at = length.before(at);
            Slot slot = slot(at);
            Optional<RunState> state = stateOf.apply(slot);
            if (state.filter(SlotPlanner::settled).isPresent()) {
                Collections.reverse(open);
                return open;
            }
            open.add(slot);
            if (state.isPresent()) {
                tried = open.size();
            }
        }
        // Before its first run a schedule owes nothing.
        List<Slot> since = new ArrayList<>(open.subList(0, tried));
        Collections.reverse(since);
        return since;
    }

    private Slot slot(ZonedDateTime beginning) {
        return new Slot(length.label(beginning), beginning.toInstant());
    }

    // What was undone was undone on purpose.
    private static boolean settled(RunState state) {
        return state == RunState.SUCCEEDED || state == RunState.UNDONE;
    }
}
