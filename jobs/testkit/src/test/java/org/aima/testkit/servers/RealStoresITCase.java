package org.aima.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.s3.S3Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The resolver hands out what a class asks for by parameters, and no secret in clear. */
@ExtendWith(RealStores.class)
class RealStoresITCase {

    @Test
    void addressesHoldReferencesToFilesThatOnlyTheirOwnerReads(
            MongoAddress mongo, MilvusAddress milvus, S3Address s3, RealStores stores)
            throws IOException {
        assertThat(mongo.uri().resolve()).startsWith("mongodb://");
        assertThat(milvus.uri().resolve()).startsWith("http");
        assertThat(milvus.token().resolve()).isEmpty();
        assertThat(s3.endpoint()).startsWith("http");
        assertThat(s3.toString()).doesNotContain(s3.secretKey().resolve());
        String reference = s3.secretKey().reference();
        Path file = Path.of(reference.substring("${file:".length(), reference.length() - 1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(stores.collection("x")).startsWith(mongo.database());
    }

    @Test
    void databaseNameIsOneTheOptionsAccept(MongoAddress mongo) {
        assertThat(mongo.database()).matches("[A-Za-z0-9_-]{1,38}");
    }
}
