"""People's text on standard error."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import Iterator, TextIO


class Progress:
    """Says what is going on, and says it again when it takes long."""

    FIRST_AFTER = 2.0
    REPEAT_AT_MOST = 30.0

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since this command began."""
        return time.monotonic() - self._begin

    def say(self, text: str) -> None:
        """Print a line with the time since the command began."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            print(f"[{self.elapsed:6.1f} s] {text}", file=self._stream, flush=True)

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Announce a step that lasts longer than two seconds, and repeat it while it lasts."""
        done = threading.Event()
        begin = time.monotonic()

        def watch() -> None:
            wait = self.FIRST_AFTER
            while not done.wait(wait):
                self.say(f"{text} ({time.monotonic() - begin:.0f} s so far)")
                wait = min(wait * 2, self.REPEAT_AT_MOST)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
