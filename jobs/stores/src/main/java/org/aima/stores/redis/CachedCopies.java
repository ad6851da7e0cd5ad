package org.aima.stores.redis;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.aima.jobs.config.SecretReference;
import org.aima.jobs.error.Failure;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Deletes the copies that a cache holds of documents which are rewritten, so that readers fetch
 * them anew.
 */
public final class CachedCopies implements AutoCloseable {
    /** In a key pattern: where the document's id goes. */
    public static final String ID = "{id}";

    private static final int BATCH = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SecretReference uri;
    private final Retry retry;
    private @Nullable Jedis open;

    /**
     * @param uri redis:// or rediss://, with user, password and database as far as needed
     */
    public CachedCopies(SecretReference uri) {
        this(uri, Retry.DEFAULT);
    }

    CachedCopies(SecretReference uri, Retry retry) {
        this.uri = uri;
        this.retry = retry;
    }

    /**
     * The keys of one kind of document.
     *
     * @param pattern such as {@code person:{id}}
     */
    public record Keys(SecretReference uri, String pattern) implements Serializable {
        String of(String id) {
            return pattern.replace(ID, id);
        }

        /** Opens the cache on a worker. */
        public CachedCopies open() {
            return new CachedCopies(uri);
        }
    }

    /** Deletes the copies; those that are not there are no error. Returns how many there were. */
    public long forget(Keys keys, Collection<String> ids) {
        List<String> all = ids.stream().distinct().map(keys::of).toList();
        long gone = 0;
        for (int from = 0; from < all.size(); from += BATCH) {
            String[] some =
                    all.subList(from, Math.min(all.size(), from + BATCH)).toArray(String[]::new);
            gone += retry.call(() -> delete(some));
        }
        return gone;
    }

    private long delete(String[] keys) {
        try {
            return connected().unlink(keys);
        } catch (JedisException e) {
            close();
            throw failure(e);
        }
    }

    private Jedis connected() {
        Jedis known = open;
        if (known == null) {
            int millis = (int) PATIENCE.toMillis();
            try {
                known = new Jedis(URI.create(uri.resolve()), millis, millis);
            } catch (IllegalArgumentException e) {
                // The message repeats the address with its password.
                throw new StoreException(
                        Failure.FATAL, uri + " is not a Redis address (redis://host:port)", null);
            }
            open = known;
        }
        return known;
    }

    private static StoreException failure(JedisException e) {
        return new StoreException(
                e instanceof JedisConnectionException ? Failure.TRANSIENT : Failure.FATAL,
                "Redis: " + e.getMessage(),
                e);
    }

    /** Why the cache cannot be used; empty when it answers. */
    public static Optional<String> problem(SecretReference uri) {
        try (CachedCopies copies =
                new CachedCopies(uri, new Retry(1, Duration.ofMillis(1), Duration.ofMillis(1)))) {
            try {
                copies.connected().ping();
            } catch (JedisException e) {
                throw failure(e);
            }
            return Optional.empty();
        } catch (StoreException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        Jedis known = open;
        open = null;
        if (known != null) {
            try {
                known.close();
            } catch (JedisException e) {
                // A connection that is broken cannot be closed in good order.
                return;
            }
        }
    }
}
