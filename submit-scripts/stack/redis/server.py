"""Unpacks and starts the Redis server of the machine's own Debian release."""

from __future__ import annotations

import getpass
import os
import shutil
from pathlib import Path

import health
from fetch import FetchFailed
from process import Program
from service import Context, Service
from tools import Tool

# The server and what it links to beyond the C library; nothing is installed.
PACKAGES = ("redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblzf1")
APT = Tool("apt-get", "give an existing server by AIMA_REDIS_URI", lambda: shutil.which("apt-get") is not None)


def _release() -> str:
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return f"{values.get('ID', 'linux')}-{values.get('VERSION_ID', '0')}".replace('"', "")


class Redis(Service):
    """Redis in memory only: what it holds are copies."""

    name = "redis"
    given_by = "AIMA_REDIS_URI"
    by_default = False

    def ports(self, context: Context) -> dict[str, int | None]:
        """One port."""
        return {"redis": 16379}

    def tools(self, context: Context) -> list[Tool]:
        """The package tool to fetch."""
        return [] if context.cache.has("redis", _release()) else [APT]

    def fetch(self, context: Context) -> None:
        """Unpack the packages out of the machine's own sources."""

        def build(work: Path) -> None:
            packages = work / "packages"
            packages.mkdir()
            user = getpass.getuser() if os.getuid() else "root"
            context.cache.commands.run(
                ["apt-get", "-q", "-o", f"APT::Sandbox::User={user}", "download", *PACKAGES], directory=packages
            )
            for package in sorted(packages.glob("*.deb")):
                context.cache.commands.run(["dpkg-deb", "-x", package, work / "root"])
            shutil.rmtree(packages)
            if not (work / "root/usr/bin/redis-server").exists():
                raise FetchFailed("the packages hold no redis-server")

        context.cache.get("redis", _release(), build)

    def programs(self, context: Context) -> list[Program]:
        """One process without files."""
        root = context.cache.path("redis", _release()) / "root"
        libraries = next(root.rglob("liblzf.so.1")).parent
        command = [
            str(root / "usr/bin/redis-server"),
            *("--bind", "127.0.0.1"),
            *("--port", str(context.port("redis"))),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--dir", str(context.data("redis"))),
        ]
        return [Program("redis", command, {"LD_LIBRARY_PATH": str(libraries)})]

    def check(self, context: Context) -> None:
        """Connect."""
        health.tcp("127.0.0.1", context.port("redis"))

    def variables(self, context: Context) -> dict[str, str]:
        """The address."""
        return {"AIMA_REDIS_URI": f"redis://127.0.0.1:{context.port('redis')}"}
