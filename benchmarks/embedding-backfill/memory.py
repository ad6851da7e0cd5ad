"""What the tasks of a copy take of memory, whatever the number of rows, and how fast the copy is.

    python memory.py SOURCE RUN [--until-copied] [key=value ...]

Every half second, of both TaskManagers: heap, direct and managed memory from their own Prometheus pages (as Flink's REST
interface tells them, but not two seconds old), the heap without its young part by `jstat` (what the last collection left), and
the resident set from /proc. TaskManagers that did something else before have larger resident sets: restart them first. With
--until-copied the client is killed after the copy and the run taken back by `aima undo`. Runs where the TaskManagers run; needs
pymongo and a JDK. Prints a line of JSON for the run's memory by phase and one for its rates.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from run_watch import STACK, Written, aima, document, done, figures, kill_client, page, phase, phase_seconds, start

HOME = Path(os.environ["AIMA_HOME"]) / "stacks" / os.environ.get("AIMA_STACK", "default")
LOOK = 0.5
MEGA = 1 << 20
GAUGES = {
    "flink_taskmanager_Status_JVM_Memory_Heap_Used": "heap",
    "flink_taskmanager_Status_JVM_Memory_Direct_MemoryUsed": "direct",
    "flink_taskmanager_Status_Flink_Memory_Managed_Used": "managed",
    "flink_taskmanager_Status_JVM_Memory_NonHeap_Used": "non_heap",
}


class Survivors(threading.Thread):
    """Megabytes of a JVM's heap outside its young part, as last told by jstat."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process = subprocess.Popen(["jstat", "-gc", str(pid), str(int(1_000 * LOOK))], stdout=subprocess.PIPE, text=True)
        self.megabytes = 0.0
        self.start()

    def run(self) -> None:
        heads = self.process.stdout.readline().split()
        for line in self.process.stdout:
            row = dict(zip(heads, line.split()))
            if row and "OU" in row and row["OU"] != "OU":
                self.megabytes = (float(row["S0U"]) + float(row["S1U"]) + float(row["OU"])) / 1024


def pids() -> dict:
    """The TaskManagers the stack started."""
    return {f.stem.removeprefix("flink-"): json.loads(f.read_text())["pid"] for f in sorted((HOME / "run").glob("flink-taskmanager-*.pid"))}


def resident(pid: int) -> float:
    """Megabytes of a process in memory."""
    line = next(l for l in Path(f"/proc/{pid}/status").read_text().splitlines() if l.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def look(managers: dict, survivors: dict) -> dict:
    """One sample: (manager, what) to megabytes."""
    sample = {}
    for address in STACK["AIMA_FLINK_METRICS"].split(","):
        for name, labels, value in page(address):
            if name in GAUGES:
                manager = labels.split('tm_id="')[1].split('"')[0].removeprefix("flink_").replace("_", "-")
                sample[manager, GAUGES[name]] = value / MEGA
    for manager, pid in managers.items():
        sample[manager, "resident"] = resident(pid)
        sample[manager, "heap_after_collection"] = survivors[manager].megabytes
    return sample


def operators(run: str) -> float:
    """Seconds the copy's operators ran, by Flink."""
    job = document(run).get("flink_job_id")
    if not job:
        return 0
    detail = json.loads(urllib.request.urlopen(f"{STACK['AIMA_FLINK_REST']}/jobs/{job}", timeout=10).read())
    stamps = detail["timestamps"]
    ended = max(stamps["FINISHED"], stamps["CANCELED"], stamps["FAILED"]) or detail["now"]
    return (ended - min(v["start-time"] for v in detail["vertices"] if v["start-time"] > 0)) / 1_000


def main(source: str, run: str, settings: list) -> None:
    until_copied = "--until-copied" in settings
    settings = [s for s in settings if s != "--until-copied"]
    managers = pids()
    survivors = {manager: Survivors(pid) for manager, pid in managers.items()}
    time.sleep(2)
    before = {manager: round(resident(pid)) for manager, pid in managers.items()}
    written = Written()
    command = start(run, "run", "embedding-backfill:repartition", f"source={source}", "--run-id", run, *settings)
    samples = []
    while command.poll() is None:
        at = phase(run)
        samples.append((at, look(managers, survivors)))
        if at == "copy":
            written.look()
        if until_copied and done(run, "copy"):
            kill_client(command)
            break
        time.sleep(LOOK)
    written.look()
    for survivor in survivors.values():
        survivor.process.terminate()
    by_phase = {}
    for name in dict.fromkeys(at for at, _ in samples if at):
        rows = [s for at, s in samples if at == name]
        by_phase[name] = {
            manager: {what: [round(max(v)), round(statistics.median(v))] for what in ("heap", "heap_after_collection", "direct", "managed", "non_heap", "resident") if (v := [r[manager, what] for r in rows if (manager, what) in r])}
            for manager in managers
        }
        by_phase[name]["samples"] = len(rows)
    print(json.dumps({"what": "megabytes by phase and TaskManager, [peak, median]", "run": run, "exit": command.returncode, "resident_before": before, "phases": by_phase}), flush=True)
    rows, seconds = written.rate()
    total = written.samples[-1][1] - written.samples[0][1]
    flink, phases = operators(run), phase_seconds(run)
    print(json.dumps({
        "what": "copy", "run": run, "rows": total, "operators_seconds": round(flink, 1), "operators_rows_per_second": round(total / flink) if flink else None,
        "phase_rows_per_second": round(total / phases["copy"]) if phases.get("copy") else None,
        "first_to_last_write_seconds": round(seconds, 1), "first_to_last_write_rows_per_second": round(rows / seconds),
        "phase_seconds": phases, "figures": {n: v for n, v in figures(run).items() if not n.startswith("partition.")}, "load_average": os.getloadavg()[0],
    }), flush=True)
    if until_copied:
        undone = aima("undo", run)
        print(json.dumps({"what": "undo", "run": run, "exit": undone.returncode}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
