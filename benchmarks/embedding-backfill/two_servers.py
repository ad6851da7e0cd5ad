"""Compares collections of two Milvus servers: a true copy, then one with three damaged rows.

    python two_servers.py SOURCE

Starts a second stack with nothing but Milvus in the same AIMA_HOME (its ports are chosen by it), copies SOURCE, whose rows lie
in no partition of their own, by pymilvus, and runs `embedding-backfill:verify` before and after a row was dropped, one bit of
a vector flipped and a row added over there. Deletes the second stack in the end. Needs pymilvus 2.3, pymongo and numpy; prints
a line of JSON for each comparison.
"""

import json
import os
import subprocess
import sys
import time

import numpy
from pymilvus import Collection, CollectionSchema, connections
from run_watch import AIMA, STACK, aima, checks, document, stack_environment

SECOND = {name: value for name, value in os.environ.items() if not name.startswith("AIMA_") or name in ("AIMA_HOME", "AIMA_NO_BUILD")}
SECOND["AIMA_STACK"] = "second"


def copy(source: Collection) -> Collection:
    """The same rows on the other server."""
    names = [field.name for field in source.schema.fields]
    target = Collection(source.name, CollectionSchema(source.schema.fields), using="second")
    iterator = source.query_iterator(batch_size=1_000, output_fields=names, consistency_level="Strong")
    while page := iterator.next():
        target.insert([[row[name] for row in page] for name in names])
    target.flush()
    index = source.index()
    target.create_index(index.field_name, index.params)
    target.load()
    return target


def damage(target: Collection) -> dict:
    """Damage three rows and say which."""
    names = [field.name for field in target.schema.fields]
    dropped, flipped, added = target.query('embedding_id >= ""', output_fields=names, limit=3, consistency_level="Strong")
    target.delete(f"embedding_id in [{json.dumps(dropped['embedding_id'])}]")
    vector = numpy.array(flipped["embedding"], dtype=numpy.float32)
    vector.view(numpy.uint32)[3] ^= 1
    flipped["embedding"] = vector.tolist()
    added["embedding_id"] = "added-by-hand"
    target.upsert([[row[name] for row in (flipped, added)] for name in names])
    return {"dropped": dropped["embedding_id"], "flipped": flipped["embedding_id"], "added": "added-by-hand"}


def compare(source: Collection, what: str, address: str, keys: dict) -> None:
    """Run the comparison and print how it ended."""
    began = time.time()
    run = f"two-servers-{int(began)}"
    ended = aima("run", "embedding-backfill:verify", f"source={source.name}", f"target={source.name}", "partition-by=none", "--run-id", run, AIMA_TARGET_MILVUS_URI=address)
    details = [c["detail"] for c in document(run).get("verification") or [] if not c["passed"]]
    print(json.dumps({
        "what": what, "servers": [STACK["AIMA_MILVUS_URI"], address], "rows": source.num_entities, "exit": ended.returncode, "seconds": round(time.time() - began, 1),
        "rows_named": {how: any(key in detail for detail in details) for how, key in keys.items()},
        "checks": checks(ended.stdout + ended.stderr) or (ended.stdout + ended.stderr).splitlines()[-5:],
    }), flush=True)


if __name__ == "__main__":
    subprocess.run([AIMA, "stack", "up", "--only", "milvus"], env=SECOND, check=True)
    try:
        address = stack_environment(SECOND)["AIMA_MILVUS_URI"]
        connections.connect(uri=STACK["AIMA_MILVUS_URI"])
        connections.connect("second", uri=address)
        source = Collection(sys.argv[1])
        target = copy(source)
        compare(source, "true copy", address, {})
        compare(source, "three rows damaged", address, damage(target))
    finally:
        subprocess.run([AIMA, "stack", "reset", "--yes"], env=SECOND, check=True)
