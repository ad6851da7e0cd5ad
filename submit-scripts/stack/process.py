"""Server processes: started detached, recognised again by a later command, stopped by identity."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from layout import SOURCE, Layout
from state import read_json, write_atomically

# What a server inherits from the caller; anything else could be a secret that is none of its business.
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME")
LOG_SIZE_KEPT = 20_000_000

# Kept because a Popen that is thrown away while its process runs warns about it.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Program:
    """One server process: how to start it."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    # Passed on without being part of the fingerprint: a change needs no restart.
    extra_environment: Mapping[str, str] = field(default_factory=dict)
    # Text the process reads at start only, for example its configuration file.
    settings: str = ""
    # The working directory; the stack's own when not given.
    directory: Path | None = None
    loopback_filter: bool = False
    writes_log: bool = False

    @property
    def fingerprint(self) -> str:
        """A hash that changes when the process would have to be restarted to follow its settings."""
        content = json.dumps([self.command, sorted(self.environment.items()), self.settings])
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def boot_id() -> str:
    """Return the identity of the machine's current boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def start_ticks(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot, or None when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command name in parentheses may hold spaces and parentheses of its own.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass(frozen=True)
class Record:
    """The identity of a started process, as written by launch.sh."""

    name: str
    path: Path
    pid: int
    start_ticks: int
    boot: str
    fingerprint: str
    has_served: bool

    @classmethod
    def read(cls, layout: Layout, name: str) -> Record | None:
        """Return the record of a program, or None when there is none."""
        path = layout.run / f"{name}.pid"
        content = read_json(path)
        try:
            pid, ticks, boot = int(content["pid"]), int(content["start_ticks"]), str(content["boot"])
        except (KeyError, TypeError, ValueError):
            return None
        launch = read_json(path.with_suffix(".launch"))
        return cls(name, path, pid, ticks, boot, launch.get("fingerprint", ""), launch.get("has_served", False))

    @property
    def alive(self) -> bool:
        """Tell whether this very process, not another one with its number, is still running."""
        return self.boot == boot_id() and start_ticks(self.pid) == self.start_ticks

    @property
    def uptime(self) -> float:
        """Seconds since the process started."""
        with open("/proc/uptime", encoding="ascii") as file:
            return float(file.read().split()[0]) - self.start_ticks / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> int:
        """Resident bytes of the process."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def note_served(self) -> None:
        """Remember that the process has been healthy once."""
        note = {"fingerprint": self.fingerprint, "has_served": True}
        write_atomically(self.path.with_suffix(".launch"), json.dumps(note) + "\n")

    def forget(self) -> None:
        """Remove the record of a process that has ended."""
        self.path.unlink(missing_ok=True)


def records(layout: Layout) -> list[Record]:
    """Return all process records of a stack, oldest first."""
    found = [Record.read(layout, path.stem) for path in layout.run.glob("*.pid")]
    return sorted((record for record in found if record), key=lambda record: (record.boot, record.start_ticks))


def start(layout: Layout, program: Program) -> Record:
    """Start a program in a session of its own and return its record."""
    log = layout.output(program.name) if program.writes_log else layout.log(program.name)
    if log.exists() and log.stat().st_size > LOG_SIZE_KEPT:
        os.replace(log, log.with_name(f"{log.name}.1"))
    path = layout.run / f"{program.name}.pid"
    path.unlink(missing_ok=True)
    write_atomically(layout.run / f"{program.name}.launch", json.dumps({"fingerprint": program.fingerprint}) + "\n")
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment.update(program.extra_environment)
    environment.update(program.environment)
    command = list(program.command)
    if program.loopback_filter:
        command = [sys.executable, "-I", str(SOURCE / "loopback.py"), *command]
    with open(log, "ab", opener=_private) as output:
        child = subprocess.Popen(
            ["/bin/sh", str(SOURCE / "launch.sh"), str(path), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=program.directory or layout.root,
            start_new_session=True,
        )
    _children.append(child)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        record = Record.read(layout, program.name)
        if record is not None:
            return record
        if child.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError(f"{program.name} could not be started, see {log}")


def stop(record: Record, patience: float = 20.0) -> None:
    """End a recorded process: TERM, wait, then KILL of its group; never one that merely has its number."""
    try:
        handle = os.pidfd_open(record.pid)
    except ProcessLookupError:
        record.forget()
        return
    try:
        # From here the handle means one process; the check tells whether it is the recorded one.
        if record.alive:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not _ended(handle, patience):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(record.pid, signal.SIGKILL)
                _ended(handle, 10.0)
    finally:
        os.close(handle)
    record.forget()


def last_lines(path: Path, count: int = 15) -> list[str]:
    """Return the last lines of a log."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - 64_000))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return [line[:400] for line in text.splitlines()[-count:]]


def _ended(handle: int, patience: float) -> bool:
    return bool(select.select([handle], [], [], patience)[0])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

