package org.aima.backfill.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aima.jobs.error.AimaException;
import org.aima.stores.ObjectStore;

/**
 * Finds and opens the files below an address: {@code s3://bucket/prefix}, {@code file:///…} or a
 * path.
 */
public final class ImportFiles {
    private ImportFiles() {}

    /**
     * Names of all files below an address in ascending order.
     *
     * @throws AimaException usage, when there is nothing there
     */
    public static List<String> list(String address, ObjectStore objects) {
        List<String> names = new ArrayList<>();
        if (address.startsWith("s3://") || address.startsWith("s3a://")) {
            String[] parts = bucketAndKey(address);
            for (String key : objects.list(parts[0], parts[1])) {
                if (!key.endsWith("/")) {
                    names.add("s3://" + parts[0] + "/" + key);
                }
            }
        } else {
            Path path = path(address);
            if (Files.isRegularFile(path)) {
                names.add(path.toUri().toString());
            } else if (Files.isDirectory(path)) {
                try (var files = Files.walk(path)) {
                    files.filter(Files::isRegularFile)
                            .sorted()
                            .forEach(f -> names.add(f.toUri().toString()));
                } catch (IOException e) {
                    throw AimaException.failed("cannot list " + path, e);
                }
            }
        }
        if (names.isEmpty()) {
            throw AimaException.usage("there is no file at " + address);
        }
        return names;
    }

    /** Opens a file that {@link #list} named. */
    public static ImportFile open(String name, ObjectStore objects) throws IOException {
        if (name.startsWith("s3://")) {
            String[] parts = bucketAndKey(name);
            long length =
                    objects.stat(parts[0], parts[1])
                            .orElseThrow(() -> new IOException("there is no object " + name))
                            .bytes();
            return new InStore(name, length, objects, parts[0], parts[1]);
        }
        Path path = path(name);
        return new OnDisk(name, Files.size(path), path);
    }

    private static String[] bucketAndKey(String address) {
        String rest = address.substring(address.indexOf("://") + 3);
        int slash = rest.indexOf('/');
        return slash < 0
                ? new String[] {rest, ""}
                : new String[] {rest.substring(0, slash), rest.substring(slash + 1)};
    }

    private static Path path(String address) {
        return address.startsWith("file:") ? Path.of(URI.create(address)) : Path.of(address);
    }

    private record OnDisk(String name, long length, Path path) implements ImportFile {
        @Override
        public byte[] read(long offset, int wanted) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                file.seek(Math.min(offset, file.length()));
                byte[] bytes =
                        new byte[(int) Math.max(0, Math.min(wanted, file.length() - offset))];
                int read = 0;
                while (read < bytes.length) {
                    int more = file.read(bytes, read, bytes.length - read);
                    if (more < 0) {
                        return Arrays.copyOf(bytes, read);
                    }
                    read += more;
                }
                return bytes;
            }
        }
    }

    private record InStore(String name, long length, ObjectStore objects, String bucket, String key)
            implements ImportFile {
        @Override
        public byte[] read(long offset, int wanted) throws IOException {
            return objects.getRange(bucket, key, offset, wanted)
                    .orElseThrow(() -> new IOException("there is no object " + name));
        }
    }
}
