"""Damages the target of a repartition between its copy and its verification, one kind a run; none may reach the clients.

    python damage.py SOURCE

The client is killed in phase load, the target damaged through pymilvus, the run resumed: it must end with exit 3, name the row,
and leave the name alone. Uses the stack of AIMA_HOME; needs pymilvus 2.3 and pymongo. Prints a line of JSON for each kind.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pymongo
from pymilvus import Collection, connections

AIMA = str(Path(__file__).resolve().parents[2] / "submit-scripts" / "aima")
source = sys.argv[1]
environment = {line.split("=", 1)[0].removeprefix("export "): line.split("=", 1)[1].strip("'\"") for line in subprocess.run([AIMA, "stack", "env"], capture_output=True, text=True, check=True).stdout.splitlines() if "=" in line}
database = pymongo.MongoClient(environment["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]
connections.connect(uri=environment["AIMA_MILVUS_URI"])


def rows_of(target: Collection, partition: str) -> list:
    """One whole row of a partition."""
    names = [field.name for field in target.schema.fields]
    return target.query('embedding_id >= ""', partition_names=[partition], output_fields=names, limit=3, consistency_level="Strong")


def put(target: Collection, row: dict, partition: str) -> None:
    """Write one row."""
    target.upsert([[row[field.name]] for field in target.schema.fields], partition_name=partition)


def damage(kind: str, target: Collection) -> str:
    """Damage one row and return its key."""
    partition = max((p for p in target.partitions), key=lambda p: p.num_entities).name
    other = next(p.name for p in target.partitions if p.name != partition)
    row = rows_of(target, partition)[1]
    key = row["embedding_id"]
    if kind == "row dropped":
        target.delete(f"embedding_id in [{json.dumps(key, ensure_ascii=False)}]", partition_name=partition)
    elif kind == "one bit of a vector":
        import numpy

        vector = numpy.array(row["embedding"], dtype=numpy.float32)
        vector.view(numpy.uint32)[3] ^= 1
        row["embedding"] = vector.tolist()
        put(target, row, partition)
    elif kind == "field emptied":
        row["person_id"] = ""
        put(target, row, partition)
    elif kind == "partition swapped":
        target.delete(f"embedding_id in [{json.dumps(key, ensure_ascii=False)}]", partition_name=partition)
        put(target, row, other)
    return key


for kind in ("row dropped", "one bit of a vector", "field emptied", "partition swapped"):
    run = f"damage-{int(time.time())}"
    command = subprocess.Popen([AIMA, "run", "embedding-backfill:repartition", f"source={source}", "partition-by=month", "--run-id", run], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while command.poll() is None:
        document = database.job_runs.find_one({"_id": run}) or {}
        if (document.get("phases") or {}).get("load", {}).get("state") == "running":
            for child in subprocess.run(["pgrep", "-P", str(command.pid)], capture_output=True, text=True).stdout.split():
                os.kill(int(child), signal.SIGKILL)
            break
        time.sleep(0.05)
    command.wait()
    plan = database.job_runs.find_one({"_id": run})["phases"]["plan"]["result"]
    target = Collection(plan["target"])
    target.load()
    before = Collection(source).name, [a for a in Collection(plan["source"]).aliases]
    key = damage(kind, target)
    resumed = subprocess.run([AIMA, "resume", run], capture_output=True, text=True)
    state = database.job_runs.find_one({"_id": run})
    failed = [c["detail"] for c in state["verification"] if not c["passed"]]
    leads = [a for a in Collection(plan["source"]).aliases]
    print(json.dumps({"kind": kind, "exit": resumed.returncode, "state": state["state"], "row_named": any(repr(key)[1:-1] in d or key in d for d in failed), "name_moved": leads != before[1] or source in target.aliases, "told": failed[:1]}), flush=True)
    subprocess.run([AIMA, "undo", run], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
