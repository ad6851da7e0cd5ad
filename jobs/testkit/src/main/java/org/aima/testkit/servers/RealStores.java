package org.aima.testkit.servers;

import com.mongodb.client.MongoClient;
import io.milvus.client.MilvusServiceClient;
import io.milvus.param.ConnectParam;
import io.milvus.param.alias.DropAliasParam;
import io.milvus.param.collection.DropCollectionParam;
import io.milvus.param.collection.ShowCollectionsParam;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.s3.S3Address;
import org.aima.testkit.faults.FaultProxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Real servers for a test class, with names of its own in each of them, removed after its last
 * test.
 *
 * <p>{@code AIMA_MONGO_URI}, {@code AIMA_MILVUS_URI}, {@code AIMA_S3_*}, {@code
 * AIMA_KAFKA_BOOTSTRAP} and {@code AIMA_REDIS_URI} are used when they are set as variables or
 * system properties; otherwise a server is started at its first use and stopped at the end of the
 * session. A server that cannot be had fails the test with the reason; nothing is skipped.
 *
 * <p>Use it as {@code @RegisterExtension static final RealStores STORES = new RealStores()}, or by
 * {@code @ExtendWith} and parameters of this type or of an address.
 */
public final class RealStores implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(RealStores.class);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final String REGION = "us-east-1";
    private static final int CLASS_NAME_LENGTH = 16;
    private static final int SUFFIX_LENGTH = 6;

    private @Nullable RunningServers servers;
    private @Nullable Path secrets;
    private String prefix = "";
    private final Set<Server> touched = EnumSet.noneOf(Server.class);
    private final Set<String> buckets = new LinkedHashSet<>();
    private final Set<String> aliases = new LinkedHashSet<>();

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        servers =
                context.getRoot()
                        .getStore(NAMESPACE)
                        .getOrComputeIfAbsent(
                                RunningServers.class,
                                key -> new RunningServers(),
                                RunningServers.class);
        String name =
                context.getRequiredTestClass()
                        .getSimpleName()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]|itcase$", "");
        prefix =
                "it_"
                        + name.substring(0, Math.min(CLASS_NAME_LENGTH, name.length()))
                        + "_"
                        + UUID.randomUUID().toString().substring(0, SUFFIX_LENGTH);
        secrets =
                Files.createTempDirectory(
                        "aima-it",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        // JUnit calls parameter resolution on another instance when the class is only named.
        context.getStore(NAMESPACE).put(RealStores.class, this);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        try {
            if (touched.contains(Server.MONGO)) {
                try (MongoClient client = MongoConnections.open(mongo())) {
                    client.getDatabase(prefix).drop();
                }
            }
            if (touched.contains(Server.MILVUS)) {
                dropMilvus();
            }
            if (!buckets.isEmpty()) {
                dropBuckets();
            }
        } finally {
            touched.clear();
            buckets.clear();
            aliases.clear();
            deleteSecrets();
        }
    }

    /** A database of this class only. */
    public MongoAddress mongo() {
        return mongo(variable(Server.MONGO, "AIMA_MONGO_URI"));
    }

    /** The same database, reached through a proxy in front of {@link #mongoServer}. */
    public MongoAddress mongoThrough(FaultProxy proxy) {
        return mongo("mongodb://127.0.0.1:" + proxy.port());
    }

    private MongoAddress mongo(String uri) {
        return new MongoAddress(secret(uri), prefix);
    }

    /** Where the MongoDB of {@link #mongo} listens. */
    public URI mongoServer() {
        return URI.create(variable(Server.MONGO, "AIMA_MONGO_URI"));
    }

    public MilvusAddress milvus() {
        return milvus(variable(Server.MILVUS, "AIMA_MILVUS_URI"), DEADLINE);
    }

    /** The same server, reached through a proxy in front of {@link #milvusServer}. */
    public MilvusAddress milvusThrough(FaultProxy proxy, Duration deadline) {
        return milvus("http://127.0.0.1:" + proxy.port(), deadline);
    }

    private MilvusAddress milvus(String uri, Duration deadline) {
        return new MilvusAddress(secret(uri), secret(milvusToken()), deadline);
    }

    private static String milvusToken() {
        String token = System.getenv("AIMA_MILVUS_TOKEN");
        return token == null ? "" : token;
    }

    /** Where the Milvus of {@link #milvus} listens. */
    public URI milvusServer() {
        return URI.create(variable(Server.MILVUS, "AIMA_MILVUS_URI"));
    }

    public S3Address s3() {
        return s3(variable(Server.S3, "AIMA_S3_ENDPOINT"));
    }

    /** The same server, reached through a proxy in front of {@link #s3Server}. */
    public S3Address s3Through(FaultProxy proxy) {
        return s3("http://127.0.0.1:" + proxy.port());
    }

    private S3Address s3(String endpoint) {
        return new S3Address(
                endpoint,
                secret(variable(Server.S3, "AIMA_S3_ACCESS_KEY")),
                secret(variable(Server.S3, "AIMA_S3_SECRET_KEY")),
                REGION);
    }

    /** Where the object store of {@link #s3} listens. */
    public URI s3Server() {
        return URI.create(variable(Server.S3, "AIMA_S3_ENDPOINT"));
    }

    public String kafkaBootstrap() {
        return variable(Server.KAFKA, "AIMA_KAFKA_BOOTSTRAP");
    }

    /** Where Redis is; keys are told apart by {@link #topic}. */
    public SecretReference redis() {
        return secret(variable(Server.REDIS, "AIMA_REDIS_URI"));
    }

    /** A Milvus collection's name that no other class uses; dropped at the end. */
    public String collection(String base) {
        return prefix + "_" + base;
    }

    /** As {@link #collection}, for an alias. */
    public String alias(String base) {
        String alias = prefix + "_" + base;
        aliases.add(alias);
        return alias;
    }

    /** A bucket's name that no other class uses; emptied and deleted at the end. */
    public String bucket(String base) {
        String bucket = (prefix + "-" + base).replace('_', '-');
        buckets.add(bucket);
        return bucket;
    }

    /** A Kafka topic's name that no other class uses. */
    public String topic(String base) {
        return prefix + "." + base;
    }

    private String variable(Server server, String name) {
        RunningServers running = servers;
        if (running == null) {
            throw new IllegalStateException("the servers are known only while a test class runs");
        }
        String value = running.variable(server, name);
        touched.add(server);
        return value;
    }

    /** A JVM cannot set its own environment, so the reference names a file only its owner reads. */
    private SecretReference secret(String value) {
        Path directory = secrets;
        if (directory == null) {
            throw new IllegalStateException("secrets exist only while a test class runs");
        }
        try {
            Path file =
                    Files.createTempFile(
                            directory,
                            "secret",
                            "",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, value);
            return new SecretReference("${file:" + file + "}");
        } catch (IOException e) {
            throw new IllegalStateException("cannot write a secret to " + directory, e);
        }
    }

    private void deleteSecrets() throws IOException {
        Path directory = secrets;
        secrets = null;
        if (directory != null) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private void dropMilvus() {
        ConnectParam.Builder connect = ConnectParam.newBuilder().withUri(milvusServer().toString());
        if (!milvusToken().isEmpty()) {
            connect.withToken(milvusToken());
        }
        MilvusServiceClient client = new MilvusServiceClient(connect.build());
        try {
            // An alias outlives its collection on Milvus 2.3 and then blocks its name.
            for (String alias : aliases) {
                client.dropAlias(DropAliasParam.newBuilder().withAlias(alias).build());
            }
            List<String> own =
                    new ArrayList<>(
                            client.showCollections(ShowCollectionsParam.newBuilder().build())
                                    .getData()
                                    .getCollectionNamesList());
            own.removeIf(name -> !name.startsWith(prefix + "_"));
            for (String name : own) {
                client.dropCollection(
                        DropCollectionParam.newBuilder().withCollectionName(name).build());
            }
        } finally {
            client.close();
        }
    }

    private void dropBuckets() {
        try (S3Client client =
                S3Client.builder()
                        .endpointOverride(s3Server())
                        .region(Region.of(REGION))
                        .forcePathStyle(true)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                variable(Server.S3, "AIMA_S3_ACCESS_KEY"),
                                                variable(Server.S3, "AIMA_S3_SECRET_KEY"))))
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            Set<String> existing = new LinkedHashSet<>();
            client.listBuckets().buckets().forEach(b -> existing.add(b.name()));
            existing.retainAll(buckets);
            for (String bucket : existing) {
                client.listObjectsV2Paginator(b -> b.bucket(bucket))
                        .contents()
                        .forEach(o -> client.deleteObject(b -> b.bucket(bucket).key(o.key())));
                client.deleteBucket(b -> b.bucket(bucket));
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return List.of(RealStores.class, MongoAddress.class, MilvusAddress.class, S3Address.class)
                .contains(type);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        RealStores stores = context.getStore(NAMESPACE).get(RealStores.class, RealStores.class);
        if (stores == null) {
            throw new IllegalStateException(
                    "register RealStores for the class (static field or @ExtendWith)");
        }
        Class<?> type = parameter.getParameter().getType();
        if (type == MongoAddress.class) {
            return stores.mongo();
        }
        if (type == MilvusAddress.class) {
            return stores.milvus();
        }
        return type == S3Address.class ? stores.s3() : stores;
    }
}
