"""What the measurements of this folder share: the stack's addresses, commands of the suite, and a look at a run in the ledger.

Needs AIMA_HOME with a running stack, and pymongo.
"""

import os
import re
import shlex
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pymongo

AIMA = str(Path(__file__).resolve().parents[2] / "submit-scripts" / "aima")


def stack_environment(base: dict | None = None) -> dict:
    """The variables that `aima stack env` prints."""
    lines = subprocess.run([AIMA, "stack", "env"], capture_output=True, text=True, check=True, env=base).stdout
    return dict(word.split("=", 1) for line in lines.splitlines() for word in shlex.split(line) if "=" in word)


STACK = stack_environment()
database = pymongo.MongoClient(STACK["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]


def aima(*words: str, **more: str) -> subprocess.CompletedProcess:
    """Run a command to its end; `more` is added to its environment."""
    return subprocess.run([AIMA, *words], capture_output=True, text=True, env={**os.environ, **more})


def start(run: str, *words: str) -> subprocess.Popen:
    """Start a command with its output in /tmp/RUN.out."""
    return subprocess.Popen([AIMA, *words], stdout=open(f"/tmp/{run}.out", "w"), stderr=subprocess.STDOUT, start_new_session=True)


def kill_client(command: subprocess.Popen) -> None:
    """Kill -9 what a command of ours became."""
    children = subprocess.run(["pgrep", "-P", str(command.pid)], capture_output=True, text=True).stdout.split()
    for number in [*map(int, children), command.pid]:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass
    command.wait()


def document(run: str) -> dict:
    """A run as the ledger has it."""
    return database.job_runs.find_one({"_id": run}) or {}


def phase(run: str) -> str:
    """The phase a run is at, empty between two."""
    return next((n for n, e in (document(run).get("phases") or {}).items() if e.get("state") == "running"), "")


def done(run: str, name: str) -> bool:
    """Whether a phase was done to its end."""
    return (document(run).get("phases") or {}).get(name, {}).get("state") == "done"


def phase_seconds(run: str) -> dict:
    """Seconds of each phase that is done."""
    phases = document(run).get("phases") or {}
    return {n: round((e["ended_at"] - e["started_at"]).total_seconds(), 1) for n, e in phases.items() if "ended_at" in e}


def figures(run: str) -> dict:
    """All figures of a run."""
    phases = document(run).get("phases") or {}
    return {f["name"]: f["value"] for e in phases.values() for f in e.get("figures") or []}


def checks(text: str) -> list:
    """The lines of an output that tell a check's result."""
    return [line for line in text.splitlines() if line.startswith(("passed", "FAILED"))]


def page(address: str) -> list:
    """The samples of a Prometheus page: (name, labels as text, value)."""
    text = urllib.request.urlopen(address, timeout=5).read().decode()
    return [(m[1], m[2] or "", float(m[3])) for m in re.finditer(r"(?m)^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", text)]


def rows_upserted() -> float:
    """Rows that Milvus took by upserts since its start; nobody else should write."""
    return sum(v for name, _, v in page(STACK["AIMA_MILVUS_METRICS"]) if name == "milvus_proxy_upsert_vectors_count")


def quantile(values: list, part: float) -> float:
    """The value below which a part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Written:
    """When rows arrived in Milvus, from its own counter."""

    def __init__(self) -> None:
        self.samples = [(time.time(), rows_upserted())]

    def look(self) -> None:
        self.samples.append((time.time(), rows_upserted()))

    def stretch(self) -> list:
        """The samples from the first rows to the last."""
        first = next((i for i, s in enumerate(self.samples) if s[1] > self.samples[0][1]), len(self.samples) - 1)
        last = next(i for i, s in enumerate(self.samples) if s[1] == self.samples[-1][1])
        return self.samples[first : last + 1]

    def rate(self) -> tuple:
        """Rows and seconds between the first sample with rows and the first with all of them."""
        stretch = self.stretch()
        return stretch[-1][1] - stretch[0][1], max(0.001, stretch[-1][0] - stretch[0][0])
