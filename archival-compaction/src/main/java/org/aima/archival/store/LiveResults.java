package org.aima.archival.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.aima.archival.core.ErasedSubject;
import org.bson.BsonDocument;

/**
 * The results that are still in MongoDB, and what MongoDB knows of those that are not. Every method
 * throws {@link org.aima.stores.StoreException}; transient failures were already retried.
 */
public interface LiveResults extends AutoCloseable {

    /** What became of a document that was to be deleted. */
    enum Fate {
        DELETED,
        /** It was not there any more. */
        GONE,
        /** It is another document now and stays. */
        CHANGED
    }

    /**
     * Deletes the documents that are, byte for byte, what was archived; atomic for each document,
     * idempotent but for the answer.
     *
     * @param archived documents as read from the archive
     * @return what became of each, in order
     */
    List<Fate> deleteUnchanged(List<byte[]> archived);

    /**
     * Inserts documents whose {@code _id} and {@code result_id} are both free.
     *
     * @return for each whether it was inserted; others are left as they are
     */
    List<Boolean> insertMissing(List<byte[]> documents);

    /** Makes these the summaries of a file; idempotent, readers may see both states meanwhile. */
    void replaceSummaries(String key, List<BsonDocument> summaries);

    /** Removes the summaries of files. */
    void dropSummaries(Collection<String> keys);

    /** Summaries that name one of the results. */
    List<BsonDocument> summariesOf(Collection<String> resultIds);

    /** Files with results of one of the media or persons, as far as summaries tell. */
    Set<String> filesOf(Collection<String> mediaIds, Collection<String> personIds);

    /** Takes restored results out of a summary's count, or puts them back; idempotent. */
    void markRestored(Map<String, List<String>> resultIdsBySummary, boolean restored);

    /** Results of the files that were restored and not archived again since. */
    Set<String> restored(Collection<String> keys);

    /** Notes rows of a file whose document had changed and stayed; idempotent. */
    void noteSuperseded(String key, Collection<String> resultIds);

    /** Rows of a file of which a newer version had stayed. */
    Set<String> superseded(String key);

    /** Files with such rows. */
    Set<String> filesWithSuperseded();

    /** Forgets what was noted about files that are gone. */
    void forgetSuperseded(Collection<String> keys);

    /** Notes erasures; durable on return, idempotent. */
    void entomb(Collection<ErasedSubject> subjects, String run, long atMillis);

    /** Which of the keys have a tombstone. */
    Set<String> entombed(Collection<String> keys);

    /** Notes the newest manifest unless a newer one is noted. */
    void noteHead(String bucket, long number, String sha256);

    /** The newest manifest that was ever noted. */
    Optional<Head> head(String bucket);

    @Override
    void close();

    /** The end of the chain. */
    record Head(long number, String sha256) {}
}
