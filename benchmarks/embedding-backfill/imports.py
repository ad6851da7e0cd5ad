"""Makes files to import: 50,000 rows in each format, and broken ones beside them.

    python imports.py OUT [ROWS] [DIMENSION] [FORMAT ...]

All formats, or those named. OUT/ndjson, OUT/parquet and OUT/npy each hold good rows, rows to reject and broken files;
OUT/expected.json says how many of each. Needs numpy and pyarrow.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

out = Path(sys.argv[1])
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
dimension = int(sys.argv[3]) if len(sys.argv) > 3 else 256
random = np.random.default_rng(5)
vectors = random.standard_normal((rows, dimension), dtype=np.float32)
AWKWARD = ['said "it\'s"', "back\\slash", "line\nbreak", "tab\t", "Grüße 你好 🙂", "' or 1 == 1 or '"]


def key(format_name: str, i: int) -> str:
    """Every hundredth key is an awkward one."""
    return f"{format_name}-{i}" + (AWKWARD[i // 100 % len(AWKWARD)] if i % 100 == 0 else "")


def fields(i: int) -> dict:
    return {"person_id": f"p{i % 500}", "media_id": f"m{i % 50}", "confidence": float(np.float32(i % 100 / 100)), "timestamp": 1_700_000_000_000 + i}


def ndjson() -> dict:
    folder = out / "ndjson"
    folder.mkdir(parents=True)
    half = rows // 2

    def line(i: int) -> str:
        return json.dumps({"embedding_id": key("j", i), "embedding": [float(v) for v in vectors[i]], **fields(i)})

    with open(folder / "a.ndjson", "w", encoding="utf-8") as plain:
        for i in range(half):
            plain.write(line(i) + "\n")
        plain.write(json.dumps({"embedding_id": "wrong", "embedding": [1.0, 2.0]}) + "\n")  # wrong dimension
        plain.write(json.dumps({"embedding_id": "nan", "embedding": ["NaN"] * dimension}) + "\n")
        plain.write(json.dumps({"embedding_id": "type", "embedding": [0.5] * dimension, "timestamp": "x"}) + "\n")
        plain.write(json.dumps({"embedding": [0.5] * dimension}) + "\n")  # no key
        plain.write(line(0)[: 300])  # half-written, the last line
    with gzip.open(folder / "b.ndjson.gz", "wt", encoding="utf-8", compresslevel=1) as packed:
        for i in range(half, rows):
            packed.write(line(i) + "\n")
    (folder / "c.ndjson.gz").write_bytes(b"this is no gzip file")
    return {"good": rows, "rejected": 6}


def parquet() -> dict:
    folder = out / "parquet"
    folder.mkdir(parents=True)
    table = pa.table(
        {
            "embedding_id": [key("p", i) for i in range(rows)],
            "embedding": pa.array(list(vectors), type=pa.list_(pa.float32())),
            **{name: [fields(i)[name] for i in range(rows)] for name in fields(0)},
        }
    )
    pq.write_table(table, folder / "a.parquet", row_group_size=5_000)
    bad = pa.table(
        {
            "embedding_id": ["bad-1", None, "bad-3"],
            "embedding": pa.array([[1.0, 2.0], [0.5] * dimension, None], type=pa.list_(pa.float32())),
        }
    )
    pq.write_table(bad, folder / "b.parquet")
    (folder / "c.parquet").write_bytes((folder / "a.parquet").read_bytes()[:100_000])
    return {"good": rows, "rejected": 4}


def npy() -> dict:
    folder = out / "npy"
    folder.mkdir(parents=True)
    half = rows // 2
    np.save(folder / "a.npy", vectors[:half])
    (folder / "a.ids.txt").write_text("\n".join(f"n-{i}" for i in range(half)), encoding="utf-8")
    np.save(folder / "b.npy", vectors[half:].astype(np.float64))
    np.save(folder / "b.ids.npy", np.array([f"n-{i}-ü" for i in range(half, rows)]))
    wrong = vectors[:3, : dimension // 2]
    np.save(folder / "c.npy", wrong)
    (folder / "c.ids.txt").write_text("w1\nw2\nw3\n", encoding="utf-8")
    (folder / "d.npy").write_bytes((folder / "a.npy").read_bytes()[:50])
    return {"good": rows, "rejected": 4}


formats = {"ndjson": ndjson, "parquet": parquet, "npy": npy}
expected = {name: formats[name]() for name in sys.argv[4:] or formats}
(out / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
print(json.dumps(expected))
