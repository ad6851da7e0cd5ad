package org.aima.operate.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintStream;
import org.aima.jobs.error.AimaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where answers go: people's text to standard error, one JSON document to standard output. */
final class Output {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Option(names = "--json", description = "print one JSON document on standard output")
    private boolean json;

    PrintStream people() {
        return System.err;
    }

    boolean terminal() {
        return System.console() != null && System.getenv("TERM") != null;
    }

    /** Prints the document if asked for. */
    void document(Object document) {
        if (json) {
            try {
                System.out.println(MAPPER.writeValueAsString(document));
            } catch (JsonProcessingException e) {
                throw AimaException.failed("cannot print the answer as JSON", e);
            }
        }
    }

    void line(String format, @Nullable Object... arguments) {
        people().println(String.format(java.util.Locale.ROOT, format, arguments));
    }
}
