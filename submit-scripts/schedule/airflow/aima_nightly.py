"""The nightly course as an Airflow DAG (Airflow 2.4 or newer), one run a day and task.

A task that is cleared or repeated is the same run in the ledger: it goes on, or is done already.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

AIMA = "/opt/aima/submit-scripts/aima"
DAY = "{{ ds }}"
COURSE = {
    "embedding-backfill:metadata": "collection=face_embeddings",
    "person-clustering:recluster": "threshold.face=auto",
    "archival-compaction:archive": "cutoff={{ macros.ds_add(ds, -180) }}T00:00:00Z",
    "dossier-aggregation:rebuild": "",
}


def command(action: str, settings: str) -> str:
    """Return the command of one task."""
    name = action.replace(":", "-")
    return f"{AIMA} run {action} --run-id {name}-{DAY} {settings}".rstrip()


with DAG(
    dag_id="aima_nightly",
    description="recluster after backfill, archive after recluster, rebuild after both",
    schedule="10 2 * * *",
    start_date=datetime(2026, 11, 1),
    # Every step works on the state of the stores, so a missed day is covered by the next one.
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 3,
        # Longer than a lease lives, so that a crashed task is taken up by its repetition.
        "retry_delay": timedelta(minutes=2),
        "execution_timeout": timedelta(hours=5),
    },
    tags=["aima"],
) as dag:
    previous = None
    for course_action, course_settings in COURSE.items():
        task = BashOperator(
            task_id=course_action.replace(":", "-"),
            bash_command=command(course_action, course_settings),
        )
        if previous is not None:
            previous >> task
        previous = task
