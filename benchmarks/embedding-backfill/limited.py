"""Repartitions with a limited rate: the rate Milvus saw, and what a search of the source takes meanwhile.

    python limited.py SOURCE RUN [ROWS_PER_SECOND [key=value ...]]

One process searches the source again and again (one thread, top 10, the same 100 vectors in turn, 50 ms between two); its times
of the 60 s before the run are compared with those between the first and the last write of the copy. The rate is that of Milvus'
own counter of upserted rows, read four times a second, so nobody else may write. Needs pymilvus 2.3 and pymongo; prints a line
of JSON.
"""

import json
import multiprocessing
import os
import random
import sys
import time

from run_watch import STACK, Written, done, figures, phase_seconds, quantile, start

IDLE_SECONDS, PAUSE, LOOK = 60, 0.05, 0.25


def search(source: str, ready, stop, answer) -> None:
    """Search until told to stop, then hand back when each search began and its milliseconds."""
    from pymilvus import Collection, connections

    connections.connect(uri=STACK["AIMA_MILVUS_URI"])
    collection = Collection(source)
    collection.load()
    field = next(f.name for f in collection.schema.fields if "dim" in f.params)
    index = collection.index().params
    params = {"metric_type": index["metric_type"], "params": {"ef": 100} if index["index_type"] == "HNSW" else {}}
    rows = collection.query('embedding_id >= ""', output_fields=[field], limit=1_000)
    random.seed(7)
    vectors = [row[field] for row in random.sample(rows, 100)]
    for vector in vectors:
        collection.search([vector], field, params, limit=10)
    ready.set()
    times, failed, turn = [], 0, 0
    while not stop.is_set():
        began = time.time()
        clock = time.perf_counter()
        try:
            collection.search([vectors[turn % len(vectors)]], field, params, limit=10)
            times.append((began, 1_000 * (time.perf_counter() - clock)))
        except Exception:
            failed += 1
        turn += 1
        time.sleep(PAUSE)
    answer.put((times, failed))


def latencies(times: list, from_: float, to: float) -> dict:
    """Quantiles of the searches of a stretch of time."""
    some = [m for t, m in times if from_ <= t <= to]
    return {"searches": len(some), **{f"p{q}_ms": round(quantile(some, q / 100), 2) for q in (50, 95, 99)}}


def windows(samples: list, wanted: float, seconds: int) -> dict:
    """How far the rate of each window is from the one wanted, in percent."""

    def at(moment: float) -> float:
        for (t0, c0), (t1, c1) in zip(samples, samples[1:]):
            if t0 <= moment <= t1:
                return c0 + (c1 - c0) * (moment - t0) / (t1 - t0)
        return samples[-1][1]

    begin, end = samples[0][0], samples[-1][0]
    rates = [(at(begin + i + seconds) - at(begin + i)) / seconds for i in range(0, int(end - begin) - seconds + 1, seconds)]
    off = [100 * (rate - wanted) / wanted for rate in rates]
    return {"windows": len(rates), "least": round(min(rates)), "median": round(quantile(rates, 0.5)), "most": round(max(rates)), "beyond_5_percent": sum(abs(o) > 5 for o in off)}


def main(source: str, run: str, wanted: float, settings: list) -> None:
    ready, stop, answer = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    searching = multiprocessing.Process(target=search, args=(source, ready, stop, answer), daemon=True)
    searching.start()
    if not ready.wait(120):
        raise SystemExit("the source cannot be searched")
    written = Written()
    idle_from = time.time()
    while time.time() < idle_from + IDLE_SECONDS:
        time.sleep(LOOK)
        written.look()
    idle_to = time.time()
    written = Written()
    command = start(run, "run", "embedding-backfill:repartition", f"source={source}", f"rate.rows-per-second={wanted:.0f}", "--run-id", run, *settings)
    looks = 0
    while command.poll() is None and not (looks % 8 == 0 and done(run, "copy")):
        time.sleep(LOOK)
        written.look()
        looks += 1
    stop.set()
    times, failed = answer.get(timeout=60)
    exit_code = command.wait()
    stretch = written.stretch()
    rows, seconds = written.rate()
    idle, copying = latencies(times, idle_from, idle_to), latencies(times, stretch[0][0], stretch[-1][0])
    known = figures(run)
    print(json.dumps({
        "what": "limited copy", "run": run, "exit": exit_code, "wanted": wanted, "rows_counted": rows + stretch[0][1] - written.samples[0][1], "rows": rows, "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds, 1), "off_percent": round(100 * (rows / seconds - wanted) / wanted, 2),
        "by_1_s": windows(stretch, wanted, 1), "by_5_s": windows(stretch, wanted, 5),
        "idle": idle, "copying": copying, "p95_ratio": round(copying["p95_ms"] / idle["p95_ms"], 2), "failed_searches": failed,
        "of_the_run": {n: v for n, v in known.items() if n.startswith(("search.", "written", "rejected", "read"))},
        "phase_seconds": phase_seconds(run), "load_average": os.getloadavg()[0],
    }), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 2_000.0, sys.argv[4:])
