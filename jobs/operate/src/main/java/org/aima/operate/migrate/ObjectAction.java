package org.aima.operate.migrate;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.aima.jobs.error.Failure;
import org.aima.stores.ObjectStore;
import org.aima.stores.ObjectStore.LifecycleRule;
import org.aima.stores.ObjectStore.ObjectInfo;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;

/** Steps on buckets and the objects in them. */
sealed interface ObjectAction extends MigrationAction {
    Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    Pattern PREFIX = Pattern.compile(".{1,1000}");
    int MAX_DAYS = 36_500;
    List<String> WORDS = List.of("create_bucket", "set_lifecycle", "move_prefix");

    void apply(ObjectStore store);

    @Override
    default void apply(MigrationTargets targets) {
        apply(targets.objects());
    }

    /** Reads one operation, null when its action is not one of object stores. */
    static @Nullable ObjectAction read(String action, FieldReader fields) {
        return switch (action) {
            case "create_bucket" -> new CreateBucket(bucket(fields));
            case "set_lifecycle" ->
                    new SetLifecycle(
                            bucket(fields),
                            fields.list("rules", true).stream().map(ObjectAction::rule).toList());
            case "move_prefix" -> movePrefix(fields);
            default -> null;
        };
    }

    private static String bucket(FieldReader fields) {
        return fields.text(
                "bucket", BUCKET, "give 3-63 lower-case letters, digits, dots and hyphens");
    }

    private static LifecycleRule rule(FieldReader fields) {
        LifecycleRule rule =
                new LifecycleRule(
                        fields.text("id", Pattern.compile(".{1,255}"), "give the rule a name"),
                        fields.text("prefix", Pattern.compile(".*"), "give a prefix", ""),
                        fields.integer("expire_after_days", 1, MAX_DAYS));
        fields.finish();
        return rule;
    }

    private static MovePrefix movePrefix(FieldReader fields) {
        String from = fields.text("from", PREFIX, "give the prefix to move");
        String to = fields.text("to", PREFIX, "give the new prefix");
        if (!from.isEmpty() && !to.isEmpty() && (to.startsWith(from) || from.startsWith(to))) {
            fields.problem(
                    "to",
                    to,
                    "neither prefix may begin with the other: a repeated run could not tell moved"
                            + " objects from unmoved ones");
        }
        return new MovePrefix(bucket(fields), from, to);
    }

    /** Creates a bucket unless it exists. */
    record CreateBucket(String bucket) implements ObjectAction {
        @Override
        public String describe() {
            return "create bucket " + bucket;
        }

        @Override
        public void apply(ObjectStore store) {
            store.createBucket(bucket);
        }
    }

    /** Replaces the expiry rules of a bucket. */
    record SetLifecycle(String bucket, List<LifecycleRule> rules) implements ObjectAction {
        @Override
        public String describe() {
            return "set " + rules.size() + " expiry rules of bucket " + bucket;
        }

        @Override
        public void apply(ObjectStore store) {
            store.setLifecycle(bucket, rules);
        }
    }

    /** Moves every object under a prefix: copied, compared, then deleted, one by one. */
    record MovePrefix(String bucket, String from, String to) implements ObjectAction {
        @Override
        public String describe() {
            return "move objects of bucket " + bucket + " from " + from + " to " + to;
        }

        @Override
        public void apply(ObjectStore store) {
            for (String key : store.list(bucket, from)) {
                move(store, key, to + key.substring(from.length()));
            }
        }

        private void move(ObjectStore store, String key, String moved) {
            Optional<ObjectInfo> source = store.stat(bucket, key);
            if (source.isEmpty()) {
                return;
            }
            Optional<ObjectInfo> present = store.stat(bucket, moved);
            if (present.isPresent() && !present.get().sameContent(source.get())) {
                throw new StoreException(
                        Failure.FATAL,
                        "bucket "
                                + bucket
                                + " holds "
                                + moved
                                + " with other content than "
                                + key
                                + "; remove one of them and migrate again",
                        null);
            }
            if (present.isEmpty()) {
                store.copy(bucket, key, moved);
                Optional<ObjectInfo> copy = store.stat(bucket, moved);
                if (copy.isEmpty() || !copy.get().sameContent(source.get())) {
                    throw new StoreException(
                            Failure.FATAL,
                            "the copy " + moved + " differs from " + key + "; nothing was deleted",
                            null);
                }
            }
            store.delete(bucket, key);
        }
    }
}
