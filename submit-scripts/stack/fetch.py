"""Getting software into the cache: whole or not at all, once, and checked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Callable, Mapping, Sequence

from layout import SOURCE
from progress import Progress
from state import file_lock

VERSIONS: dict[str, dict[str, str]] = json.loads((SOURCE / "versions.json").read_text(encoding="utf-8"))


class FetchFailed(Exception):
    """Software could not be obtained; the message says which command failed and how."""


class Interrupted(Exception):
    """The command was told to stop."""


class Commands:
    """The child commands of this process, so that an interrupt can end them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._interrupted = False

    def run(
        self,
        command: Sequence[str | Path],
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command to its end and return its standard output."""
        words = [str(word) for word in command]
        with self._lock:
            if self._interrupted:
                raise Interrupted
            child = subprocess.Popen(
                words,
                cwd=directory,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._running.add(child)
        try:
            output, errors = child.communicate()
        finally:
            with self._lock:
                self._running.discard(child)
        if self._interrupted:
            raise Interrupted
        if child.returncode != 0:
            tail = "\n".join(f"    {line}" for line in (output + errors).strip().splitlines()[-15:])
            raise FetchFailed(f"`{' '.join(words[:6])} ...` ended with {child.returncode}:\n{tail}")
        return output

    def interrupt(self) -> None:
        """End all running commands and start no more."""
        with self._lock:
            self._interrupted = True
            for child in self._running:
                try:
                    os.killpg(child.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    @property
    def interrupted(self) -> bool:
        """Tell whether this process was told to stop."""
        return self._interrupted


class Cache:
    """The downloads of a home, one directory per name and version."""

    def __init__(self, directory: Path, progress: Progress, commands: Commands) -> None:
        self.directory = directory
        self.commands = commands
        self._progress = progress

    def path(self, name: str, version: str) -> Path:
        """Return where an entry lies or would lie."""
        return self.directory / f"{name}-{version}"

    def has(self, name: str, version: str) -> bool:
        """Tell whether an entry is there; an entry that is there is whole."""
        return self.path(name, version).is_dir()

    def get(self, name: str, version: str, build: Callable[[Path], None]) -> Path:
        """Return an entry, building it in a directory beside its final place when it is missing."""
        target = self.path(name, version)
        if target.is_dir():
            return target
        lock = self.directory / ".locks" / f"{name}-{version}"
        with file_lock(lock, lambda: self._progress.say(f"{name} {version}: another command is fetching it, waiting")):
            if target.is_dir():
                return target
            # Under the lock every such directory is what an interrupted command left behind.
            for leftover in self.directory.glob(f".{name}-{version}.*"):
                shutil.rmtree(leftover, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{name}-{version}.", dir=self.directory))
            try:
                with self._progress.step(f"{name} {version}: fetching"):
                    build(work)
                work.chmod(0o755)
                os.rename(work, target)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        self._progress.say(f"{name} {version}: fetched")
        return target


def verify(path: Path, sha256: str) -> None:
    """Refuse a file whose content is not the recorded one."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise FetchFailed(f"{path.name}: its SHA-256 is {digest.hexdigest()}, not the recorded {sha256}")


def pip_download(commands: Commands, directory: Path, requirement: str, *options: str) -> Path:
    """Fetch exactly one distribution file through pip and return it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    commands.run([*pip, *options, "-d", directory, requirement])
    files = list(directory.iterdir())
    if len(files) != 1:
        raise FetchFailed(f"pip brought {len(files)} files for {requirement}, not one")
    return files[0]


def maven_jars(commands: Commands, pom: Path, directory: Path) -> None:
    """Copy the run-time dependencies of a POM into a directory."""
    # A private build directory keeps Maven from writing beside the committed POM.
    with tempfile.TemporaryDirectory(prefix="aima-maven-") as work:
        copy = Path(work) / "pom.xml"
        shutil.copyfile(pom, copy)
        commands.run(
            [
                "mvn", "-q", "-B", "-ntp", "-f", copy, "dependency:copy-dependencies",
                "-DincludeScope=runtime", f"-DoutputDirectory={directory}",
            ]  # fmt: skip
        )
    if not any(directory.glob("*.jar")):
        raise FetchFailed(f"Maven copied no jar for {pom}")
