"""Prometheus' own checker of alert rules, out of Debian's package; nothing is installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import debian
from fetch import Cache, Commands


def path(cache: Cache) -> Path:
    """Return the machine's promtool, or the one in the cache, fetched when it is missing."""
    installed = shutil.which("promtool")
    if installed:
        return Path(installed)
    return cache.get("promtool", "debian", lambda work: _build(cache.commands, work)) / "promtool"


def _build(commands: Commands, directory: Path) -> None:
    debian.unpack(commands, directory, ["prometheus"])
    os.rename(directory / "root" / "usr" / "bin" / "promtool", directory / "promtool")
    shutil.rmtree(directory / "root")
    commands.run([directory / "promtool", "--version"])
