package org.aima.jobs.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationProblem;

/** The file of known identities: columns {@code embedding_id} and {@code identity}. */
public final class Labels {
    public static final String ID = "embedding_id";
    public static final String IDENTITY = "identity";

    private Labels() {}

    /** Identity by embedding id. */
    public static Map<String, String> read(Path file) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        Map<String, String> labels = new HashMap<>();
        try (CsvReader csv = new CsvReader(Files.newBufferedReader(file))) {
            List<String> header = csv.next();
            int id = header == null ? -1 : header.indexOf(ID);
            int identity = header == null ? -1 : header.indexOf(IDENTITY);
            if (id < 0 || identity < 0) {
                problems.add(
                        new ConfigurationProblem(
                                file.toString(),
                                "(first line)",
                                String.valueOf(header),
                                "name the columns embedding_id,identity"));
            }
            List<String> record = problems.isEmpty() ? csv.next() : null;
            while (record != null) {
                if (record.size() > Math.max(id, identity)) {
                    labels.put(record.get(id), record.get(identity));
                }
                record = csv.next();
            }
        } catch (IOException e) {
            problems.add(
                    new ConfigurationProblem(
                            file.toString(), "--labels", "", "cannot be read; check the path"));
        }
        Configuration.throwIfAny(problems);
        return labels;
    }
}
