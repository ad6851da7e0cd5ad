package org.aima.archival.core;

import static org.aima.archival.core.CanonicalBson.ascii;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a restored document says about itself, in a field at its end; taking the field off gives the
 * archived bytes again.
 *
 * @param run the restore
 * @param key the file it came from
 * @param atMillis when it was restored, epoch milliseconds
 * @param holdUntilMillis until when it is not archived again, epoch milliseconds
 * @param sha256 of the archived document, hexadecimal
 */
public record RestoredFrom(
        String run, String key, long atMillis, long holdUntilMillis, String sha256) {
    public static final String FIELD = "restored_from";

    private static final byte[] NAME = ascii(FIELD);
    private static final byte[] RUN = ascii("run");
    private static final byte[] KEY = ascii("file");
    private static final byte[] AT = ascii("at");
    private static final byte[] HOLD = ascii("hold_until");
    private static final byte[] SHA256 = ascii("sha256");

    public static RestoredFrom of(
            String run, String key, long atMillis, long holdUntilMillis, byte[] archived) {
        return new RestoredFrom(
                run,
                key,
                atMillis,
                holdUntilMillis,
                HexFormat.of().formatHex(CanonicalBson.hash(archived)));
    }

    /** The document with this field at its end. */
    public byte[] appendTo(byte[] archived) {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        string(fields, RUN, run);
        string(fields, KEY, key);
        date(fields, AT, atMillis);
        date(fields, HOLD, holdUntilMillis);
        string(fields, SHA256, sha256);
        int inner = Integer.BYTES + fields.size() + 1;
        int element = 1 + NAME.length + 1 + inner;
        ByteBuffer out =
                ByteBuffer.allocate(archived.length + element).order(ByteOrder.LITTLE_ENDIAN);
        out.put(archived, 0, archived.length - 1);
        out.put((byte) BsonElements.DOCUMENT).put(NAME).put((byte) 0);
        out.putInt(inner).put(fields.toByteArray()).put((byte) 0).put((byte) 0);
        out.putInt(0, out.capacity());
        return out.array();
    }

    private static void string(ByteArrayOutputStream out, byte[] name, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        ByteBuffer element =
                ByteBuffer.allocate(1 + name.length + 1 + Integer.BYTES + utf8.length + 1)
                        .order(ByteOrder.LITTLE_ENDIAN);
        element.put((byte) BsonElements.STRING).put(name).put((byte) 0);
        element.putInt(utf8.length + 1).put(utf8).put((byte) 0);
        out.writeBytes(element.array());
    }

    private static void date(ByteArrayOutputStream out, byte[] name, long millis) {
        ByteBuffer element =
                ByteBuffer.allocate(1 + name.length + 1 + Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        element.put((byte) BsonElements.DATE).put(name).put((byte) 0).putLong(millis);
        out.writeBytes(element.array());
    }

    /** What a document says about where it came from, when it was restored by this suite. */
    public static Optional<RestoredFrom> in(byte[] document) {
        BsonElements elements = new BsonElements(document, 0);
        while (elements.advance()) {
            if (elements.named(NAME) && elements.type() == BsonElements.DOCUMENT) {
                String run = "";
                String key = "";
                String sha256 = "";
                long at = 0;
                long hold = 0;
                for (BsonElements c = elements.children(); c.advance(); ) {
                    boolean text = c.type() == BsonElements.STRING;
                    boolean date = c.type() == BsonElements.DATE;
                    run = text && c.named(RUN) ? c.string() : run;
                    key = text && c.named(KEY) ? c.string() : key;
                    sha256 = text && c.named(SHA256) ? c.string() : sha256;
                    at = date && c.named(AT) ? c.int64() : at;
                    hold = date && c.named(HOLD) ? c.int64() : hold;
                }
                return Optional.of(new RestoredFrom(run, key, at, hold, sha256));
            }
        }
        return Optional.empty();
    }

    /** The document without the field, wherever it stands; the same bytes when it has none. */
    public static byte[] strip(byte[] document) {
        BsonElements elements = new BsonElements(document, 0);
        while (elements.advance()) {
            if (elements.named(NAME)) {
                int gone = elements.valueEnd() - elements.start();
                byte[] out = Arrays.copyOf(document, document.length - gone);
                System.arraycopy(
                        document,
                        elements.valueEnd(),
                        out,
                        elements.start(),
                        document.length - elements.valueEnd());
                ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putInt(0, out.length);
                return out;
            }
        }
        return document;
    }
}
