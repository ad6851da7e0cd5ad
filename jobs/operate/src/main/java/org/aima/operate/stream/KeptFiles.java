package org.aima.operate.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;

/**
 * Jars and configuration of every version that was started, under the hash of their content, so
 * that a rollback finds them whatever was built since. Nothing is ever deleted here: ledgers of
 * several databases may refer to one directory.
 */
public final class KeptFiles {
    private final Path directory;

    public KeptFiles(Path directory) {
        this.directory = directory;
    }

    /** Keeps a jar and returns its hash; kept twice it is stored once. */
    public String keepJar(Path jar) {
        return keep(jar, ".jar");
    }

    /** Where a kept jar is. */
    public Path jar(String sha256) {
        Path jar = directory.resolve(sha256 + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw AimaException.failed(
                    "the jar "
                            + sha256
                            + " is no longer in "
                            + directory
                            + "; bring it back (its name is its SHA-256) or set AIMA_JARS to where"
                            + " it was kept",
                    null);
        }
        return jar;
    }

    /** Keeps a file of settings and returns its copy. */
    public Path keepSettings(Path file) {
        return directory.resolve(keep(file, ".yaml") + ".yaml");
    }

    /**
     * Keeps the files of a configuration directory that a job reads and returns the copy's name.
     */
    public String keepConfiguration(Path conf, String job) {
        TreeMap<String, Path> files = new TreeMap<>();
        for (String name : List.of("stores.yaml", job + ".yaml")) {
            if (Files.isRegularFile(conf.resolve(name))) {
                files.put(name, conf.resolve(name));
            }
        }
        MessageDigest digest = sha256();
        files.forEach((name, file) -> digest.update((name + hash(file)).getBytes()));
        String name = "conf-" + HexFormat.of().formatHex(digest.digest());
        files.forEach((fileName, file) -> copy(file, directory.resolve(name).resolve(fileName)));
        if (files.isEmpty()) {
            create(directory.resolve(name));
        }
        return name;
    }

    /** Where a kept configuration is. */
    public Path configuration(String name) {
        return directory.resolve(name);
    }

    private String keep(Path file, String ending) {
        String sha = hash(file);
        copy(file, directory.resolve(sha + ending));
        return sha;
    }

    private static void copy(Path from, Path to) {
        if (Files.isRegularFile(to)) {
            return;
        }
        create(to.getParent() == null ? to : to.getParent());
        try {
            // Half a jar must never bear the hash of a whole one.
            Path part = Files.createTempFile(to.getParent(), "part-", ".tmp");
            Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            // Another process kept the same content.
        } catch (IOException e) {
            throw AimaException.failed("cannot keep " + from + " as " + to, e);
        }
    }

    private static void create(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AimaException.failed("cannot create " + directory, e);
        }
    }

    private static String hash(Path file) {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw AimaException.usage("cannot read " + file + ": " + e.getMessage());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
