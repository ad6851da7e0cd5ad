"""Writes to a collection while it is repartitioned: 5,000 upserts and 2,000 deletes through its name, then compares.

    python writers.py SOURCE RUN [key=value ...]

Starts the run, writes from the copy's first second until it ends its catch-up, waits, and checks through the same name that
every upsert is there as last written and every deleted key is gone. With catch-up.by=kafka among the settings each change is
followed by an event for each of its keys in the topic aima.embeddings, which is made if it is missing; that needs kafka-python.
Needs pymilvus 2.3 and pymongo.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pymongo
from pymilvus import Collection, connections

AIMA = str(Path(__file__).resolve().parents[2] / "submit-scripts" / "aima")
source, run = sys.argv[1], sys.argv[2]
UPSERTS, DELETES, BATCH = 5_000, 2_000, 100
TOPIC = "aima.embeddings"
environment = {line.split("=", 1)[0].removeprefix("export "): line.split("=", 1)[1].strip("'\"") for line in subprocess.run([AIMA, "stack", "env"], capture_output=True, text=True, check=True).stdout.splitlines() if "=" in line}
database = pymongo.MongoClient(environment["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]
connections.connect(uri=environment["AIMA_MILVUS_URI"])
collection = Collection(source)
names = [field.name for field in collection.schema.fields]
random.seed(3)
plain = collection.query('embedding_id >= ""', output_fields=["embedding_id"], limit=16_000, consistency_level="Strong")
keys = sorted(row["embedding_id"] for row in plain if all(c.isalnum() or c == "-" for c in row["embedding_id"]))
random.shuffle(keys)
changed, deleted = keys[: UPSERTS - 1_000], keys[UPSERTS : UPSERTS + DELETES]
partitions = {}
for partition in collection.partitions:
    for from_ in range(0, len(keys), 2_000):
        part = json.dumps(keys[from_ : from_ + 2_000])
        for row in collection.query(f"embedding_id in {part}", output_fields=["embedding_id"], partition_names=[partition.name]):
            partitions[row["embedding_id"]] = partition.name

events = None
if "catch-up.by=kafka" in sys.argv[3:]:
    from kafka import KafkaAdminClient, KafkaProducer
    from kafka.admin import NewTopic

    admin = KafkaAdminClient(bootstrap_servers=environment["AIMA_KAFKA_BOOTSTRAP"])
    if TOPIC not in admin.list_topics():
        admin.create_topics([NewTopic(TOPIC, num_partitions=2, replication_factor=1)])
    admin.close()
    events = KafkaProducer(bootstrap_servers=environment["AIMA_KAFKA_BOOTSTRAP"], acks="all")


def tell(some: list) -> None:
    """Announce that keys were changed, after they were."""
    if events:
        for key in some:
            events.send(TOPIC, key=key.encode(), value=json.dumps({"embedding_id": key, "collection": source}).encode())
        events.flush()


command = subprocess.Popen([AIMA, "run", "embedding-backfill:repartition", f"source={source}", "--run-id", run, *sys.argv[3:]], stdout=open(f"/tmp/{run}.out", "w"), stderr=subprocess.STDOUT)


def running() -> str:
    """The phase the run is at."""
    document = database.job_runs.find_one({"_id": run}) or {}
    return next((n for n, e in (document.get("phases") or {}).items() if e.get("state") == "running"), "")


while running() != "copy" and command.poll() is None:
    time.sleep(0.1)
work = [("upsert", changed[i : i + BATCH]) for i in range(0, len(changed), BATCH)]
work += [("insert", [f"new-{i + j}" for j in range(BATCH)]) for i in range(0, 1_000, BATCH)]
work += [("delete", deleted[i : i + BATCH]) for i in range(0, len(deleted), BATCH)]
random.shuffle(work)
done_at = {}
written = {}
for number, (what, some) in enumerate(work):
    phase = running()
    done_at[phase] = done_at.get(phase, 0) + len(some)
    if what == "delete":
        collection.delete(f"embedding_id in {json.dumps(some)}")
    elif what == "insert":
        rows = [[*some], [[random.random() for _ in range(collection.schema.fields[1].params["dim"])] for _ in some]]
        for field in names[2:]:
            rows.append([1_760_000_000_000 + number if field == "timestamp" else 0.25 if field == "confidence" else f"v{number}" for _ in some])
        collection.insert(rows)
        written.update({key: f"v{number}" for key in some})
    else:
        by_partition = {}
        for row in collection.query(f"embedding_id in {json.dumps(some)}", output_fields=names, consistency_level="Strong"):
            row["person_id"] = f"v{number}"
            row["embedding"][0] = random.random()
            by_partition.setdefault(partitions[row["embedding_id"]], []).append(row)
            written[row["embedding_id"]] = f"v{number}"
        for partition, rows in by_partition.items():
            collection.upsert([[row[n] for row in rows] for n in names], partition_name=partition)
    tell(some)
    time.sleep(0.05)
exit_code = command.wait()
connections.disconnect("default")
connections.connect(uri=environment["AIMA_MILVUS_URI"])
fresh = Collection(source)
wrong = []
expected = sorted(written)
for i in range(0, len(expected), 1_000):
    part = expected[i : i + 1_000]
    found = {}
    for row in fresh.query(f"embedding_id in {json.dumps(part)}", output_fields=["embedding_id", "person_id"], consistency_level="Strong"):
        found.setdefault(row["embedding_id"], []).append(row["person_id"])
    wrong += [key for key in part if found.get(key) != [written[key]]]
back = []
for i in range(0, len(deleted), 1_000):
    back += fresh.query(f"embedding_id in {json.dumps(deleted[i : i + 1_000])}", output_fields=["embedding_id"], consistency_level="Strong")
verify = subprocess.run([AIMA, "verify", run], capture_output=True, text=True)
print(json.dumps({"run": run, "exit": exit_code, "changes_by_phase": done_at, "upserts": len(written), "deletes": len(deleted), "events": len(written) + len(deleted) if events else 0, "upserts_not_as_written": len(wrong), "deleted_that_came_back": len(back), "verify_exit": verify.returncode, "verify": [line for line in (verify.stdout + verify.stderr).splitlines() if line.startswith(("passed", "FAILED"))]}))
