package org.aima.personclustering.core;

import java.io.File;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * Native single-precision matrix products: a tile of rows times a loaded block, transposed.
 *
 * <p>One instance a task; uses one thread, because Flink's parallelism is the subtasks. Holds a
 * block, a tile and their product outside the heap until it is closed.
 */
public final class SimilarityKernel implements AutoCloseable {
    private static final String CACHE_DIRECTORY = "org.bytedeco.javacpp.cachedir";
    private static final String NO_DEALLOCATOR = "org.bytedeco.javacpp.nopointergc";

    static {
        loadPrivateCopy();
    }

    private @Nullable FloatPointer copied;
    private @Nullable FloatPointer loaded;
    private int loadedRows;
    private int dimension;
    private @Nullable FloatPointer tile;
    private @Nullable FloatPointer product;
    private float[] productArray = new float[0];

    /** Makes a block the right-hand side of the next products. */
    public void load(float[] vectors, int rows, int dimension) {
        FloatPointer copy = ensure(copied, (long) rows * dimension);
        copied = copy;
        copy.put(vectors, 0, rows * dimension);
        loaded = copy;
        loadedRows = rows;
        this.dimension = dimension;
    }

    /**
     * As above, read where they lie.
     *
     * @param vectors outside the heap, from index 0; must stay as they are until the next load
     * @throws IllegalArgumentException when they lie on the heap
     */
    public void load(FloatBuffer vectors, int rows, int dimension) {
        if (!vectors.isDirect()) {
            throw new IllegalArgumentException("the vectors lie on the heap");
        }
        loaded = new FloatPointer(vectors);
        loadedRows = rows;
        this.dimension = dimension;
    }

    /**
     * The dot products of {@code rows} rows, starting at row {@code start}, with every loaded row.
     *
     * @return row-major, {@code rows x loaded rows}; reused by the next call
     */
    public float[] multiply(float[] vectors, int start, int rows) {
        FloatPointer right = loaded;
        if (right == null) {
            throw new IllegalStateException("no block was loaded");
        }
        FloatPointer left = ensure(tile, (long) rows * dimension);
        tile = left;
        left.put(vectors, start * dimension, rows * dimension);
        FloatPointer out = ensure(product, (long) rows * loadedRows);
        product = out;
        openblas_nolapack.cblas_sgemm(
                openblas_nolapack.CblasRowMajor,
                openblas_nolapack.CblasNoTrans,
                openblas_nolapack.CblasTrans,
                rows,
                loadedRows,
                dimension,
                1f,
                left,
                dimension,
                right,
                dimension,
                0f,
                out,
                loadedRows);
        if (productArray.length < rows * loadedRows) {
            productArray = new float[rows * loadedRows];
        }
        out.get(productArray, 0, rows * loadedRows);
        return productArray;
    }

    private static FloatPointer ensure(@Nullable FloatPointer pointer, long size) {
        if (pointer != null && pointer.capacity() >= size) {
            return pointer;
        }
        if (pointer != null) {
            pointer.deallocate();
        }
        return new FloatPointer(size);
    }

    @Override
    public void close() {
        for (FloatPointer pointer : new FloatPointer[] {copied, tile, product}) {
            if (pointer != null) {
                pointer.deallocate();
            }
        }
        copied = null;
        loaded = null;
        tile = null;
        product = null;
    }

    // Every Flink job has a class loader of its own and the JVM binds a library file to one loader:
    // a TaskManager's second job would fail to load the shared cache's files. Each loader therefore
    // unpacks its own copy, which may be removed once it is mapped.
    private static void loadPrivateCopy() {
        synchronized (System.class) {
            String before = System.getProperty(CACHE_DIRECTORY);
            Path copy = null;
            try {
                copy = Files.createTempDirectory("aima-openblas");
                System.setProperty(CACHE_DIRECTORY, copy.toString());
                // Its clean-up thread would pin this class loader; memory is freed by close().
                System.setProperty(NO_DEALLOCATOR, "true");
                openblas_nolapack.blas_set_num_threads(1);
                // The pointer classes have a library of their own, loaded by the first of them.
                new FloatPointer(1L).deallocate();
            } catch (IOException e) {
                throw new ExceptionInInitializerError(e);
            } finally {
                if (before == null) {
                    System.clearProperty(CACHE_DIRECTORY);
                } else {
                    System.setProperty(CACHE_DIRECTORY, before);
                }
                if (copy != null) {
                    deleteQuietly(copy);
                }
            }
        }
    }

    private static void deleteQuietly(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            directory.toFile().deleteOnExit();
        }
    }
}
