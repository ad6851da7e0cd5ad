"""A newer C library for machines whose own is too old for MongoDB's engine.

The engine needs glibc 2.38; Debian 12 has 2.36. Debian 13's loader and libraries are unpacked into
the cache, without being installed, from the machine's own package sources with the suite replaced.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import debian
from fetch import Commands, FetchFailed

LEAST_GLIBC = (2, 38)
SUITE = "trixie"
PACKAGES = ("libc6", "libstdc++6", "libgcc-s1")
LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}


def needed() -> bool:
    """Tell whether this machine's C library is too old."""
    version = re.fullmatch(r"glibc (\d+)\.(\d+).*", os.confstr("CS_GNU_LIBC_VERSION") or "")
    return version is None or (int(version.group(1)), int(version.group(2))) < LEAST_GLIBC


def prefix(directory: Path) -> list[str]:
    """Return the words that run a command under the unpacked loader."""
    loader = next(directory.rglob(LOADERS[platform.machine()]), None)
    if loader is None:
        raise FetchFailed(f"no loader in {directory}")
    libraries = next(path for path in directory.rglob("libc.so.6")).parent
    return [str(loader), "--library-path", str(libraries)]


def build(commands: Commands, directory: Path) -> None:
    """Unpack the loader and the libraries of Debian 13 into a directory."""
    debian.unpack(commands, directory, PACKAGES, SUITE)
    commands.run([*prefix(directory / "root"), "/bin/true"])
