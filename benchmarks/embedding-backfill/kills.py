"""Repartitions a collection again and again while servers and the client are killed (kill -9) in every phase.

    python kills.py SOURCE KILLS [key=value ...]

Uses the stack of AIMA_HOME (started before), needs pymongo. Each run is killed in each of its phases, by turns a TaskManager,
the JobManager, the client and Milvus; what died is started again by `aima stack up`, the run is taken up by `aima resume`.
Then `aima verify` compares both collections, and `aima undo` takes the run back. Prints a line of JSON for each run.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pymongo

ROOT = Path(__file__).resolve().parents[2]
AIMA = str(ROOT / "submit-scripts" / "aima")
HOME = Path(os.environ["AIMA_HOME"]) / "stacks" / os.environ.get("AIMA_STACK", "default")
PHASES = ["plan", "snapshot", "copy", "copy", "index", "load", "verify", "catch-up", "gate", "cut-over", "keep-old"]
VICTIMS = ["taskmanager", "client", "milvus", "jobmanager"]

source, wanted = sys.argv[1], int(sys.argv[2])
settings = sys.argv[3:]
environment = {line.split("=", 1)[0].removeprefix("export "): line.split("=", 1)[1].strip("'\"") for line in subprocess.run([AIMA, "stack", "env"], capture_output=True, text=True, check=True).stdout.splitlines() if "=" in line}
database = pymongo.MongoClient(environment["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]
random.seed(11)


def aima(*words: str) -> subprocess.Popen:
    """Start the command with its output in a file of its own."""
    return subprocess.Popen([AIMA, *words], stdout=open("/tmp/kills.out", "a"), stderr=subprocess.STDOUT, start_new_session=True)


def phase(run: str) -> str:
    """The phase a run is at."""
    document = database.job_runs.find_one({"_id": run}) or {}
    running = [name for name, entry in (document.get("phases") or {}).items() if entry.get("state") == "running"]
    return running[0] if running else ""


def pid(name: str) -> int:
    """The process the stack recorded."""
    return json.loads((HOME / "run" / f"{name}.pid").read_text())["pid"]


def children(of: int) -> list:
    """The direct children of a process."""
    found = subprocess.run(["pgrep", "-P", str(of)], capture_output=True, text=True).stdout.split()
    return [int(word) for word in found]


def kill(victim: str, command: subprocess.Popen) -> str:
    """Kill -9 one process, and say which."""
    if victim == "client":
        targets = children(command.pid) or [command.pid]
        os.kill(targets[0], signal.SIGKILL)
        return f"client {targets[0]}"
    name = {"taskmanager": random.choice(["flink-taskmanager-1", "flink-taskmanager-2"]), "jobmanager": "flink-jobmanager", "milvus": "milvus"}[victim]
    number = pid(name)
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return f"{name} was dead"
    return f"{name} {number}"


victims = itertools.cycle(VICTIMS)
killed = 0
for turn in itertools.count():
    if killed >= wanted:
        break
    run = f"kills-{int(time.time())}"
    started = time.time()
    command = aima("run", "embedding-backfill:repartition", f"source={source}", "--run-id", run, *settings)
    events, attempts = [], 1
    schedule = PHASES[:]
    while True:
        while command.poll() is None and schedule and killed < wanted:
            at = phase(run)
            if at in schedule:
                del schedule[: schedule.index(at) + 1]
                time.sleep(random.uniform(0.1, 2.5))
                if command.poll() is None:
                    events.append(f"{at}: {kill(next(victims), command)}")
                    killed += 1
                    subprocess.run([AIMA, "stack", "up"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.1)
        command.wait()
        subprocess.run([AIMA, "stack", "up"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        state = (database.job_runs.find_one({"_id": run}) or {}).get("state")
        if state in ("succeeded", "refused") or attempts > 30:
            break
        attempts += 1
        known = database.job_runs.find_one({"_id": run})
        command = aima("resume", run) if known else aima("run", "embedding-backfill:repartition", f"source={source}", "--run-id", run, *settings)
    verified = subprocess.run([AIMA, "verify", run], capture_output=True, text=True)
    ranges = list(database.backfill_ranges.find({"run_id": run}))
    read = sum(c["count"] for r in ranges for c in r["counts"] if c["name"] == "read")
    undone = subprocess.run([AIMA, "undo", run], capture_output=True, text=True)
    print(json.dumps({"run": run, "state": state, "kills": events, "attempts": attempts, "seconds": round(time.time() - started), "read": read, "verify_exit": verified.returncode, "verify": [line for line in verified.stdout.splitlines() + verified.stderr.splitlines() if line.startswith(("passed", "FAILED"))], "undo_exit": undone.returncode}), flush=True)
