"""Fetches and starts the MongoDB engine under Node.js."""

from __future__ import annotations

import shutil
from pathlib import Path

import health
from fetch import VERSIONS
from layout import SOURCE
from mongo import runtime
from process import Program
from service import Context, Service
from tools import APT, NODE, NPM, Tool

VERSION = VERSIONS["mongo"]["version"]


class Mongo(Service):
    """MongoDB 9.0 as an engine in a Node.js process: one database directory, no authentication."""

    name = "mongo"
    given_by = "AIMA_MONGO_URI"

    def ports(self, context: Context) -> dict[str, int | None]:
        """One port: the wire protocol."""
        return {"mongo": 27117}

    def tools(self, context: Context) -> list[Tool]:
        """Node.js to run, npm and possibly apt to fetch."""
        tools = [NODE]
        if not context.cache.has("embedded-mongodb", VERSION):
            tools.append(NPM)
        if runtime.needed() and not context.cache.has("debian-runtime", runtime.SUITE):
            tools.append(APT)
        return tools

    def fetch(self, context: Context) -> None:
        """Install the npm package, and a newer C library where the machine's is too old."""
        if runtime.needed():
            context.cache.get(
                "debian-runtime", runtime.SUITE, lambda work: runtime.build(context.cache.commands, work)
            )

        def install(work: Path) -> None:
            for file in ("package.json", "package-lock.json"):
                shutil.copyfile(SOURCE / "mongo" / file, work / file)
            context.cache.commands.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory=work)

        context.cache.get("embedded-mongodb", VERSION, install)

    def programs(self, context: Context) -> list[Program]:
        """One Node.js process."""
        command = [
            shutil.which("node") or "node",
            str(SOURCE / "mongo" / "mongod.mjs"),
            str(context.cache.path("embedded-mongodb", VERSION)),
            str(context.data("mongo")),
            str(context.port("mongo")),
            context.memory("AIMA_MONGO_CACHE", "1g"),
        ]
        if runtime.needed():
            command = runtime.prefix(context.cache.path("debian-runtime", runtime.SUITE)) + command
        return [Program("mongo", command)]

    def check(self, context: Context) -> None:
        """Ask for hello."""
        health.mongo(context.port("mongo"))

    def variables(self, context: Context) -> dict[str, str]:
        """The connection string."""
        return {"AIMA_MONGO_URI": f"mongodb://127.0.0.1:{context.port('mongo')}"}
