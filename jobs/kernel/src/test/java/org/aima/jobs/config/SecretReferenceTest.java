package org.aima.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The secret is where the reference points, and nowhere else. */
class SecretReferenceTest {
    private static final String CANARY = "canary-3f9a1c";

    @Test
    void secretIsNeitherSerialisedNorPrinted(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("secret"), CANARY);
        SecretReference reference = new SecretReference("${file:" + file + "}");
        assertThat(reference.resolve()).isEqualTo(CANARY);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(reference);
        }
        assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
        assertThat(reference.toString()).doesNotContain(CANARY);
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(((SecretReference) in.readObject()).resolve()).isEqualTo(CANARY);
        }
    }

    @Test
    void literalsAndMixturesAreRefusedWithoutRepeatingThem() {
        for (String text :
                List.of(
                        CANARY,
                        "",
                        "${env:A}" + CANARY,
                        CANARY + "${env:A}",
                        "${env:A}${env:B}",
                        "${env:}",
                        "${sys:user.name}",
                        "${env:A:-" + CANARY + "}",
                        "${file:/a:-" + CANARY + "}")) {
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> new SecretReference(text))
                    .matches(e -> !e.getMessage().contains(CANARY));
        }
    }

    @Test
    void variableIsReadWhereItIsResolved() {
        SecretReference reference = new SecretReference("${env:PW}");
        assertThat(reference.resolve(Map.of("PW", CANARY))).isEqualTo(CANARY);
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> reference.resolve(Map.of()))
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                .withMessageContaining("PW");
    }

    @Test
    void emptyFallbackMeansNoSecret() {
        assertThat(new SecretReference("${env:PW:-}").resolve(Map.of())).isEmpty();
    }

    @Test
    void missingFileIsNamed(@TempDir Path directory) {
        String path = directory.resolve("absent").toString();
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> new SecretReference("${file:" + path + "}").resolve())
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                .withMessageContaining(path);
    }

    @Test
    void lineBreakAtTheEndOfAFileIsNoPartOfTheSecret(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), CANARY + "\n");
        assertThat(new SecretReference("${file:" + file + "}").resolve()).isEqualTo(CANARY);
    }

    @Test
    void secretsFileComesBeforeTheEnvironment(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("secrets"), "PW=" + CANARY + "\n");
        Map<String, String> environment =
                Map.of(
                        SecretReference.SECRETS_FILE,
                        file.toString(),
                        "PW",
                        "other",
                        "ONLY_HERE",
                        "yes");
        assertThat(new SecretReference("${env:PW}").resolve(environment)).isEqualTo(CANARY);
        assertThat(new SecretReference("${env:ONLY_HERE}").resolve(environment)).isEqualTo("yes");
    }
}
