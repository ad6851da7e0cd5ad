"""Choosing loopback ports and finding out who listens on them."""

from __future__ import annotations

import os
import socket
import zlib
from typing import Iterable

# Below the range that Linux hands out for outgoing connections, so that no client takes them by chance.
FALLBACK_FIRST = 20000
FALLBACK_COUNT = 12000


class NoFreePort(Exception):
    """No port of the fallback range is free."""


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(preferred: Iterable[int | None], taken: set[int], seed: str) -> int:
    """Return the first preferred port that is free, else a free one of the fallback range.

    The seed (the stack's directory) sets where the search begins, so that two stacks which start at
    the same moment look at different ports.
    """
    for port in preferred:
        if port is not None and port not in taken and is_free(port):
            return port
    start = zlib.crc32(seed.encode())
    for offset in range(FALLBACK_COUNT):
        port = FALLBACK_FIRST + (start + offset) % FALLBACK_COUNT
        if port not in taken and is_free(port):
            return port
    raise NoFreePort(f"no free port between {FALLBACK_FIRST} and {FALLBACK_FIRST + FALLBACK_COUNT - 1}")


def listening(pid: int) -> list[tuple[str, int]]:
    """Return the (address, port) pairs a process listens on for TCP."""
    inodes: set[str] = set()
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []
    for descriptor in descriptors:
        try:
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found: list[tuple[str, int]] = []
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        try:
            with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
                next(lines)
                for line in lines:
                    columns = line.split()
                    if columns[3] == "0A" and columns[9] in inodes:
                        found.append(_decode(columns[1], family))
        except OSError:
            continue
    return found


def exposed(pid: int) -> list[str]:
    """Return the addresses a process listens on that other machines could reach."""
    return [
        f"{address}:{port}"
        for address, port in listening(pid)
        if not (address.startswith("127.") or address == "::1" or address.startswith("::ffff:127."))
    ]


def _decode(column: str, family: int) -> tuple[str, int]:
    host, port = column.split(":")
    # The kernel prints each 32-bit word of the address in the machine's byte order.
    words = [bytes.fromhex(host[i : i + 8])[::-1] for i in range(0, len(host), 8)]
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)
