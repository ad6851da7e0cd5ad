package org.aima.stores.s3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketLifecycleConfiguration;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRuleFilter;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Objects by plain S3: conditional puts and path-style addresses, nothing of one vendor. */
public final class S3ObjectStore implements ObjectStore {
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final String NO_LIFECYCLE = "NoSuchLifecycleConfiguration";
    private static final int SERVER_ERRORS = 500;
    private static final String WRITER = "aima-writer";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final S3Client client;

    public S3ObjectStore(S3Address address) {
        this.client =
                S3Client.builder()
                        .endpointOverride(URI.create(address.endpoint()))
                        .region(Region.of(address.region()))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                address.accessKey().resolve(),
                                                address.secretKey().resolve())))
                        .forcePathStyle(true)
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .socketTimeout(TIMEOUT)
                                        .connectionTimeout(Duration.ofSeconds(10)))
                        .build();
    }

    @Override
    public boolean bucketExists(String bucket) {
        try {
            client.headBucket(b -> b.bucket(bucket));
            return true;
        } catch (NoSuchBucketException e) {
            return false;
        } catch (SdkException e) {
            throw classified("look up of bucket " + bucket, e);
        }
    }

    @Override
    public void createBucket(String bucket) {
        if (!bucketExists(bucket)) {
            call("create bucket " + bucket, () -> client.createBucket(b -> b.bucket(bucket)));
        }
    }

    @Override
    public void setLifecycle(String bucket, List<LifecycleRule> rules) {
        List<software.amazon.awssdk.services.s3.model.LifecycleRule> wanted =
                rules.stream()
                        .map(
                                r ->
                                        software.amazon.awssdk.services.s3.model.LifecycleRule
                                                .builder()
                                                .id(r.id())
                                                .status(ExpirationStatus.ENABLED)
                                                .filter(
                                                        LifecycleRuleFilter.builder()
                                                                .prefix(r.prefix())
                                                                .build())
                                                .expiration(e -> e.days(r.expireAfterDays()))
                                                .build())
                        .toList();
        if (wanted.isEmpty()) {
            // A configuration without rules is not valid: none at all means none.
            call(
                    "delete lifecycle of " + bucket,
                    () -> client.deleteBucketLifecycle(b -> b.bucket(bucket)));
            return;
        }
        call(
                "set lifecycle of " + bucket,
                () ->
                        client.putBucketLifecycleConfiguration(
                                b ->
                                        b.bucket(bucket)
                                                .lifecycleConfiguration(
                                                        BucketLifecycleConfiguration.builder()
                                                                .rules(wanted)
                                                                .build())));
    }

    @Override
    public List<LifecycleRule> lifecycle(String bucket) {
        try {
            return client.getBucketLifecycleConfiguration(b -> b.bucket(bucket)).rules().stream()
                    .map(
                            r ->
                                    new LifecycleRule(
                                            r.id(),
                                            r.filter() == null || r.filter().prefix() == null
                                                    ? ""
                                                    : r.filter().prefix(),
                                            r.expiration() == null ? 0 : r.expiration().days()))
                    .toList();
        } catch (SdkException e) {
            if (e instanceof S3Exception s3
                    && NO_LIFECYCLE.equals(s3.awsErrorDetails().errorCode())) {
                return List.of();
            }
            throw classified("lifecycle of " + bucket, e);
        }
    }

    @Override
    public void put(String bucket, String key, byte[] content) {
        call(
                "put " + key,
                () ->
                        client.putObject(
                                b -> b.bucket(bucket).key(key), RequestBody.fromBytes(content)));
    }

    @Override
    public boolean putIfAbsent(String bucket, String key, byte[] content) {
        // The SDK repeats a put whose reply was lost, and the repetition finds its own object: only
        // a mark of this call tells that from an object of somebody else.
        String writer = UUID.randomUUID().toString();
        try {
            client.putObject(
                    b ->
                            b.bucket(bucket)
                                    .key(key)
                                    .ifNoneMatch("*")
                                    .metadata(Map.of(WRITER, writer)),
                    RequestBody.fromBytes(content));
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
                return writer.equals(writerOf(bucket, key));
            }
            throw classified("conditional put of " + key, e);
        } catch (SdkClientException e) {
            throw classified("conditional put of " + key + " (outcome unknown: look it up)", e);
        }
    }

    private String writerOf(String bucket, String key) {
        try {
            return client.headObject(b -> b.bucket(bucket).key(key))
                    .metadata()
                    .getOrDefault(WRITER, "");
        } catch (NoSuchKeyException e) {
            throw new StoreException(
                    Failure.TRANSIENT,
                    "object store: " + key + " was deleted while it was to be created",
                    e);
        } catch (SdkException e) {
            throw classified("look up of " + key, e);
        }
    }

    @Override
    public Optional<byte[]> get(String bucket, String key) {
        try {
            return Optional.of(
                    client.getObjectAsBytes(b -> b.bucket(bucket).key(key)).asByteArray());
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException e) {
            throw classified("get " + key, e);
        }
    }

    @Override
    public Optional<byte[]> getRange(String bucket, String key, long offset, int length) {
        if (length <= 0) {
            return stat(bucket, key).map(found -> new byte[0]);
        }
        try {
            return Optional.of(
                    client.getObjectAsBytes(
                                    b ->
                                            b.bucket(bucket)
                                                    .key(key)
                                                    .range(
                                                            "bytes="
                                                                    + offset
                                                                    + "-"
                                                                    + (offset + length - 1)))
                            .asByteArray());
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException e) {
            if (e instanceof S3Exception s3 && s3.statusCode() == RANGE_NOT_SATISFIABLE) {
                return Optional.of(new byte[0]);
            }
            throw classified("get a range of " + key, e);
        }
    }

    @Override
    public void putFile(String bucket, String key, Path file) {
        call(
                "put " + key,
                () -> client.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromFile(file)));
    }

    @Override
    public boolean download(String bucket, String key, Path file) {
        return Retry.DEFAULT.call(() -> downloadOnce(bucket, key, file));
    }

    // The SDK repeats a request, not the reading of its body.
    private boolean downloadOnce(String bucket, String key, Path file) {
        try (var in = client.getObject(b -> b.bucket(bucket).key(key))) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (NoSuchKeyException e) {
            return false;
        } catch (SdkException e) {
            throw classified("get " + key, e);
        } catch (FileSystemException e) {
            throw new StoreException(Failure.FATAL, "cannot write " + file + ": " + e, e);
        } catch (IOException e) {
            throw new StoreException(
                    Failure.TRANSIENT, "object store get " + key + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<ListedObject> listObjects(String bucket, String prefix) {
        return call(
                "list " + bucket + "/" + prefix,
                () ->
                        client
                                .listObjectsV2Paginator(b -> b.bucket(bucket).prefix(prefix))
                                .contents()
                                .stream()
                                .map(
                                        o ->
                                                new ListedObject(
                                                        o.key(),
                                                        o.size(),
                                                        o.lastModified().toEpochMilli()))
                                .toList());
    }

    @Override
    public List<ObjectVersion> versions(String bucket, String prefix) {
        return call(
                "list versions of " + bucket + "/" + prefix,
                () -> {
                    List<ObjectVersion> versions = new ArrayList<>();
                    for (var page :
                            client.listObjectVersionsPaginator(
                                    b -> b.bucket(bucket).prefix(prefix))) {
                        page.versions()
                                .forEach(
                                        v ->
                                                versions.add(
                                                        new ObjectVersion(
                                                                v.key(),
                                                                v.versionId(),
                                                                v.isLatest(),
                                                                false)));
                        page.deleteMarkers()
                                .forEach(
                                        v ->
                                                versions.add(
                                                        new ObjectVersion(
                                                                v.key(),
                                                                v.versionId(),
                                                                v.isLatest(),
                                                                true)));
                    }
                    return versions;
                });
    }

    @Override
    public void deleteVersion(String bucket, String key, String versionId) {
        call(
                "delete version of " + key,
                () -> client.deleteObject(b -> b.bucket(bucket).key(key).versionId(versionId)));
    }

    @Override
    public List<PendingUpload> pendingUploads(String bucket, String prefix) {
        return call(
                "list uploads of " + bucket + "/" + prefix,
                () -> {
                    List<PendingUpload> uploads = new ArrayList<>();
                    for (var page :
                            client.listMultipartUploadsPaginator(
                                    b -> b.bucket(bucket).prefix(prefix))) {
                        page.uploads()
                                .forEach(
                                        u ->
                                                uploads.add(
                                                        new PendingUpload(
                                                                u.key(),
                                                                u.uploadId(),
                                                                u.initiated().toEpochMilli())));
                    }
                    return uploads;
                });
    }

    @Override
    public void abortUpload(String bucket, PendingUpload upload) {
        try {
            client.abortMultipartUpload(
                    b -> b.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
        } catch (NoSuchUploadException e) {
            return;
        } catch (SdkException e) {
            throw classified("abort of the upload of " + upload.key(), e);
        }
    }

    @Override
    public Optional<ObjectInfo> stat(String bucket, String key) {
        try {
            var head = client.headObject(b -> b.bucket(bucket).key(key));
            return Optional.of(new ObjectInfo(head.contentLength(), head.eTag()));
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException e) {
            throw classified("look up of " + key, e);
        }
    }

    @Override
    public List<String> list(String bucket, String prefix) {
        return call(
                "list " + bucket + "/" + prefix,
                () -> {
                    List<String> keys = new ArrayList<>();
                    client
                            .listObjectsV2Paginator(b -> b.bucket(bucket).prefix(prefix))
                            .contents()
                            .stream()
                            .map(S3Object::key)
                            .forEach(keys::add);
                    return keys;
                });
    }

    @Override
    public void copy(String bucket, String from, String to) {
        call(
                "copy " + from + " to " + to,
                () ->
                        client.copyObject(
                                b ->
                                        b.sourceBucket(bucket)
                                                .sourceKey(from)
                                                .destinationBucket(bucket)
                                                .destinationKey(to)));
    }

    @Override
    public void delete(String bucket, String key) {
        call("delete " + key, () -> client.deleteObject(b -> b.bucket(bucket).key(key)));
    }

    @Override
    public void close() {
        client.close();
    }

    private static <T> T call(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw classified(what, e);
        }
    }

    // The SDK retries by itself; here its last word is only named.
    private static StoreException classified(String what, SdkException error) {
        boolean passing = !(error instanceof S3Exception s3) || s3.statusCode() >= SERVER_ERRORS;
        return new StoreException(
                passing ? Failure.TRANSIENT : Failure.FATAL,
                "object store " + what + ": " + error.getMessage(),
                error);
    }
}
