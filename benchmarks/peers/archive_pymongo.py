#!/usr/bin/env python3
"""The script most teams have: old results to Parquet on S3 with pymongo, pyarrow and boto3, then deleted.

It verifies nothing. Needs: pip install pymongo pyarrow boto3. Environment: AIMA_MONGO_URI, AIMA_MONGO_DB, AIMA_S3_ENDPOINT,
AIMA_S3_ACCESS_KEY, AIMA_S3_SECRET_KEY. Arguments: CUTOFF BUCKET.
"""

import datetime
import io
import os
import sys
import time
from collections import defaultdict

import boto3
import bson
import pyarrow as pa
import pyarrow.parquet as pq
from pymongo import MongoClient

BATCH = 5_000


def nested(document, field, key):
    inner = document.get(field)
    return inner.get(key) if isinstance(inner, dict) else None


def number(value):
    return float(value) if isinstance(value, (int, float)) else None


def columns(documents):
    return pa.table(
        {
            "result_id": [d.get("result_id") for d in documents],
            "media_id": [d.get("media_id") for d in documents],
            "job_id": [d.get("job_id") for d in documents],
            "analysis_type": [d.get("analysis_type") for d in documents],
            "timestamp": pa.array([d["timestamp"] for d in documents], pa.timestamp("ms")),
            "model_name": [nested(d, "model_info", "name") for d in documents],
            "model_version": [nested(d, "model_info", "version") for d in documents],
            "start_seconds": [number(nested(d, "time_range", "start_seconds")) for d in documents],
            "end_seconds": [number(nested(d, "time_range", "end_seconds")) for d in documents],
            "x": [number(nested(d, "spatial_location", "x")) for d in documents],
            "y": [number(nested(d, "spatial_location", "y")) for d in documents],
            "width": [number(nested(d, "spatial_location", "width")) for d in documents],
            "height": [number(nested(d, "spatial_location", "height")) for d in documents],
            "confidence": [number(d.get("confidence")) for d in documents],
            "object_class": [nested(d, "metadata", "object_class") for d in documents],
            "embedding_id": [nested(d, "vector_embeddings", "embedding_id") for d in documents],
            "embedding_model": [nested(d, "vector_embeddings", "model") for d in documents],
            "document_id": [str(d["_id"]) for d in documents],
            "document": [bson.encode(d) for d in documents],
        }
    )


def main():
    cutoff = datetime.datetime.fromisoformat(sys.argv[1].replace("Z", ""))
    bucket = sys.argv[2]
    results = MongoClient(os.environ["AIMA_MONGO_URI"])[os.environ.get("AIMA_MONGO_DB", "aima")]["analysis_results"]
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ["AIMA_S3_ENDPOINT"],
        aws_access_key_id=os.environ["AIMA_S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["AIMA_S3_SECRET_KEY"],
        region_name="us-east-1",
    )
    started = time.time()
    partitions = defaultdict(list)
    for document in results.find({"timestamp": {"$lt": cutoff}}, batch_size=BATCH):
        at = document["timestamp"]
        partitions[document["analysis_type"], at.year, at.month].append(document)
    read = time.time()
    size = 0
    ids = []
    for (kind, year, month), documents in sorted(partitions.items()):
        documents.sort(key=lambda d: (str(d.get("media_id")), d["timestamp"]))
        out = io.BytesIO()
        pq.write_table(columns(documents), out, compression="zstd")
        body = out.getvalue()
        size += len(body)
        s3.put_object(Bucket=bucket, Key=f"peer/analysis_type={kind}/year={year}/month={month:02}/part.parquet", Body=body)
        ids.extend(d["_id"] for d in documents)
    written = time.time()
    for start in range(0, len(ids), BATCH):
        results.delete_many({"_id": {"$in": ids[start : start + BATCH]}})
    ended = time.time()
    print(
        f"{len(ids)} documents, {size} bytes, {size / len(ids):.1f} bytes a document; read {read - started:.1f} s,"
        f" write {written - read:.1f} s, delete {ended - written:.1f} s, all {ended - started:.1f} s,"
        f" {len(ids) / (ended - started):.0f} documents/s"
    )


if __name__ == "__main__":
    main()
