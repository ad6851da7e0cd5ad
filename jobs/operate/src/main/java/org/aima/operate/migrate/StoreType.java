package org.aima.operate.migrate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kind of store a migration changes; the word in files is the name in lower case. */
public enum StoreType {
    MONGODB,
    VECTOR_DB,
    OBJECT_STORAGE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<StoreType> of(String word) {
        return Arrays.stream(values()).filter(t -> t.word().equals(word)).findFirst();
    }
}
