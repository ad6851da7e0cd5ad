"""Fetches and starts the Milvus standalone server."""

from __future__ import annotations

import lzma
import os
import platform
import re
import shutil
import zipfile
from pathlib import Path

import health
from fetch import VERSIONS, FetchFailed, pip_download, verify
from process import Program
from service import Context, Service
from state import write_atomically
from tools import PIP, Tool

VERSION = VERSIONS["milvus"]["version"]

# Names of the template's port variables, each with the port of ours that fills it.
TEMPLATE_PORTS = {
    "proxy_port": "milvus",
    "proxy_internal_port": "milvus-proxy-internal",
    "root_coord_port": "milvus-root-coord",
    "query_coord_port": "milvus-query-coord",
    "query_node_port": "milvus-query-node",
    "index_coord_port": "milvus-index-coord",
    "index_node_port": "milvus-index-node",
    "data_coord_port": "milvus-data-coord",
    "data_node_port": "milvus-data-node",
    "etcd_port": "milvus-etcd",
}


# Fixed in Milvus' code, for all servers of a machine and whoever runs them.
RUNTIME_DIRECTORY = Path("/tmp/milvus")


class Milvus(Service):
    """Milvus 2.3 in one process, with embedded etcd and RocksMQ and its files on the local disk."""

    name = "milvus"
    given_by = "AIMA_MILVUS_URI"
    deadline = 120.0

    def ports(self, context: Context) -> dict[str, int | None]:
        """The client port, the port of metrics and health, and ten of its inner parts."""
        names = dict.fromkeys([*TEMPLATE_PORTS.values(), "milvus-etcd-peer"])
        return {**names, "milvus": 19630, "milvus-metrics": 19691}

    def tools(self, context: Context) -> list[Tool]:
        """Pip to fetch."""
        return [] if context.cache.has("milvus", VERSION) else [PIP]

    def fetch(self, context: Context) -> None:
        """Unpack the server out of the wheel that carries it."""

        def build(work: Path) -> None:
            if platform.machine() != "x86_64":
                raise FetchFailed("this Milvus is built for x86-64 only; give another one by AIMA_MILVUS_URI")
            download = work / "download"
            download.mkdir()
            wheel = pip_download(
                context.cache.commands, download, f"milvus=={VERSION}", "--only-binary=:all:"
            )
            verify(wheel, VERSIONS["milvus"]["sha256"])
            (work / "bin").mkdir()
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    source = Path(name)
                    if source.suffix == ".lzma":
                        target = work / "bin" / source.stem
                        with lzma.open(archive.open(name)) as packed, open(target, "wb") as file:
                            shutil.copyfileobj(packed, file, 1 << 20)
                        target.chmod(0o755)
                    elif source.name in ("config.yaml.template", "glog.conf", "LICENSE"):
                        (work / source.name).write_bytes(archive.read(name))
            shutil.rmtree(download)

        context.cache.get("milvus", VERSION, build)

    def programs(self, context: Context) -> list[Program]:
        """One process, which must be kept from listening on all interfaces."""
        installed = context.cache.path("milvus", VERSION)
        _share_runtime_directory()
        # Milvus looks for its configuration beside its executable or in ./configs only.
        home = context.layout.run / "milvus"
        for directory in (home / "configs", home / "logs"):
            directory.mkdir(parents=True, exist_ok=True)
        settings = self._settings(context, (installed / "config.yaml.template").read_text(encoding="utf-8"))
        write_atomically(home / "configs" / "milvus.yaml", settings)
        write_atomically(home / "configs" / "etcd.yaml", self._etcd_settings(context))
        shutil.copyfile(installed / "glog.conf", home / "configs" / "glog.conf")
        # The alias names Milvus' own process file, which all servers of a machine keep in one directory.
        alias = f"aima-{context.port('milvus')}"
        command = [str(installed / "bin" / "milvus"), "run", "standalone", "-alias", alias]
        environment = {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(context.port("milvus-metrics")),
            "MILVUSCONF": str(home / "configs"),
            "LD_LIBRARY_PATH": str(installed / "bin"),
        }
        return [
            Program(
                "milvus",
                command,
                environment,
                settings=settings + self._etcd_settings(context),
                directory=home,
                loopback_filter=True,
            )
        ]

    def check(self, context: Context) -> None:
        """All inner parts report health, and the client port is open."""
        answer = health.http(f"http://127.0.0.1:{context.port('milvus-metrics')}/healthz")
        if b"OK" not in answer:
            raise health.NotHealthy(answer.decode(errors="replace"))
        health.tcp("127.0.0.1", context.port("milvus"))

    def variables(self, context: Context) -> dict[str, str]:
        """The client address and the Prometheus page."""
        return {
            "AIMA_MILVUS_URI": f"http://127.0.0.1:{context.port('milvus')}",
            "AIMA_MILVUS_METRICS": f"http://127.0.0.1:{context.port('milvus-metrics')}/metrics",
        }

    def _settings(self, context: Context, template: str) -> str:
        data = context.data("milvus")
        values = {name: str(context.port(port)) for name, port in TEMPLATE_PORTS.items()}
        values.update(
            etcd_log_path=str(context.layout.log("milvus-etcd")),
            etcd_log_level="warn",
            etcd_data_dir=str(data / "etcd"),
            local_storage_dir=str(data) + "/",
            rocksmq_data_dir=str(data / "rocksmq"),
            system_log_path=str(context.layout.logs / "milvus"),
        )

        def fill(match: re.Match[str]) -> str:
            name, _, default = match.group(1).partition(":")
            return values.get(name.strip().partition("(")[0], default.strip())

        text = re.sub(r"\{\{(.*?)\}\}", fill, template)
        # Without an address its parts announce that of the first network card to each other.
        text = re.sub(r"(?m)^( +)ip:.*$", r"\1ip: 127.0.0.1", text)
        etcd = f"etcd:\n  config:\n    path: {context.layout.run / 'milvus' / 'configs' / 'etcd.yaml'}\n"
        for old, new in (
            ("\netcd:\n", "\n" + etcd),
            ("endpoints: localhost:", "endpoints: 127.0.0.1:"),
            ("maxSize: 300 # MB", "maxSize: 20 # MB"),
            ("maxBackups: 20", "maxBackups: 3"),
            ("stdout: true", "stdout: false"),
            # The wait is for another node to take the work over, and there is none.
            ("gracefulStopTimeout: 1800", "gracefulStopTimeout: 1"),
        ):
            if text.count(old) < 1:
                raise FetchFailed(f"the configuration template of Milvus {VERSION} lacks {old.strip()!r}")
            text = text.replace(old, new)
        return text

    def _etcd_settings(self, context: Context) -> str:
        client = f"http://127.0.0.1:{context.port('milvus-etcd')}"
        peer = f"http://127.0.0.1:{context.port('milvus-etcd-peer')}"
        return (
            f"name: default\nlisten-client-urls: {client}\nadvertise-client-urls: {client}\n"
            f"listen-peer-urls: {peer}\ninitial-advertise-peer-urls: {peer}\ninitial-cluster: default={peer}\n"
        )


def _share_runtime_directory() -> None:
    """Let several users run Milvus on one machine: the first would otherwise own its directory alone."""
    RUNTIME_DIRECTORY.mkdir(exist_ok=True)
    if RUNTIME_DIRECTORY.stat().st_uid == os.getuid():
        RUNTIME_DIRECTORY.chmod(0o1777)
    if not os.access(RUNTIME_DIRECTORY, os.W_OK):
        raise FetchFailed(
            f"Milvus must write to {RUNTIME_DIRECTORY}, which belongs to another user; "
            "let that user remove it, or give a server by AIMA_MILVUS_URI"
        )
