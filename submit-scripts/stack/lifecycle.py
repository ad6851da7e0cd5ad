"""Bringing a stack up and down: which servers to start, which to keep, which to repair."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import health
import ports
import process
from fetch import Cache, Commands, FetchFailed, Interrupted
from layout import Layout
from progress import Progress
from service import Context, Service
from state import State, file_lock
from tools import missing

ATTEMPTS = 3
STOP_PATIENCE = 20.0
LEAST_PATIENCE = 10.0


class StartFailed(Exception):
    """A server did not get healthy; the message holds the reason and the end of its log."""


@dataclass(frozen=True)
class Outcome:
    """What `up` did for one service."""

    service: str
    text: str
    failed: bool = False


class Stack:
    """The servers of one stack."""

    def __init__(
        self,
        layout: Layout,
        services: Sequence[Service],
        environment: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.layout = layout
        self.services = list(services)
        self.progress = progress or Progress()
        self.commands = Commands()
        self.context = Context(
            layout,
            State(layout.root / "state.json"),
            Cache(layout.cache, self.progress, self.commands),
            dict(os.environ if environment is None else environment),
        )

    # Commands

    def up(self, only: Sequence[str] | None = None) -> list[Outcome]:
        """Start what is not running, repair what is broken, leave alone what serves."""
        self.layout.create()
        wanted = [
            service for service in self.services if (service.by_default if only is None else service.name in only)
        ]
        with self._locked():
            self.context = self._reread()
            brought = [service for service in wanted if self.given(service)]
            own = [service for service in wanted if service not in brought]
            outcomes = [Outcome(service.name, self._describe_given(service)) for service in brought]
            # Ports of all services, wanted or not, so that Flink's environment is complete from the start.
            self._choose_ports([service for service in self.services if not self.given(service)])
            waiting = [service for service in own if not self._serves(service)]
            outcomes += [Outcome(service.name, "already up") for service in own if service not in waiting]
            lacking = missing([tool for service in waiting for tool in service.tools(self.context)])
            if lacking:
                lines = "\n".join(f"    {tool.name}: {tool.install}" for tool in lacking)
                raise StartFailed(f"this machine lacks:\n{lines}")
            outcomes += self._start_all(waiting)
        return outcomes

    def down(self) -> int:
        """Stop every recorded process, newest first, and return how many were running."""
        if not self.layout.run.is_dir():
            return 0
        with self._locked():
            return self._stop_all()

    def reset(self) -> int:
        """Stop every process and delete the data and logs of this stack; keep ports, keys and downloads."""
        if not self.layout.run.is_dir():
            return 0
        with self._locked():
            stopped = self._stop_all()
            for directory in (self.layout.data, self.layout.logs):
                shutil.rmtree(directory, ignore_errors=True)
            for path in self.layout.run.iterdir():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                elif path.name != "lock":
                    path.unlink(missing_ok=True)
        return stopped

    def variables(self) -> dict[str, str]:
        """Return the variables of all services that are given or up."""
        found: dict[str, str] = {}
        for service in self.services:
            if self.given(service):
                found.update(service.given_variables(self.context))
            elif self._running(service):
                found.update(service.variables(self.context))
        return found

    def status(self) -> list[dict[str, Any]]:
        """Return one row per process, and one per service that has none."""
        rows: list[dict[str, Any]] = []
        known = process.records(self.layout) if self.layout.run.is_dir() else []
        for service in self.services:
            own = sorted((record for record in known if _belongs(record.name, service)), key=lambda record: record.name)
            if self.given(service):
                uri = _without_password(self.context.environment[service.given_by])
                state = "given" if health.reachable(uri) else "given, unreachable"
                rows.append(_row(service.name, service.name, state, address=uri))
                continue
            if not own:
                rows.append(_row(service.name, service.name, "down", data=_size(self.layout.data / service.name)))
                continue
            problem = self._problem(service)
            for record in own:
                state = "dead" if not record.alive else "up" if problem is None else f"not serving: {problem}"
                open_ports = sorted(port for _, port in ports.listening(record.pid)) if record.alive else []
                rows.append(
                    _row(
                        service.name,
                        record.name,
                        state,
                        pid=record.pid if record.alive else None,
                        port=self._main_port(service, record.name, open_ports),
                        ports=open_ports,
                        exposed=ports.exposed(record.pid) if record.alive else [],
                        uptime=round(record.uptime, 1) if record.alive else None,
                        memory=record.memory if record.alive else None,
                        data=_size(self.layout.data / service.name),
                        log=str(self.layout.log(record.name)),
                    )
                )
        return rows

    # Parts

    def given(self, service: Service) -> bool:
        """Tell whether the caller brings this service; this stack's own address does not count."""
        value = self.context.environment.get(service.given_by)
        return bool(value) and value != service.variables(self.context).get(service.given_by)

    def _locked(self) -> Any:
        return file_lock(
            self.layout.run / "lock", lambda: self.progress.say("another command works on this stack, waiting for it")
        )

    def _reread(self) -> Context:
        # Another command may have changed the state while this one waited for the lock.
        old = self.context
        return Context(old.layout, State(self.layout.root / "state.json"), old.cache, old.environment)

    def _describe_given(self, service: Service) -> str:
        uri = _without_password(self.context.environment[service.given_by])
        if health.reachable(uri):
            return f"given by {service.given_by}: {uri}"
        return f"given by {service.given_by}: {uri}, which does not accept connections now"

    def _running(self, service: Service) -> bool:
        """Tell whether all processes of a service run."""
        own = [record for record in process.records(self.layout) if _belongs(record.name, service)]
        return bool(own) and all(record.alive for record in own)

    def _alive(self, service: Service) -> bool:
        """Tell whether any process of a service runs."""
        return any(record.alive for record in process.records(self.layout) if _belongs(record.name, service))

    def _problem(self, service: Service) -> str | None:
        try:
            service.check(self.context)
        except health.NotHealthy as error:
            return str(error)
        return None

    def _serves(self, service: Service) -> bool:
        """Tell whether a service needs nothing: processes alive, settings unchanged, healthy."""
        if not self._running(service) or self._problem(service) is not None:
            return False
        try:
            programs = service.programs(self.context)
        except (OSError, FetchFailed):
            return False  # the cache lacks something the service needs
        for program in programs:
            record = process.Record.read(self.layout, program.name)
            if record is None or not record.alive:
                return False
            if record.fingerprint != program.fingerprint:
                if service.may_restart(self.context):
                    return False
                self.progress.say(f"{program.name}: is busy, so it keeps its old settings until `down`")
        return True

    def _choose_ports(self, services: Sequence[Service]) -> None:
        remembered = self.context.state.section("ports")
        needed = {name: default for service in services for name, default in service.ports(self.context).items()}
        holders = self._held_ports()
        chosen: dict[str, int] = {}
        for name, default in needed.items():
            asked = self.context.environment.get(variable_of_port(name))
            wish = int(asked) if asked else None
            old = remembered.get(name)
            if old in holders and old not in chosen.values():
                chosen[name] = old
                continue
            reserved = {port for other, port in remembered.items() if other != name}
            taken = reserved | set(chosen.values()) | holders
            chosen[name] = ports.choose([wish, old, default], taken, str(self.layout.root))
            first = wish or old or default
            if first is not None and chosen[name] != first:
                self.progress.say(f"port {first} for {name} is taken, using {chosen[name]}")
        for name, port in chosen.items():
            if remembered.get(name) != port:
                self.context.state.set("ports", name, port)

    def _start_all(self, services: Sequence[Service]) -> list[Outcome]:
        if not services:
            return []
        with concurrent.futures.ThreadPoolExecutor(max_workers=len(services)) as pool:
            futures = {pool.submit(self._start, service): service for service in services}
            try:
                outcomes = []
                for future in concurrent.futures.as_completed(futures):
                    name = futures[future].name
                    try:
                        outcomes.append(Outcome(name, future.result()))
                    except (FetchFailed, StartFailed, OSError, RuntimeError, ports.NoFreePort) as error:
                        self.progress.say(f"{name}: FAILED\n{error}")
                        outcomes.append(Outcome(name, str(error), failed=True))
                return outcomes
            except BaseException:
                self.commands.interrupt()
                raise

    def _start(self, service: Service) -> str:
        begin = time.monotonic()
        service.fetch(self.context)
        for attempt in range(1, ATTEMPTS + 1):
            kept = self._alive(service)
            try:
                self._start_once(service)
                break
            except StartFailed as error:
                if attempt == ATTEMPTS or not self._retry(service, kept, str(error).splitlines()[0]):
                    raise
        text = f"up after {time.monotonic() - begin:.1f} s"
        self.progress.say(f"{service.name}: {text}")
        return text

    def _retry(self, service: Service, kept: bool, reason: str) -> bool:
        """Tell whether a failed start is worth another attempt, and prepare it."""
        if kept and not self._alive(service):
            self.progress.say(f"{service.name}: was running but did not serve; starting it again")
            return True
        # Between the choice of a port and its use another program may have taken it.
        stolen = [name for name in service.ports(self.context) if self._stolen(self.context.port(name))]
        if stolen:
            self.progress.say(f"{service.name}: the port of {', '.join(stolen)} was taken meanwhile ({reason})")
            self._choose_ports([service])
        return bool(stolen)

    def _stolen(self, port: int) -> bool:
        return not ports.is_free(port) and port not in self._held_ports()

    def _held_ports(self) -> set[int]:
        """Return the ports that the processes of this stack listen on."""
        living = [record for record in process.records(self.layout) if record.alive]
        return {port for record in living for _, port in ports.listening(record.pid)}

    def _start_once(self, service: Service) -> None:
        running: list[process.Record] = []
        kept: list[process.Record] = []
        restart = service.may_restart(self.context)
        for program in service.programs(self.context):
            if self.commands.interrupted:
                raise Interrupted
            record = process.Record.read(self.layout, program.name)
            if record is not None and record.alive:
                if record.fingerprint == program.fingerprint or not restart:
                    running.append(record)
                    kept.append(record)
                    continue
                process.stop(record, STOP_PATIENCE)
            running.append(process.start(self.layout, program))
        patience = service.deadline
        if len(kept) == len(running):
            # Either they are on their way up, started by a command that was killed, or they hang.
            rests = [0.0 if record.has_served else service.deadline - record.uptime for record in kept]
            patience = max(LEAST_PATIENCE, min(rests))
        with self.progress.step(f"{service.name}: starting"):
            self._wait(service, running, patience)

    def _wait(self, service: Service, started: Sequence[process.Record], patience: float) -> None:
        deadline = time.monotonic() + patience
        pause = 0.05
        while True:
            if self.commands.interrupted:
                raise Interrupted
            for record in started:
                if not record.alive:
                    raise StartFailed(self._failure(record.name, "ended while starting"))
            problem = self._problem(service)
            if problem is None and self._own_ports(service, started):
                for record in started:
                    record.note_served()
                return
            if time.monotonic() > deadline:
                for record in started:
                    process.stop(record, STOP_PATIENCE)
                reason = problem or "its port belongs to another process"
                text = f"did not serve within {patience:.0f} s and was stopped ({reason})"
                raise StartFailed("\n".join(self._failure(record.name, text) for record in started))
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def _own_ports(self, service: Service, started: Sequence[process.Record]) -> bool:
        """Tell whether the port that answered belongs to what was started, not to a stranger."""
        port = self.context.port(service.main_port())
        if not any(port == own for record in started for _, own in ports.listening(record.pid)):
            return False
        for record in started:
            for address in ports.exposed(record.pid):
                self.progress.say(f"WARNING: {record.name} listens on {address}, which other machines may reach")
        return True

    def _failure(self, program: str, text: str) -> str:
        parts = [f"{program} {text}"]
        for path in (self.layout.log(program), self.layout.output(program)):
            lines = process.last_lines(path)
            if lines:
                parts += [f"the end of {path}:", *(f"    {line}" for line in lines)]
        return "\n".join(parts)

    def _stop_all(self) -> int:
        count = 0
        for record in reversed(process.records(self.layout)):
            if record.alive:
                count += 1
                self.progress.say(f"{record.name}: stopping")
            with self.progress.step(f"{record.name}: stopping"):
                process.stop(record, STOP_PATIENCE)
        return count

    def _main_port(self, service: Service, program: str, open_ports: Sequence[int]) -> int | None:
        for name in (program, service.main_port()):
            port = self.context.port(name)
            if port and port in open_ports:
                return port
        return open_ports[0] if open_ports else None


def variable_of_port(name: str) -> str:
    """Return the environment variable that sets a port's preferred number."""
    return "AIMA_PORT_" + name.upper().replace("-", "_")


def _belongs(program: str, service: Service) -> bool:
    return program == service.name or program.startswith(service.name + "-")


def _row(service: str, program: str, state: str, **values: Any) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(("pid", "port", "uptime", "memory", "data", "log", "address"))
    return {"service": service, "process": program, "state": state, **empty, "ports": [], "exposed": [], **values}


def _size(directory: Path) -> int:
    total = 0
    for root, _, files in os.walk(directory):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
            except OSError:
                continue
    return total


def _without_password(uri: str) -> str:
    scheme, separator, rest = uri.partition("://")
    if not separator or "@" not in rest.split("/")[0]:
        return uri
    return f"{scheme}://***@{rest.rpartition('@')[2]}"
