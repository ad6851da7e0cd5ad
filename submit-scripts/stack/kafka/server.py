"""Fetches and starts the Kafka broker."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path

import health
from fetch import VERSIONS, maven_jars
from layout import SOURCE
from process import Program
from service import Context, Service
from state import write_atomically
from tools import JAVA, MAVEN, Tool, java

VERSION = VERSIONS["kafka"]["version"]
HEAP = "400m"


class Kafka(Service):
    """One Kafka broker that is its own controller (KRaft)."""

    name = "kafka"
    given_by = "AIMA_KAFKA_BOOTSTRAP"

    def ports(self, context: Context) -> dict[str, int | None]:
        """The client port and the controller's."""
        return {"kafka": 9192, "kafka-controller": None}

    def tools(self, context: Context) -> list[Tool]:
        """Java to run, Maven to fetch."""
        return [JAVA] if context.cache.has("kafka", VERSION) else [JAVA, MAVEN]

    def fetch(self, context: Context) -> None:
        """Copy the broker's jars."""
        context.cache.get(
            "kafka",
            VERSION,
            lambda work: maven_jars(context.cache.commands, SOURCE / "kafka" / "pom.xml", work / "lib"),
        )

    def programs(self, context: Context) -> list[Program]:
        """One Java process on a formatted log directory."""
        settings = self._settings(context)
        path = context.layout.run / "kafka" / "server.properties"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, settings)
        self._format(context, path)
        memory = [f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"]
        return [Program("kafka", [*self._java(context), *memory, "kafka.Kafka", str(path)], settings=settings)]

    def check(self, context: Context) -> None:
        """Ask for the API versions and the brokers."""
        health.kafka(context.port("kafka"))

    def variables(self, context: Context) -> dict[str, str]:
        """The bootstrap address."""
        return {"AIMA_KAFKA_BOOTSTRAP": f"127.0.0.1:{context.port('kafka')}"}

    def _settings(self, context: Context) -> str:
        broker, controller = context.port("kafka"), context.port("kafka-controller")
        values = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{broker}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(context.data("kafka")),
            "num.partitions": "2",
            "auto.create.topics.enable": "true",
            "default.replication.factor": "1",
            "offsets.topic.replication.factor": "1",
            # 50 partitions of each are for clusters; here they only slow the start down.
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            # After a kill the broker cannot register again before its old session has ended.
            "broker.heartbeat.interval.ms": "500",
            "broker.session.timeout.ms": "3000",
            "group.initial.rebalance.delay.ms": "0",
        }
        return "".join(f"{name}={value}\n" for name, value in values.items())

    def _format(self, context: Context, settings: Path) -> None:
        if (context.data("kafka") / "meta.properties").exists():
            return
        cluster = context.state.get("kafka", "cluster")
        if not cluster:
            # Kept with the stack: a broker whose directory was deleted is the same cluster again.
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            context.state.set("kafka", "cluster", cluster)
        storage_tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--ignore-formatted"]
        context.cache.commands.run([*self._java(context), "-Xmx128m", *storage_tool, "-c", settings])

    def _java(self, context: Context) -> list[str]:
        return [
            java(),
            f"-Dlog4j.configuration=file:{SOURCE / 'kafka' / 'log4j.properties'}",
            "-cp",
            f"{context.cache.path('kafka', VERSION) / 'lib'}/*",
        ]
