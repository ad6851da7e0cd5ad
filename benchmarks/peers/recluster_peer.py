"""A plain Python peer of person-clustering:recluster, to measure that job against.

What is measured: the wall time of each step, and the peak memory, of one process that does what a script for this
task commonly does. The steps, as named in the JSON document it prints:

  iterate  all rows of face_embeddings and voice_embeddings with their vectors, by pymilvus' query iterator
  join     medium and time range of each row, from MongoDB's analysis_results
  knn      k nearest neighbours by inner product of unit vectors (faiss: every pair, or HNSW); pairs above a threshold
  cluster  Leiden with the constant Potts model (resolution), or connected components, of the graph of these pairs
  persons  one document a cluster, upserted into persons<suffix>
  upsert   person_id of the rows whose person is another than before, upserted whole into their own partitions
  total    from connecting to the last answer; starting Python and scoring against --labels are not in it

What it does not do, unlike the job: derive thresholds from the data (those below were tuned on labelled sets), keep
ids of existing persons, heed what people decided, tell apart faces of one frame, join voices with faces, merge
attributes, keep vectors of two models apart, write dead letters, an audit log or undo notes,
delete persons that no longer have members, survive being killed, use more than one machine.

Leiden counts a missing pair as similarity 0: an identity much larger than k falls apart (raise k or lower the
resolution). Connected components do not, but chain where identities lie close together. Measure both.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import random
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, NamedTuple

import faiss
import igraph
import numpy as np
from numpy.typing import NDArray
from pymilvus import MilvusClient
from pymongo import MongoClient, UpdateOne
from pymongo.database import Database

READ_ROWS = 4_000  # 8 MB of face vectors; Milvus answers at most 16,384 rows or 64 MB
WRITE_ROWS = 2_000
WRITERS = 2  # one request is packed while the server takes another
QUERY_ROWS = 4_096
PERSONS = 1_000
RECALL_SAMPLE = 500
MERGE_GAP_SECONDS = 1.0
MAX_LISTED = 45_000  # keeps a document under MongoDB's 16 MiB
HNSW_LINKS, HNSW_CONSTRUCTION, HNSW_SEARCH = 32, 200, 160
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "aima:recluster-peer")

# Similarity from which two vectors are a pair, and resolution of Leiden: the best on faces of LFW and voices of
# LibriSpeech, chosen with their labels.
TUNED = {
    ("leiden", "face"): (0.45, 0.1),
    ("leiden", "voice"): (0.75, 0.4),
    ("components", "face"): (0.55, 0.0),
    ("components", "voice"): (0.82, 0.0),
}
ANALYSIS = {"face": "face_detection", "voice": "speaker_diarization"}


class Fact(NamedTuple):
    """What an analysis result says of a row; times in seconds, NaN when it has none."""

    media_id: str
    start: float
    end: float


@dataclass
class Space:
    """The vectors of one modality; row i of each list and array belongs together."""

    modality: str
    counted: int = 0
    duplicates: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    partitions: list[str] = field(default_factory=list)
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    usable: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    labels: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def collection(self) -> str:
        """Name of its collection in Milvus."""
        return f"{self.modality}_embeddings"


class Clock:
    """Seconds by step, and a line of progress every two seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._started = self._told = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds the time spent inside to a step."""
        self._started = self._told = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - self._started

    def tell(self, what: str, done: int, total: int) -> None:
        """Says how far the present step is, at which rate, and when it will end."""
        now = time.perf_counter()
        if done and now - self._told >= 2:
            self._told = now
            rate = done / (now - self._started)
            left = max(0, total - done) / rate
            print(f"{what}: {done:,} of {total:,}, {rate:,.0f}/s, {left:,.0f} s left", file=sys.stderr)


def read_space(milvus: MilvusClient, modality: str, clock: Clock) -> Space:
    """Reads all rows, partition by partition since an upsert must name the one a row is in."""
    collection = f"{modality}_embeddings"
    space = Space(modality)
    schema = milvus.describe_collection(collection)["fields"]
    scalars = [f["name"] for f in schema if f["name"] != "embedding"]
    seen: set[str] = set()
    blocks: list[NDArray[np.float32]] = []
    for partition in milvus.list_partitions(collection):
        counts = milvus.query(
            collection,
            filter="",
            output_fields=["count(*)"],
            partition_names=[partition],
            consistency_level="Strong",
        )
        space.counted += int(counts[0]["count(*)"])
        iterator = milvus.query_iterator(
            collection,
            batch_size=READ_ROWS,
            filter="",
            output_fields=[*scalars, "embedding"],
            partition_names=[partition],
            consistency_level="Strong",
        )
        # Not one page more than there are rows: the iterator asks for keys above the last one, and a key with a
        # quotation mark in it, which sorts behind UUIDs, makes a query that Milvus refuses.
        while len(space.rows) + space.duplicates < space.counted and (page := iterator.next()):
            fresh = []
            for row in page:
                if row["embedding_id"] not in seen:
                    seen.add(row["embedding_id"])
                    fresh.append(row)
            space.duplicates += len(page) - len(fresh)
            space.rows.extend({name: row[name] for name in scalars} for row in fresh)
            space.partitions.extend([partition] * len(fresh))
            if fresh:
                # A list of Python floats takes eight times the memory: it must not outlive its page.
                blocks.append(np.array([row["embedding"] for row in fresh], np.float32))
            clock.tell(f"iterate {collection}", len(space.rows), space.counted)
        iterator.close()
    if blocks:
        space.vectors = np.concatenate(blocks)
    if len(space.rows) + space.duplicates != space.counted:
        print(f"{collection}: the iterator's rows are not as many as count(*), see the figures", file=sys.stderr)
    return space


def read_facts(mongo: Database[dict[str, Any]], clock: Clock) -> dict[str, Fact]:
    """Facts by result id; a result without a medium has none."""
    wanted = {"analysis_type": {"$in": list(ANALYSIS.values())}}
    total = mongo.analysis_results.count_documents(wanted)
    projection = {"_id": 0, "result_id": 1, "media_id": 1, "time_range": 1}
    facts: dict[str, Fact] = {}
    for read, document in enumerate(mongo.analysis_results.find(wanted, projection, batch_size=10_000), 1):
        result, medium = document.get("result_id"), document.get("media_id")
        if isinstance(result, str) and isinstance(medium, str) and medium:
            span = document.get("time_range")
            times = [span.get(k) if isinstance(span, dict) else None for k in ("start_seconds", "end_seconds")]
            start, end = (float(t) if isinstance(t, (int, float)) else np.nan for t in times)
            facts[result] = Fact(medium, start, end)
        if read % 10_000 == 0:
            clock.tell("join", read, total)
    return facts


def join(space: Space, facts: dict[str, Fact]) -> None:
    """Keeps the rows that have an id, a result and a direction."""
    norms = np.linalg.norm(space.vectors, axis=1)
    sound = np.isfinite(norms) & (norms > 1e-6)
    known = (bool(row["embedding_id"]) and row["result_id"] in facts for row in space.rows)
    space.usable = np.flatnonzero(sound & np.fromiter(known, bool, len(space.rows)))


def neighbours(
    space: Space, k: int, kind: str, threshold: float, clock: Clock
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Pairs at least as similar as the threshold (shape [m, 2], i < j, among usable rows), and similarities."""
    n, dimension = len(space.usable), space.vectors.shape[1]

    def unit(start: int) -> NDArray[np.float32]:
        block = space.vectors[space.usable[start : start + QUERY_ROWS]]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        return block

    index: Any
    if kind == "flat":
        index = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.IndexHNSWFlat(dimension, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction, index.hnsw.efSearch = HNSW_CONSTRUCTION, max(HNSW_SEARCH, 2 * k)
    for start in range(0, n, QUERY_ROWS):
        index.add(unit(start))
        clock.tell(f"index {space.collection}", start, n)
    keys, similarities = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for start in range(0, n, QUERY_ROWS):
        # One more than k, since a vector finds itself.
        found, others = index.search(unit(start), k + 1)
        near, at = np.nonzero(found >= threshold)
        one, other = near + start, others[near, at]
        proper = one != other
        low, high = np.minimum(one, other)[proper], np.maximum(one, other)[proper]
        keys.append(low * n + high)
        similarities.append(found[near, at][proper])
        clock.tell(f"knn {space.collection}", start, n)
    key, first = np.unique(np.concatenate(keys), return_index=True)
    if kind == "hnsw" and n:
        sample = unit(0)[:: max(1, min(n, QUERY_ROWS) // RECALL_SAMPLE)]
        both = zip(*(searched.search(sample, min(k, n))[1] for searched in (index.storage, index)), strict=True)
        space.figures["recall_at_k"] = float(np.mean([len(np.intersect1d(a, b)) / len(a) for a, b in both]))
    space.figures["pairs"] = len(key)
    return np.stack([key // max(n, 1), key % max(n, 1)], axis=1), np.concatenate(similarities)[first]


def cluster(
    n: int, pairs: NDArray[np.int64], similarities: NDArray[np.float32], method: str, resolution: float
) -> NDArray[np.int64]:
    """The cluster of each of n vectors."""
    graph = igraph.Graph(n=n, edges=pairs)
    if method == "components":
        return np.array(graph.connected_components().membership, np.int64)
    # igraph's own Leiden finds what the package leidenalg finds, in a fraction of the time. -1: until nothing moves.
    found = graph.community_leiden("CPM", weights=similarities.tolist(), resolution=resolution, n_iterations=-1)
    return np.array(found.membership, np.int64)


def members(space: Space) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Person id and row numbers of each cluster; the id follows from the smallest embedding id."""
    order = np.argsort(space.labels, kind="stable")
    starts = np.flatnonzero(np.diff(space.labels[order])) + 1
    for part in np.split(space.usable[order], starts) if len(order) else []:
        smallest = min(space.rows[i]["embedding_id"] for i in part)
        yield str(uuid.uuid5(NAMESPACE, f"{space.collection}/{smallest}")), part


def merged(ranges: list[tuple[float, float]]) -> list[dict[str, float]]:
    """Disjoint ranges in ascending order; those at most a gap apart become one."""
    result: list[dict[str, float]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1]["end_seconds"] + MERGE_GAP_SECONDS:
            result[-1]["end_seconds"] = max(result[-1]["end_seconds"], end)
        else:
            result.append({"start_seconds": start, "end_seconds": end})
    return result


def person(space: Space, person_id: str, part: NDArray[np.int64], facts: dict[str, Fact], now: datetime) -> UpdateOne:
    """The upsert of a person's document."""
    rows = [space.rows[i] for i in part[:MAX_LISTED]]
    media: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        media.setdefault(facts[row["result_id"]].media_id, []).append(row)
    appearances = []
    for medium, seen in sorted(media.items()):
        times = [(f.start, f.end) for f in (facts[row["result_id"]] for row in seen) if f.start <= f.end]
        appearances.append(
            {
                "media_id": medium,
                "result_ids": sorted({row["result_id"] for row in seen}),
                "time_ranges": merged(times),
                "confidence": max(row["confidence"] for row in seen),
            }
        )
    listed = [
        {"embedding_id": row["embedding_id"], "confidence": row["confidence"], "source_result_id": row["result_id"]}
        for row in rows
    ]
    fields = {
        "appearances": appearances,
        "face_embeddings": listed if space.modality == "face" else [],
        "voice_embeddings": listed if space.modality == "voice" else [],
        "confidence": sum(row["confidence"] for row in rows) / len(rows),
        "last_updated": now,
    }
    created = {"temporary": True, "created_at": now, "attributes": {}}
    return UpdateOne({"person_id": person_id}, {"$set": fields, "$setOnInsert": created}, upsert=True)


def write_persons(
    space: Space, mongo: Database[dict[str, Any]], facts: dict[str, Fact], options: argparse.Namespace, clock: Clock
) -> dict[int, str]:
    """Writes the documents; gives the new person of every row whose person changes."""
    target = mongo["persons" + options.suffix]
    if options.suffix and not options.dry_run:
        target.create_index("person_id", unique=True)
    total = len(np.unique(space.labels))
    now = datetime.now(UTC)
    changes: dict[int, str] = {}
    batch: list[UpdateOne] = []
    for done, (person_id, part) in enumerate(members(space), 1):
        batch.append(person(space, person_id, part, facts, now))
        changes.update((int(i), person_id) for i in part if space.rows[i]["person_id"] != person_id)
        if len(batch) == PERSONS or done == total:
            if not options.dry_run:
                target.bulk_write(batch, ordered=False)
            batch = []
            clock.tell(f"persons of {space.collection}", done, total)
    space.figures.update(persons=total, rows_changed=len(changes))
    return changes


def upsert_rows(space: Space, milvus: MilvusClient, changes: dict[int, str], clock: Clock) -> None:
    """Writes rows back whole, vectors as they were read: Milvus 2.3 cannot change a single field."""
    batches: list[tuple[str, list[int]]] = []
    for partition in sorted({space.partitions[i] for i in changes}):
        numbers = [i for i in changes if space.partitions[i] == partition]
        batches.extend((partition, numbers[s : s + WRITE_ROWS]) for s in range(0, len(numbers), WRITE_ROWS))

    def write(partition: str, numbers: list[int]) -> int:
        rows = [{**space.rows[i], "person_id": changes[i], "embedding": space.vectors[i]} for i in numbers]
        milvus.upsert(space.collection, rows, partition_name=partition)
        return len(rows)

    written = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        for rows_written in pool.map(lambda batch: write(*batch), batches):
            written += rows_written
            clock.tell(f"upsert {space.collection}", written, len(changes))


def scores(space: Space, truth: dict[str, str]) -> dict[str, Any]:
    """Pairwise and BCubed precision, recall and F over labelled rows, in percent; a row without a person is alone."""
    numbers = np.arange(len(space.rows)) + len(space.rows)
    numbers[space.usable] = space.labels
    labelled = [i for i, row in enumerate(space.rows) if row["embedding_id"] in truth]
    if not labelled:
        return {"labelled": 0}
    found = np.unique(numbers[labelled], return_inverse=True)[1]
    wanted = np.unique([truth[space.rows[i]["embedding_id"]] for i in labelled], return_inverse=True)[1]
    sizes, wanted_sizes = np.bincount(found), np.bincount(wanted)
    cells, together = np.unique(found * len(wanted_sizes) + wanted, return_counts=True)
    in_found, in_wanted = sizes[cells // len(wanted_sizes)], wanted_sizes[cells % len(wanted_sizes)]

    def score(precision: float, recall: float) -> dict[str, float]:
        f = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {name: round(100 * x, 2) for name, x in (("f", f), ("precision", precision), ("recall", recall))}

    def pairs(counts: NDArray[np.int64]) -> float:
        return float((counts * (counts - 1) // 2).sum())

    def share(part: float, whole: float) -> float:
        return part / whole if whole else 1.0

    squares, n = together.astype(float) ** 2, len(labelled)
    return {
        "labelled": n,
        "clusters": len(sizes),
        "identities": len(wanted_sizes),
        "pairwise": score(share(pairs(together), pairs(sizes)), share(pairs(together), pairs(wanted_sizes))),
        "bcubed": score(float((squares / in_found).sum() / n), float((squares / in_wanted).sum() / n)),
    }


def arguments() -> argparse.Namespace:
    """The options; thresholds and resolutions that are not given are those tuned for the method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    secrets = {
        "AIMA_MONGO_URI": "the place for a password",
        "AIMA_MILVUS_URI": "a token comes from AIMA_MILVUS_TOKEN",
    }
    for name, secret in secrets.items():
        option = "--" + name.removeprefix("AIMA_").replace("_", "-").lower()
        value = os.environ.get(name)
        parser.add_argument(option, default=value, required=not value, help=f"default {name}; {secret}")
    parser.add_argument(
        "--mongo-db", default=os.environ.get("AIMA_MONGO_DB", "aima"), help="default AIMA_MONGO_DB or aima"
    )
    parser.add_argument(
        "--index", choices=("flat", "hnsw"), default="flat", help="every pair, or approximate (default flat)"
    )
    parser.add_argument("--clustering", choices=("leiden", "components"), default="leiden", help="default leiden")
    parser.add_argument("-k", type=int, default=80, help="nearest neighbours of a vector (default 80)")
    parser.add_argument("--threads", type=int, default=2, help="of faiss (default 2)")
    for modality in ANALYSIS:
        leiden, components = TUNED["leiden", modality], TUNED["components", modality]
        help_text = f"default {leiden[0]} for leiden, {components[0]} for components"
        parser.add_argument(f"--{modality}-threshold", type=float, help=help_text)
        parser.add_argument(f"--{modality}-resolution", type=float, help=f"of leiden (default {leiden[1]})")
    parser.add_argument("--labels", help="CSV with embedding_id,identity: score the clusters")
    parser.add_argument("--suffix", default="_peer", help="persons are written to persons<suffix> (default _peer)")
    parser.add_argument("--no-row-writes", action="store_true", help="leave person_id in Milvus as it is")
    parser.add_argument("--dry-run", action="store_true", help="write nothing at all")
    options = parser.parse_args()
    if options.k < 1 or options.threads < 1:
        parser.error(f"-k {options.k}, --threads {options.threads}: both must be at least 1")
    if options.labels and not os.path.isfile(options.labels):
        parser.error(f"--labels {options.labels}: no such file; name the world's truth.csv")
    for modality in ANALYSIS:
        for name, tuned in zip(("threshold", "resolution"), TUNED[options.clustering, modality], strict=True):
            if getattr(options, f"{modality}_{name}") is None:
                setattr(options, f"{modality}_{name}", tuned)
    return options


def main() -> None:
    """Runs all steps and prints one JSON document."""
    options = arguments()
    # It warns on each iterator that Milvus 2.3 gives it no read time, which is true and cannot be changed.
    logging.disable(logging.WARNING)
    faiss.omp_set_num_threads(options.threads)
    igraph.set_random_number_generator(random.Random(0))
    clock, started = Clock(), time.perf_counter()
    milvus = MilvusClient(uri=options.milvus_uri, token=os.environ.get("AIMA_MILVUS_TOKEN", ""))
    mongo: Database[dict[str, Any]] = MongoClient(options.mongo_uri)[options.mongo_db]
    with clock.step("iterate"):
        spaces = [read_space(milvus, modality, clock) for modality in ANALYSIS]
    with clock.step("join"):
        facts = read_facts(mongo, clock)
        for space in spaces:
            join(space, facts)
    for space in spaces:
        threshold = getattr(options, f"{space.modality}_threshold")
        with clock.step("knn"):
            pairs, similarities = neighbours(space, options.k, options.index, threshold, clock)
        with clock.step("cluster"):
            resolution = getattr(options, f"{space.modality}_resolution")
            space.labels = cluster(len(space.usable), pairs, similarities, options.clustering, resolution)
        with clock.step("persons"):
            changes = write_persons(space, mongo, facts, options, clock)
        with clock.step("upsert"):
            if not options.dry_run and not options.no_row_writes:
                upsert_rows(space, milvus, changes, clock)
    clock.seconds["total"] = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    truth: dict[str, str] = {}
    if options.labels:
        with open(options.labels, newline="", encoding="utf-8") as file:
            truth = {row["embedding_id"]: row["identity"] for row in csv.DictReader(file)}
    document = {
        "parameters": {k: v for k, v in vars(options).items() if not k.endswith("_uri")},
        "versions": {name: version(name) for name in ("faiss-cpu", "igraph", "numpy", "pymilvus", "pymongo")},
        "seconds": {name: round(seconds, 3) for name, seconds in clock.seconds.items()},
        "peak_rss_bytes": peak,
        "spaces": {
            space.collection: {
                "counted": space.counted,
                "read": len(space.rows) + space.duplicates,
                "rejected": len(space.rows) - len(space.usable) + space.duplicates,
                **space.figures,
                **({"scores": scores(space, truth)} if options.labels else {}),
            }
            for space in spaces
        },
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
