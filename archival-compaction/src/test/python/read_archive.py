"""Reads the archive the way docs/archive-queries.md says, by DuckDB and by pyarrow, and prints what they see as JSON.

Environment: AIMA_S3_ENDPOINT, AIMA_S3_ACCESS_KEY, AIMA_S3_SECRET_KEY. Argument: BUCKET.
"""

import hashlib
import io
import json
import os
import sys

import boto3
import duckdb
import pyarrow.dataset as ds
import pyarrow.fs
import pyarrow.parquet as pq


def live_files(s3, bucket):
    """The manifests in order: added minus removed."""
    files = {}
    listing = s3.list_objects_v2(Bucket=bucket, Prefix="_aima/manifests/").get("Contents", [])
    for key in sorted(o["Key"] for o in listing):
        manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        files.update({f["key"]: f for f in manifest["added"]})
        for removed in manifest["removed"]:
            files.pop(removed, None)
    return files


def fingerprint(rows):
    digest = hashlib.sha256()
    for result_id, document in sorted(rows):
        digest.update(result_id.encode())
        digest.update(hashlib.sha256(document).digest())
    return digest.hexdigest()


def by_pyarrow(s3, bucket, files):
    fs = pyarrow.fs.S3FileSystem(
        endpoint_override=os.environ["AIMA_S3_ENDPOINT"].split("//")[1],
        access_key=os.environ["AIMA_S3_ACCESS_KEY"],
        secret_key=os.environ["AIMA_S3_SECRET_KEY"],
        scheme="http",
        region="us-east-1",
    )
    dataset = ds.dataset([f"{bucket}/{key}" for key in files], filesystem=fs, format="parquet", partitioning="hive")
    table = dataset.to_table(columns=["result_id", "document"])
    types = dataset.to_table(columns=["analysis_type", "year"]).group_by(["analysis_type", "year"]).aggregate([([], "count_all")])
    first = next(iter(files))
    footer = pq.ParquetFile(fs.open_input_file(f"{bucket}/{first}"))
    chunk = footer.metadata.row_group(0).column(0)
    return {
        "rows": table.num_rows,
        "fingerprint": fingerprint(zip(table["result_id"].to_pylist(), table["document"].to_pylist())),
        "types": {f"{t['analysis_type']}/{t['year']}": t["count_all"] for t in types.to_pylist()},
        "compression": chunk.compression,
        "column_index": chunk.has_column_index,
        "metadata": {k.decode(): v.decode() for k, v in footer.schema_arrow.metadata.items() if k.startswith(b"aima.")}
        or {k.decode(): v.decode() for k, v in (footer.metadata.metadata or {}).items() if k.startswith(b"aima.")},
    }


def by_duckdb(s3, bucket, files, directory):
    local = []
    for key in files:
        path = os.path.join(directory, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s3.download_file(bucket, key, path)
        local.append(path)
    db = duckdb.connect()
    db.execute("CREATE VIEW archive AS SELECT * FROM read_parquet($1, hive_partitioning = true)".replace("$1", json.dumps(local).replace('"', "'")))
    rows = db.execute("SELECT result_id, document FROM archive").fetchall()
    types = db.execute("SELECT analysis_type, year, count(*) FROM archive GROUP BY ALL").fetchall()
    sample = rows[len(rows) // 2][0]
    found = db.execute("SELECT count(*) FROM archive WHERE result_id = ?", [sample]).fetchone()[0]
    return {
        "rows": db.execute("SELECT count(*) FROM archive").fetchone()[0],
        "fingerprint": fingerprint(rows),
        "types": {f"{t}/{y}": n for t, y, n in types},
        "found": found,
    }


def main():
    bucket, directory = sys.argv[1], sys.argv[2]
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ["AIMA_S3_ENDPOINT"],
        aws_access_key_id=os.environ["AIMA_S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["AIMA_S3_SECRET_KEY"],
        region_name="us-east-1",
    )
    files = live_files(s3, bucket)
    json.dump(
        {"files": len(files), "pyarrow": by_pyarrow(s3, bucket, files), "duckdb": by_duckdb(s3, bucket, files, directory)},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
