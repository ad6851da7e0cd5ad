package org.aima.jobs.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records as written, whatever is in their fields. */
class CsvReaderTest {
    @Test
    void readsCsvAsSpreadsheetsWriteIt() throws IOException {
        List<List<String>> records = new ArrayList<>();
        try (CsvReader csv =
                new CsvReader(new StringReader("a,b\r\n\"x,\"\"1\"\"\n\",y\n\n,\nlast,\"\""))) {
            for (List<String> r = csv.next(); r != null; r = csv.next()) {
                records.add(r);
            }
        }
        assertThat(records)
                .containsExactly(
                        List.of("a", "b"),
                        List.of("x,\"1\"\n", "y"),
                        List.of("", ""),
                        List.of("last", ""));
    }
}
