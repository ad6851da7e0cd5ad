package org.aima.testkit.savepoint;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.aima.testkit.savepoint.SampleStream.Variant;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Runs the sample stream for a moment and stops it with a savepoint. */
final class SavepointTaking {
    private static final int ATTEMPTS = 100;

    private SavepointTaking() {}

    static String savepoint(Variant variant, Configuration configuration, Path directory)
            throws Exception {
        return savepoint(variant, configuration, directory, new DiscardingSink<>());
    }

    static String savepoint(
            Variant variant, Configuration configuration, Path directory, Sink<String> sink)
            throws Exception {
        JobClient job =
                SampleStream.define(variant, configuration, sink).executeAsync("sample stream");
        TimeUnit.MILLISECONDS.sleep(400);
        for (int attempt = 1; ; attempt++) {
            try {
                return job.stopWithSavepoint(
                                false, directory.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
            } catch (ExecutionException e) {
                // Not all its tasks run yet.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }
}
