"""Counts the voices of persons who are seen speaking that were joined to the right face, and to a wrong one.

    python fusion.py WORLD DUMP

WORLD is a directory of `aima generate` (truth.csv, analysis_results), DUMP one of `aima dump` after a recluster. The face of
a person is the identity most of its face embeddings have; a voice that is in a person without faces was left alone.
"""

import collections
import csv
import gzip
import json
import sys
from pathlib import Path


def lines(directory: str, name: str):
    """The documents of a file, packed or not."""
    plain = Path(directory, name)
    packed = Path(directory, name + ".gz")
    with gzip.open(packed, "rt") if packed.exists() else open(plain) as rows:
        yield from map(json.loads, rows)


def number(value) -> float:
    """A double of extended JSON."""
    return float(value["$numberDouble"]) if isinstance(value, dict) else float(value)


world, dump = sys.argv[1:3]
with open(Path(world, "truth.csv")) as rows:
    truth = {row["embedding_id"]: row["identity"] for row in csv.DictReader(rows)}
seen = collections.defaultdict(list)
heard = []
for result in lines(world, "analysis_results.ndjson"):
    embedding = result.get("vector_embeddings", {}).get("embedding_id")
    time = result.get("time_range")
    if embedding not in truth or not time:
        continue
    span = (number(time["start_seconds"]), number(time["end_seconds"]))
    if result["analysis_type"] == "face_detection":
        seen[result["media_id"], truth[embedding]].append(span)
    elif result["analysis_type"] == "speaker_diarization":
        heard.append((embedding, result["media_id"], span))
speaking = {
    truth[voice]
    for voice, medium, (start, end) in heard
    if any(begin <= end and until >= start for begin, until in seen[medium, truth[voice]])
}
face, person = {}, {}
for document in lines(dump, "persons.ndjson"):
    identities = collections.Counter(truth[f["embedding_id"]] for f in document.get("face_embeddings", []) if f["embedding_id"] in truth)
    if identities:
        face[document["person_id"]] = identities.most_common(1)[0][0]
    person.update({v["embedding_id"]: document["person_id"] for v in document.get("voice_embeddings", [])})
counts = collections.Counter()
for voice, _, _ in heard:
    joined = face.get(person.get(voice))
    wrong = joined is not None and joined != truth[voice]
    counts["wrong_of_all"] += wrong
    if truth[voice] in speaking:
        counts["voices"] += 1
        counts["right"] += joined == truth[voice]
        counts["wrong"] += wrong
share = {f"{name}_share": round(counts[name] / max(1, counts["voices"]), 4) for name in ("right", "wrong")}
print(json.dumps({"voices_of_all": len(heard), **counts, **share}))
