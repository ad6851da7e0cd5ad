"""What a script reaches: copies a collection with pymilvus, and inserts prepared rows as fast as the SDK can.

    python baseline.py copy SOURCE TARGET      iterator and upsert, one thread; strong reads, then reads that wait for nothing
    python baseline.py insert SOURCE TARGET    the same rows prepared in memory, then only inserts, 1 and 2 threads

Needs pymilvus 2.3 and AIMA_MILVUS_URI; prints one line of JSON for each measurement.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from pymilvus import Collection, CollectionSchema, connections, utility

BATCH = 2_000
READ_BATCH = 1_000  # at 2,000 rows of dimension 512 the iterator asks for more than 64 MB


def target_like(source: Collection, name: str) -> Collection:
    """Make an empty collection with the source's fields."""
    if utility.has_collection(name):
        utility.drop_collection(name)
    return Collection(name, CollectionSchema(source.schema.fields))


def pages(source: Collection, consistency: str = "Strong"):
    """Read the whole collection by the SDK's own iterator."""
    names = [field.name for field in source.schema.fields]
    iterator = source.query_iterator(batch_size=READ_BATCH, output_fields=names, consistency_level=consistency)
    while True:
        page = iterator.next()
        if not page:
            iterator.close()
            return
        yield page


def columns(source: Collection, page) -> list:
    """Turn rows into the columns that the SDK sends."""
    return [[row[field.name] for row in page] for field in source.schema.fields]


def say(what: str, rows: int, seconds: float) -> None:
    """Print one measurement."""
    print(json.dumps({"what": what, "rows": rows, "seconds": round(seconds, 2), "rows_per_second": round(rows / seconds)}))


def copy(source: Collection, name: str) -> None:
    """Copy as a script would, and say what of it was reading."""
    for consistency in ("Strong", "Eventually"):
        target = target_like(source, name)
        start = time.time()
        rows = 0
        writing = 0.0
        for page in pages(source, consistency):
            prepared = columns(source, page)
            before = time.time()
            target.upsert(prepared)
            writing += time.time() - before
            rows += len(page)
        seconds = time.time() - start
        say(f"pymilvus iterator ({consistency}) and upsert, one thread", rows, seconds)
        say("  of it upserts", rows, writing)


def insert(source: Collection, name: str) -> None:
    """Insert prepared batches, with nothing else to do."""
    prepared = [columns(source, page) for page in pages(source)]
    rows = sum(len(batch[0]) for batch in prepared)
    for threads in (1, 2):
        target = target_like(source, name)
        start = time.time()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(target.insert, prepared))
        say(f"pymilvus insert of prepared columns, {threads} threads", rows, time.time() - start)


if __name__ == "__main__":
    connections.connect(uri=os.environ["AIMA_MILVUS_URI"])
    {"copy": copy, "insert": insert}[sys.argv[1]](Collection(sys.argv[2]), sys.argv[3])
    utility.drop_collection(sys.argv[3])
