package org.aima.jobs.evaluation;

import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records of a CSV file; quoted fields may hold commas, line breaks and doubled quotes. */
final class CsvReader implements Closeable {
    private final Reader in;
    private int ahead = -2;

    CsvReader(Reader in) {
        this.in = in;
    }

    /** The next record, null at the end; blank lines are skipped. */
    @Nullable List<String> next() throws IOException {
        while (true) {
            if (peek() < 0) {
                return null;
            }
            List<String> fields = new ArrayList<>();
            do {
                fields.add(field());
            } while (take(','));
            if (!take('\r') || peek() == '\n') {
                take('\n');
            }
            if (fields.size() > 1 || !fields.get(0).isEmpty()) {
                return fields;
            }
        }
    }

    private String field() throws IOException {
        StringBuilder text = new StringBuilder();
        if (take('"')) {
            while (peek() >= 0) {
                char c = (char) read();
                if (c != '"') {
                    text.append(c);
                } else if (take('"')) {
                    text.append('"');
                } else {
                    break;
                }
            }
        }
        while (peek() >= 0 && peek() != ',' && peek() != '\n' && peek() != '\r') {
            text.append((char) read());
        }
        return text.toString();
    }

    private boolean take(char wanted) throws IOException {
        if (peek() == wanted) {
            read();
            return true;
        }
        return false;
    }

    private int peek() throws IOException {
        if (ahead == -2) {
            ahead = in.read();
        }
        return ahead;
    }

    private int read() throws IOException {
        int c = peek();
        ahead = -2;
        return c;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
