"""Builds and starts the MinIO server."""

from __future__ import annotations

from pathlib import Path

import health
from fetch import VERSIONS
from process import Program
from service import Context, Service
from tools import GO, Tool

VERSION = VERSIONS["s3"]["version"]
MODULE = VERSIONS["s3"]["module"]
KEYS = ("AIMA_S3_ACCESS_KEY", "AIMA_S3_SECRET_KEY")


class S3(Service):
    """MinIO on one directory, with a key pair that is made once per stack."""

    name = "s3"
    given_by = "AIMA_S3_ENDPOINT"

    def ports(self, context: Context) -> dict[str, int | None]:
        """One port: the S3 API; the web console is off."""
        return {"s3": 9100}

    def tools(self, context: Context) -> list[Tool]:
        """Go to build."""
        return [] if context.cache.has("minio", VERSION) else [GO]

    def fetch(self, context: Context) -> None:
        """Build the server from its module, which takes minutes the first time."""

        def build(work: Path) -> None:
            context.cache.commands.run(
                ["go", "install", "-ldflags=-s -w", f"{MODULE}@{VERSION}"],
                # GOBIN alone decides where the program goes; a caller's -mod or workspace must not matter.
                environment={"GOBIN": str(work), "GOFLAGS": "-buildvcs=false", "GOWORK": "off"},
            )

        context.cache.get("minio", VERSION, build)

    def programs(self, context: Context) -> list[Program]:
        """One process; the keys are in its environment only."""
        access, secret = self.keys(context)
        command = [
            str(context.cache.path("minio", VERSION) / "minio"),
            "server",
            "--quiet",
            f"--address=127.0.0.1:{context.port('s3')}",
            str(context.data("s3")),
        ]
        environment = {
            "MINIO_ROOT_USER": access,
            "MINIO_ROOT_PASSWORD": secret,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        return [Program("s3", command, environment)]

    def check(self, context: Context) -> None:
        """Ask for liveness."""
        health.http(f"http://127.0.0.1:{context.port('s3')}/minio/health/live")

    def variables(self, context: Context) -> dict[str, str]:
        """The endpoint and the key pair."""
        access, secret = self.keys(context)
        return {
            "AIMA_S3_ENDPOINT": f"http://127.0.0.1:{context.port('s3')}",
            "AIMA_S3_ACCESS_KEY": access,
            "AIMA_S3_SECRET_KEY": secret,
        }

    def given_variables(self, context: Context) -> dict[str, str]:
        """The given endpoint with the keys that came along."""
        found = super().given_variables(context)
        found.update({name: context.environment[name] for name in KEYS if name in context.environment})
        return found

    def keys(self, context: Context) -> tuple[str, str]:
        """Return the access and the secret key of this stack."""
        return context.state.secret("s3", "access", 8), context.state.secret("s3", "secret", 20)
