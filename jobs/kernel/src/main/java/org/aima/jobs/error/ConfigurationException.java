package org.aima.jobs.error;

import java.util.List;
import java.util.stream.Collectors;

/** All configuration errors of one start, reported together. */
public final class ConfigurationException extends AimaException {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigurationProblem> problems;

    public ConfigurationException(List<ConfigurationProblem> problems) {
        super(ExitCode.BAD_USAGE, render(problems), null);
        this.problems = List.copyOf(problems);
    }

    public List<ConfigurationProblem> problems() {
        return problems;
    }

    private static String render(List<ConfigurationProblem> problems) {
        return (problems.size() == 1
                        ? "1 configuration error:\n"
                        : problems.size() + " configuration errors:\n")
                + problems.stream().map(p -> "  - " + p.render()).collect(Collectors.joining("\n"));
    }
}
