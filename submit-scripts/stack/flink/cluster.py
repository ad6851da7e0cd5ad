"""Starts a JobManager and TaskManagers."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil

import health
import ports
from fetch import FetchFailed
from flink import distribution
from layout import SOURCE, UsageError
from process import Program, Record
from service import Context, Service
from state import write_atomically
from tools import JAVA, MAVEN, PIP, Tool, java

RESULT_PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:"

# Every job has a class loader of its own, 20 MB in the JobManager. G1 hardly unloads them before metaspace is full, and
# where finalizers are involved a single collection at the limit is too late: the JobManager ended with an
# OutOfMemoryError after eleven jobs. The serial collector looks each time metaspace has grown by a tenth.
UNLOAD_CLASSES = ["-XX:+UseSerialGC", "-XX:MinMetaspaceFreeRatio=10", "-XX:MaxMetaspaceFreeRatio=30"]

# As in the config.yaml of Flink's own distribution, for Java 17.
JAVA_OPTIONS = " ".join(
    [
        *(
            f"--add-exports={package}=ALL-UNNAMED"
            for package in (
                "java.base/sun.net.util",
                "java.rmi/sun.rmi.registry",
                "jdk.compiler/com.sun.tools.javac.api",
                "jdk.compiler/com.sun.tools.javac.file",
                "jdk.compiler/com.sun.tools.javac.parser",
                "jdk.compiler/com.sun.tools.javac.tree",
                "jdk.compiler/com.sun.tools.javac.util",
                "java.security.jgss/sun.security.krb5",
            )
        ),
        *(
            f"--add-opens=java.base/{package}=ALL-UNNAMED"
            for package in (
                "java.lang",
                "java.net",
                "java.io",
                "java.nio",
                "sun.nio.ch",
                "java.lang.reflect",
                "java.text",
                "java.time",
                "java.util",
                "java.util.concurrent",
                "java.util.concurrent.atomic",
                "java.util.concurrent.locks",
            )
        ),
    ]
)

class Flink(Service):
    """A session cluster: one JobManager and some TaskManagers, each a process of its own."""

    name = "flink"
    given_by = "AIMA_FLINK_REST"
    deadline = 120.0

    def __init__(self, others: list[Service]) -> None:
        self._others = others

    def ports(self, context: Context) -> dict[str, int | None]:
        """REST, the JobManager's RPC, and one metrics port per process; Flink chooses the rest itself."""
        names: dict[str, int | None] = {"flink-rest": 8181, "flink-rpc": 6223, "flink-jobmanager-metrics": 9350}
        for number in range(1, self.task_managers(context) + 1):
            names[f"flink-taskmanager-{number}-metrics"] = 9350 + number
        return names

    def main_port(self) -> str:
        """REST."""
        return "flink-rest"

    def tools(self, context: Context) -> list[Tool]:
        """Java to run, pip and Maven to fetch."""
        return [JAVA] if distribution.complete(context) else [JAVA, MAVEN, PIP]

    def fetch(self, context: Context) -> None:
        """Bring the distribution and the S3 plugin."""
        distribution.fetch(context)

    def programs(self, context: Context) -> list[Program]:
        """The JobManager, then the TaskManagers."""
        home = distribution.lay_out(context)
        settings = self._settings(context)
        write_atomically(home / "conf" / "config.yaml", settings)
        for name in ("log4j.properties", "log4j-cli.properties"):
            shutil.copyfile(SOURCE / "flink" / name, home / "conf" / name)
        programs = [
            self._program(
                context,
                "flink-jobmanager",
                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                self._resources(context, "GET_JM_RESOURCE_PARAMS", settings),
                ["--executionMode", "cluster", *self._metrics_port(context, "flink-jobmanager")],
                settings,
            )
        ]
        for number in range(1, self.task_managers(context) + 1):
            name = f"flink-taskmanager-{number}"
            programs.append(
                self._program(
                    context,
                    name,
                    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                    self._resources(context, "GET_TM_RESOURCE_PARAMS", settings),
                    ["-D", f"taskmanager.resource-id={name}", *self._metrics_port(context, name)],
                    settings,
                )
            )
        return programs

    def check(self, context: Context) -> None:
        """The REST interface shows all TaskManagers and slots."""
        rest = f"http://127.0.0.1:{context.port('flink-rest')}"
        managers = self.task_managers(context)
        slots = health.http_json(f"{rest}/overview").get("slots-total", 0)
        registered = {row["id"]: row["dataPort"] for row in health.http_json(f"{rest}/taskmanagers")["taskmanagers"]}
        for number in range(1, managers + 1):
            name = f"flink-taskmanager-{number}"
            record = Record.read(context.layout, name)
            # For some seconds the JobManager also counts a process that was killed.
            if record is None or registered.get(name) not in [port for _, port in ports.listening(record.pid)]:
                raise health.NotHealthy(f"{name} is not registered")
        if slots < managers * self.slots(context):
            raise health.NotHealthy(f"{slots} slots are registered, not {managers * self.slots(context)}")

    def may_restart(self, context: Context) -> bool:
        """Not while a job runs."""
        try:
            jobs = health.http_json(f"http://127.0.0.1:{context.port('flink-rest')}/jobs/overview")["jobs"]
        except (health.NotHealthy, KeyError):
            return True
        return all(job.get("state") in ("FINISHED", "CANCELED", "FAILED") for job in jobs)

    def variables(self, context: Context) -> dict[str, str]:
        """The REST address, where the `flink` command and its configuration are, and the metrics pages."""
        home = distribution.home(context)
        metrics = [name for name in self.ports(context) if name.endswith("-metrics")]
        return {
            "AIMA_FLINK_REST": f"http://127.0.0.1:{context.port('flink-rest')}",
            "FLINK_HOME": str(home),
            "FLINK_CONF_DIR": str(home / "conf"),
            "AIMA_FLINK_METRICS": ",".join(f"http://127.0.0.1:{context.port(name)}/metrics" for name in metrics),
        }

    def given_variables(self, context: Context) -> dict[str, str]:
        """The given REST address, and FLINK_HOME when that is given too."""
        found = super().given_variables(context)
        for name in ("FLINK_HOME", "FLINK_CONF_DIR"):
            if context.environment.get(name):
                found[name] = context.environment[name]
        return found

    def task_managers(self, context: Context) -> int:
        """Return how many TaskManagers there are to be."""
        return _count(context, "AIMA_TM_COUNT", 2)

    def slots(self, context: Context) -> int:
        """Return how many slots each TaskManager has."""
        return _count(context, "AIMA_TM_SLOTS", 2)

    def _settings(self, context: Context) -> str:
        data = context.data("flink")
        # Missing directories fail the first checkpoint or spill, not the start.
        for name in ("tmp", "blobs", "uploads", "checkpoints", "savepoints"):
            (data / name).mkdir(exist_ok=True)
        settings = {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": context.port("flink-rpc"),
            "jobmanager.bind-host": "127.0.0.1",
            "jobmanager.memory.process.size": context.memory("AIMA_JM_MEMORY", "1280m"),
            "jobmanager.memory.jvm-metaspace.size": "512m",
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.memory.process.size": context.memory("AIMA_TM_MEMORY", "1728m"),
            "taskmanager.memory.managed.fraction": 0.1,
            # gRPC buffers of the Milvus client live outside the heap.
            "taskmanager.memory.task.off-heap.size": "128m",
            "taskmanager.memory.network.fraction": 0.15,
            "taskmanager.memory.network.min": "128m",
            "taskmanager.memory.network.max": "256m",
            # Each result of a batch task holds so many buffers of 32 KB. With the default of 512 a TaskManager that takes over
            # the tasks of a killed one runs out of them while cancelled tasks still hold theirs, and uses up its restarts.
            "taskmanager.network.sort-shuffle.min-buffers": 128,
            "taskmanager.numberOfTaskSlots": self.slots(context),
            "parallelism.default": 2,
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": context.port("flink-rest"),
            "rest.bind-port": context.port("flink-rest"),
            # REST could otherwise be used to run any jar.
            "web.submit.enable": "false",
            "web.tmpdir": data / "tmp",
            "web.upload.dir": data / "uploads",
            "io.tmp.dirs": data / "tmp",
            "blob.storage.directory": data / "blobs",
            "execution.checkpointing.dir": f"file://{data / 'checkpoints'}",
            "execution.checkpointing.savepoint-dir": f"file://{data / 'savepoints'}",
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": 5,
            "restart-strategy.fixed-delay.delay": "2 s",
            # A killed TaskManager is noticed within 15 s instead of 50.
            "heartbeat.interval": 3000,
            "heartbeat.timeout": 15000,
            # TaskManagers start beside the JobManager: their first, early call must not cost ten seconds.
            "cluster.registration.error-delay": 500,
            # REST shows figures of up to two seconds ago instead of ten: an upgrade waits for them.
            "metrics.fetcher.update-interval": 2000,
            "metrics.reporter.prom.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
            "s3.path.style.access": "true",
            # Keys in this file would be shown by REST: Flink hides values by a few key names only.
            "fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
            "env.java.opts.all": JAVA_OPTIONS,
            "env.java.opts.jobmanager": " ".join(UNLOAD_CLASSES),
        }
        endpoint = self._stores(context).get("AIMA_S3_ENDPOINT")
        if endpoint:
            settings["s3.endpoint"] = endpoint
        return "".join(f"{name}: {_yaml(value)}\n" for name, value in settings.items())

    def _program(
        self,
        context: Context,
        name: str,
        entry: str,
        resources: tuple[list[str], list[str]],
        arguments: list[str],
        settings: str,
    ) -> Program:
        java_arguments, dynamic = resources
        home = distribution.home(context)
        stores = self._stores(context)
        environment = {
            **stores,
            "FLINK_HOME": str(home),
            "FLINK_CONF_DIR": str(home / "conf"),
            "FLINK_LIB_DIR": str(home / "lib"),
            "FLINK_OPT_DIR": str(home / "opt"),
            "FLINK_PLUGINS_DIR": str(home / "plugins"),
            # Not known to Flink: makes the fingerprint follow a change of distribution.
            "AIMA_FLINK_DISTRIBUTION": str(distribution.source(context)),
        }
        if "AIMA_S3_ACCESS_KEY" in stores and "AIMA_S3_SECRET_KEY" in stores:
            environment["AWS_ACCESS_KEY_ID"] = stores["AIMA_S3_ACCESS_KEY"]
            environment["AWS_SECRET_ACCESS_KEY"] = stores["AIMA_S3_SECRET_KEY"]
        command = [
            java(),
            *java_arguments,
            *JAVA_OPTIONS.split(),
            *(UNLOAD_CLASSES if name == "flink-jobmanager" else []),
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog.file={context.layout.log(name)}",
            f"-Dlog4j.configurationFile=file:{home / 'conf' / 'log4j.properties'}",
            "-cp",
            distribution.class_path(home),
            entry,
            "--configDir",
            str(home / "conf"),
            *arguments,
            *dynamic,
        ]
        others = {key: value for key, value in context.environment.items() if key.startswith("AIMA_")}
        return Program(name, command, environment, others, settings=settings, loopback_filter=True, writes_log=True)

    def _stores(self, context: Context) -> dict[str, str]:
        """Return the variables of the stores, so that job code resolves them on the worker."""
        found: dict[str, str] = {}
        for service in self._others:
            own = service.variables(context)
            value = context.environment.get(service.given_by)
            found.update(service.given_variables(context) if value and value != own.get(service.given_by) else own)
        return found

    def _metrics_port(self, context: Context, program: str) -> list[str]:
        return ["-D", f"metrics.reporter.prom.port={context.port(program + '-metrics')}"]

    def _resources(self, context: Context, command: str, settings: str) -> tuple[list[str], list[str]]:
        """Return Java arguments and -D arguments as Flink's own scripts compute them from the memory settings."""
        home = distribution.home(context)
        key = hashlib.sha256((str(distribution.source(context)) + settings).encode()).hexdigest()[:16]
        kept = context.layout.run / "flink" / f"{command}-{key}.json"
        if not kept.exists():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            output = context.cache.commands.run(
                [
                    java(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    f"{home / 'bin' / 'bash-java-utils.jar'}:{distribution.class_path(home)}",
                    "org.apache.flink.runtime.util.bash.BashJavaUtils",
                    command,
                    "--configDir",
                    home / "conf",
                ]
            )
            results = [line[len(RESULT_PREFIX) :] for line in output.splitlines() if line.startswith(RESULT_PREFIX)]
            if len(results) != 2:
                raise FetchFailed(f"BashJavaUtils {command} gave {len(results)} results, not two:\n{output[-2000:]}")
            write_atomically(kept, json.dumps([shlex.split(result) for result in results]) + "\n")
        java_arguments, dynamic = json.loads(kept.read_text(encoding="utf-8"))
        return java_arguments, dynamic


def _count(context: Context, name: str, default: int) -> int:
    value = context.environment.get(name) or str(default)
    if not value.isdigit() or not 1 <= int(value) <= 64:
        raise UsageError(f"{name} must be a number from 1 to 64, not {value!r}")
    return int(value)


def _yaml(value: object) -> str:
    text = str(value)
    return text if re.fullmatch(r"[A-Za-z0-9._-]+", text) else json.dumps(text)
