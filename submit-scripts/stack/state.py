"""What a stack remembers between two commands, and the locks that keep commands apart."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import threading
from pathlib import Path
from typing import Any, Callable, Iterator


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step, so that a reader or a crash never meets half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or an empty one when the file is missing or broken."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


class State:
    """The remembered values of one stack; each change is on disk before `set` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._values = read_json(path)

    def get(self, section: str, key: str) -> Any:
        """Return a remembered value or None."""
        with self._lock:
            return self._values.get(section, {}).get(key)

    def section(self, section: str) -> dict[str, Any]:
        """Return a copy of all values of a section."""
        with self._lock:
            return dict(self._values.get(section, {}))

    def set(self, section: str, key: str, value: Any) -> None:
        """Remember a value."""
        with self._lock:
            self._values.setdefault(section, {})[key] = value
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(self._values, indent=2, sort_keys=True) + "\n")

    def secret(self, section: str, key: str, size: int) -> str:
        """Return a random value that is made once and then kept."""
        with self._lock:
            value = self.get(section, key)
            if not value:
                value = secrets.token_hex(size)
                self.set(section, key, value)
            return str(value)


@contextlib.contextmanager
def file_lock(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold an exclusive lock that the kernel frees when this process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
