package org.aima.operate.stream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.aima.jobs.error.AimaException;

/**
 * A cluster that follows Flink's rules on job ids, triggers and states; how a version behaves is in
 * its code version. It notes when two jobs run at once.
 */
final class SimulatedCluster implements StreamCluster {
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Map<String, Answer> triggers = new LinkedHashMap<>();
    private final List<String> disposed = new ArrayList<>();
    private int savepoints;
    private int most;

    private static final class Job {
        private final Start start;
        private String state = "RUNNING";
        private int looks;

        private Job(Start start) {
            this.start = start;
        }
    }

    /** The most jobs that ever ran at once. */
    int most() {
        return most;
    }

    List<Start> running() {
        return jobs.values().stream()
                .filter(j -> !StreamCluster.ended(j.state))
                .map(j -> j.start)
                .toList();
    }

    List<String> disposed() {
        return disposed;
    }

    int submitted() {
        return jobs.size();
    }

    /** The cluster loses a job without the course doing anything. */
    void lose(String flinkJob) {
        jobs.get(flinkJob).state = "FAILED";
    }

    @Override
    public Optional<String> state(String flinkJob) {
        Job job = jobs.get(flinkJob);
        if (job == null) {
            return Optional.empty();
        }
        job.looks++;
        if (job.start.version().codeVersion().equals("fails") && job.looks > 4) {
            job.state = "FAILED";
        }
        return Optional.of(job.state);
    }

    @Override
    public void stop(String flinkJob, String trigger, String directory) {
        if (triggers.containsKey(trigger)) {
            return;
        }
        Job job = jobs.get(flinkJob);
        if (job == null || StreamCluster.ended(job.state)) {
            throw AimaException.failed("no such job", null);
        }
        if (job.start.version().codeVersion().equals("cannot stop")) {
            triggers.put(trigger, new Answer(Answer.Progress.FAILED, "", "a task declined"));
            return;
        }
        triggers.put(
                trigger,
                new Answer(Answer.Progress.DONE, directory + "/savepoint-" + ++savepoints, ""));
        job.state = "FINISHED";
    }

    @Override
    public void savepoint(String flinkJob, String trigger, String directory) {
        triggers.put(
                trigger,
                new Answer(Answer.Progress.DONE, directory + "/savepoint-" + ++savepoints, ""));
    }

    @Override
    public Answer answer(String flinkJob, String trigger) {
        return triggers.getOrDefault(trigger, Answer.of(Answer.Progress.UNKNOWN));
    }

    @Override
    public Optional<String> lastSavepoint(String flinkJob) {
        return Optional.empty();
    }

    @Override
    public Optional<String> lastCheckpoint(String flinkJob) {
        return jobs.containsKey(flinkJob) ? Optional.of("/chk-" + flinkJob) : Optional.empty();
    }

    @Override
    public void submit(Start start) {
        if (jobs.containsKey(start.version().flinkJob())) {
            return;
        }
        if (start.version().codeVersion().equals("cannot start")) {
            throw AimaException.failed("the graph is broken", null);
        }
        jobs.put(start.version().flinkJob(), new Job(start));
        most = Math.max(most, running().size());
    }

    @Override
    public void cancel(String flinkJob) {
        Job job = jobs.get(flinkJob);
        if (job != null && !StreamCluster.ended(job.state)) {
            job.state = "CANCELED";
        }
    }

    @Override
    public Vitals vitals(String flinkJob) {
        Job job = jobs.get(flinkJob);
        if (job == null) {
            return new Vitals("", 0, 0, 0, OptionalLong.empty());
        }
        return switch (job.start.version().codeVersion()) {
            case "never checkpoints" -> new Vitals(job.state, 0, 0, 5, OptionalLong.empty());
            case "reads nothing" -> new Vitals(job.state, 0, 3, 0, OptionalLong.empty());
            case "is idle" -> new Vitals(job.state, 0, 3, 0, OptionalLong.of(0));
            case "restarts" -> new Vitals(job.state, job.looks, 3, 5, OptionalLong.empty());
            default -> new Vitals(job.state, 0, 3, 5, OptionalLong.empty());
        };
    }

    @Override
    public String failure(String flinkJob) {
        return "because it fails";
    }

    @Override
    public String savepointDirectory() {
        return "/savepoints";
    }

    @Override
    public void dispose(String path) {
        disposed.add(path);
    }
}
