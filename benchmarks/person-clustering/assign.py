"""Measures person-clustering:assign: events a second, and time from event to durable write, beside a loop in Python.

    python assign.py WORLD [--events 50000] [--loop 2000]

WORLD is a directory of `aima generate` that is loaded into the running stack (`aima stack up && aima migrate && aima load
WORLD`). The script takes rows of faces and voices out of Milvus, reclusters what is left, puts them back, and streams
them in random order with 5 % repeated and 2 % bad events: first half as fast as they go, the other half at half that
rate. The loop does what a script for this task commonly does, one embedding at a time: search the nearest row,
take its person above a threshold or make a new one, insert the row, update the person. It has a collection of its
own and a threshold that it is given; it heeds no pictures, makes doubles when two come at once, and forgets nothing.

Printed as one JSON document. Needs pymilvus, pymongo, numpy (../peers/requirements.txt), and the AIMA_* variables of
`aima stack env`. Events are written by the console producer of the stack's own Kafka.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pymilvus import MilvusClient
from pymongo import MongoClient

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ("face_embeddings", "voice_embeddings")
BATCH = 1_000
REPEATED, BAD = 0.05, 0.02
LOOP_THRESHOLD = {"face_embeddings": 0.45, "voice_embeddings": 0.8}


def lines(directory: Path, name: str) -> Iterator[dict[str, Any]]:
    """The documents of a file, packed or not."""
    plain, packed = directory / name, directory / (name + ".gz")
    with gzip.open(packed, "rt") if packed.exists() else open(plain) as rows:
        yield from map(json.loads, rows)


def aima(*words: str) -> str:
    """Run the operator's command; its standard output."""
    return subprocess.run([ROOT / "submit-scripts/aima", *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def rest(path: str) -> Any:
    """An answer of the cluster."""
    with urllib.request.urlopen(os.environ["AIMA_FLINK_REST"] + path, timeout=30) as answer:
        return json.load(answer)


def metrics(job: str, ending: str, aggregate: str) -> dict[str, float]:
    """The job's own figures of all its tasks."""
    found: dict[str, float] = {}
    for vertex in rest(f"/jobs/{job}")["vertices"]:
        path = f"/jobs/{job}/vertices/{vertex['id']}/subtasks/metrics"
        names = [m["id"] for m in rest(path) if ".aima_person_clustering." in m["id"] and m["id"].endswith(ending)]
        if names:
            for metric in rest(f"{path}?agg={aggregate}&get={','.join(names)}"):
                name = metric["id"].rpartition(".aima_person_clustering.")[2]
                found[name] = found.get(name, 0) + metric[aggregate]
    return found


def outcomes(job: str) -> int:
    """Events whose outcome is durable."""
    count = metrics(job, "", "sum")
    return int(
        sum(
            count.get(name, 0)
            for name in (
                "events_rejected", "events_duplicate", "rows_written", "rows_already", "rows_refused",
                "undecided_waiting", "undecided_expired",
            )
        )
    )


def produce(topic: str, events: list[str], rate: float = 0) -> float:
    """Write events by Kafka's console producer; the seconds it took. Without a rate as fast as it goes."""
    jars = next(Path(os.environ.get("AIMA_HOME", Path.home() / ".cache/aima")).glob("cache/kafka-*/lib"))
    command = ["java", "-Xmx256m", "-cp", f"{jars}/*", "kafka.tools.ConsoleProducer"]
    command += ["--bootstrap-server", os.environ["AIMA_KAFKA_BOOTSTRAP"], "--topic", topic]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as producer:
        assert producer.stdin
        begin = time.monotonic()
        for number, event in enumerate(events):
            if rate and (wait := begin + number / rate - time.monotonic()) > 0:
                producer.stdin.flush()
                time.sleep(wait)
            producer.stdin.write(event + "\n")
        producer.stdin.close()
        if producer.wait() != 0:
            sys.exit("the console producer failed")
        return time.monotonic() - begin


def event(collection: str, row: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """An event of a row."""
    vector = np.asarray(row["embedding"], dtype="<f4").tobytes()
    return {
        "version": 1,
        "collection": collection,
        "embedding_id": row["embedding_id"],
        "embedding": base64.b64encode(vector).decode(),
        "confidence": row.get("confidence", 1.0),
        "result": {key: result[key] for key in result if key != "_id"},
    }


def loop(milvus: MilvusClient, persons: Any, rows: list[tuple[str, dict[str, Any]]]) -> dict[str, float]:
    """Search and insert one after the other; what it took."""
    names = {}
    for collection in COLLECTIONS:
        names[collection] = f"loop_{collection}"
        if milvus.has_collection(names[collection]):
            milvus.drop_collection(names[collection])
        dimension = next((len(r["embedding"]) for c, r in rows if c == collection), 8)
        milvus.create_collection(
            names[collection], dimension=dimension, primary_field_name="embedding_id", id_type="string", max_length=100,
            vector_field_name="embedding", metric_type="COSINE", consistency_level="Strong",
        )
    latencies = []
    begin = time.monotonic()
    for collection, row in rows:
        start = time.monotonic()
        near = milvus.search(names[collection], [row["embedding"]], limit=1, output_fields=["person_id"])
        best = near[0][0] if near and near[0] else None
        known = best is not None and best["distance"] >= LOOP_THRESHOLD[collection]
        person = best["entity"]["person_id"] if known else str(uuid.uuid4())
        milvus.insert(
            names[collection],
            [{"embedding_id": row["embedding_id"], "embedding": row["embedding"], "person_id": person}],
        )
        persons.update_one({"person_id": person}, {"$push": {collection: row["embedding_id"]}}, upsert=True)
        latencies.append(time.monotonic() - start)
    seconds = time.monotonic() - begin
    for name in names.values():
        milvus.drop_collection(name)
    persons.drop()
    return {
        "embeddings": len(rows),
        "per_second": round(len(rows) / seconds, 1),
        "p99_ms": round(1_000 * float(np.percentile(latencies, 99)), 1),
    }


def main() -> None:
    """Prepare, stream, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--loop", type=int, default=2_000, help="embeddings the loop is given; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    milvus = MilvusClient(uri=os.environ["AIMA_MILVUS_URI"])
    database = MongoClient(os.environ["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]

    rows = [(c, row) for c in COLLECTIONS for row in lines(arguments.world, c + ".ndjson")]
    chance.shuffle(rows)
    rows = rows[: int(arguments.events * (1 - REPEATED - BAD))]
    kept: dict[str, list[dict[str, Any]]] = {}
    for collection in COLLECTIONS:
        ids = [row["embedding_id"] for c, row in rows if c == collection]
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            kept.setdefault(collection, []).extend(
                milvus.query(collection, ids=some, output_fields=["*"], consistency_level="Strong")
            )
            milvus.delete(collection, ids=some)
    aima("run", "person-clustering:recluster")
    for collection, stored in kept.items():
        for start in range(0, len(stored), BATCH):
            milvus.upsert(collection, [{**row, "person_id": ""} for row in stored[start : start + BATCH]])

    results = {r["result_id"]: r for r in database.analysis_results.find({}, {"_id": 0}) if "result_id" in r}
    wanted = {row["embedding_id"]: (c, row) for c, row in rows}
    events = []
    for collection, stored in kept.items():
        for row in stored:
            result = results.get(row.get("result_id"))
            if result and row["embedding_id"] in wanted:
                events.append(json.dumps(event(collection, row, result), default=str))
    events += chance.sample(events, int(REPEATED * len(events)))
    events += [e[: len(e) // 2] for e in chance.sample(events, int(BAD * len(events)))]
    chance.shuffle(events)

    topic, run = f"bench-{uuid.uuid4().hex[:8]}", f"bench-assign-{uuid.uuid4().hex[:8]}"
    half = len(events) // 2
    produce(topic, events[:1])
    aima(
        "run", "person-clustering:assign", f"topic={topic}", f"changes.topic={topic}-changes",
        f"dead-letter.topic={topic}-rejected", f"group={topic}", "--detach", "--run-id", run,
    )
    job = next(j["jid"] for j in rest("/jobs/overview")["jobs"] if j["name"].endswith(" " + run))
    while outcomes(job) < 1:
        time.sleep(0.5)
    begin = time.monotonic()
    produce(topic, events[1:half])
    while outcomes(job) < half:
        time.sleep(0.5)
    full = (half - 1) / (time.monotonic() - begin)
    produce(topic, events[half:], full / 2)
    while outcomes(job) < len(events):
        time.sleep(0.5)
    answer: dict[str, Any] = {
        "events": len(events),
        "per_second": round(full, 1),
        "latency_ms_at_half_load": metrics(job, "latency_ms_p99", "max") | metrics(job, "latency_ms_p50", "max"),
        "counts": metrics(job, "", "sum"),
    }
    urllib.request.urlopen(
        urllib.request.Request(os.environ["AIMA_FLINK_REST"] + f"/jobs/{job}?mode=cancel", method="PATCH"), timeout=30
    ).close()
    if arguments.loop:
        answer["loop"] = loop(milvus, database.loop_persons, rows[: arguments.loop])
    print(json.dumps(answer, indent=2))


main()
