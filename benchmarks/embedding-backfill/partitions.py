"""A scheme with too many partitions: makes a small collection with a row for each month and media type of many years, and plans.

    python partitions.py COLLECTION [YEARS]

Each row refers to a medium of MongoDB of its type, so a world must be loaded. `plan` and `run` must end with exit 3 and a
proposal, and make no target; `plan` with the proposal must pass. The collection is dropped in the end. Needs pymilvus 2.3 and
pymongo; prints a line of JSON for each command.
"""

import json
import re
import sys
import time
from datetime import datetime, timezone

from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility
from run_watch import STACK, aima, database

DIMENSION = 16


def make(name: str, years: int) -> int:
    """The collection, and the partitions that media-type and month make of it."""
    media = {kind: database.media_items.find_one({"type": kind})["media_id"] for kind in database.media_items.distinct("type")}
    if utility.has_collection(name):
        utility.drop_collection(name)
    collection = Collection(name, CollectionSchema([
        FieldSchema("embedding_id", DataType.VARCHAR, is_primary=True, max_length=64),
        FieldSchema("embedding", DataType.FLOAT_VECTOR, dim=DIMENSION),
        FieldSchema("media_id", DataType.VARCHAR, max_length=64),
        FieldSchema("timestamp", DataType.INT64),
    ]))
    rows = []
    for kind, medium in media.items():
        for month in range(12 * years):
            at = datetime(1971 + month // 12, month % 12 + 1, 15, tzinfo=timezone.utc)
            rows.append((f"{kind}-{month}", [float(month % 7 + 1), *[0.5] * (DIMENSION - 1)], medium, int(at.timestamp() * 1_000)))
    collection.insert([list(column) for column in zip(*rows)])
    collection.flush()
    collection.create_index("embedding", {"index_type": "FLAT", "metric_type": "COSINE", "params": {}})
    collection.load()
    return len(rows)


def tell(what: str, name: str, scheme: str, partitions: int) -> str:
    """Run one command, print how it ended, return what it said."""
    began = time.time()
    ended = aima(what, "embedding-backfill:repartition", f"source={name}", f"partition-by={scheme}")
    said = ended.stdout + ended.stderr
    message = [line for line in said.splitlines() if "partition-by=" in line or " partitions of " in line]
    print(json.dumps({"what": f"{what} partition-by={scheme}", "partitions_made_up": partitions, "exit": ended.returncode, "seconds": round(time.time() - began, 1), "target_made": utility.has_collection(f"{name}_v2"), "said": message or said.splitlines()[-5:]}), flush=True)
    return said


if __name__ == "__main__":
    connections.connect(uri=STACK["AIMA_MILVUS_URI"])
    source = sys.argv[1]
    made = make(source, int(sys.argv[2]) if len(sys.argv) > 2 else 56)
    tell("run", source, "media-type,month", made)
    proposal = re.search(r"partition-by=(\S+) makes [\d,]+ and fits", tell("plan", source, "media-type,month", made))
    if proposal:
        tell("plan", source, proposal[1], made)
    utility.drop_collection(source)
