"""Takes a finished repartition back: verifies, undoes, verifies again, and says where the name led before and after.

    python undo.py RUN

Needs pymilvus 2.3 and pymongo; prints a line of JSON.
"""

import json
import sys
import time

from pymilvus import Collection, connections, utility
from run_watch import STACK, aima, checks, document


def leads(name: str) -> str:
    """The collection a new client finds behind a name."""
    connections.connect("fresh", uri=STACK["AIMA_MILVUS_URI"])
    try:
        if name in utility.list_collections(using="fresh"):
            return name
        return next((c for c in utility.list_collections(using="fresh") if name in Collection(c, using="fresh").aliases), "nothing")
    finally:
        connections.disconnect("fresh")


run = sys.argv[1]
name = document(run)["phases"]["plan"]["result"]["addressed"]
steps = []
for words in (("verify", run), ("undo", run), ("verify", run)):
    before, began = leads(name), time.time()
    ended = aima(*words)
    steps.append({"command": words[0], "exit": ended.returncode, "seconds": round(time.time() - began, 1), "led_to": before, "leads_to": leads(name), "checks": checks(ended.stdout + ended.stderr)})
print(json.dumps({"run": run, "state": document(run)["state"], "steps": steps}))
