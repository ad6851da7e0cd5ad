"""Asking servers whether they serve, in their own protocols."""

from __future__ import annotations

import json
import re
import socket
import struct
import urllib.error
import urllib.request
from typing import Any

TIMEOUT = 3.0


class NotHealthy(Exception):
    """A server does not serve yet or any more; the message says how it failed."""


# Loopback servers must never be asked through a proxy.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(url: str) -> bytes:
    """Return the body of a page that answers 200."""
    try:
        with _DIRECT.open(url, timeout=TIMEOUT) as answer:
            return bytes(answer.read(4_000_000))
    except (OSError, urllib.error.URLError) as error:
        raise NotHealthy(f"{url}: {error}") from error


def http_json(url: str) -> Any:
    """Return the JSON document of a page that answers 200."""
    try:
        return json.loads(http(url))
    except ValueError as error:
        raise NotHealthy(f"{url}: {error}") from error


def tcp(host: str, port: int) -> None:
    """Check that a port accepts connections."""
    try:
        socket.create_connection((host, port), TIMEOUT).close()
    except OSError as error:
        raise NotHealthy(f"{host}:{port}: {error}") from error


def mongo(port: int) -> None:
    """Check that a MongoDB server answers `hello`."""
    command = _bson_int("hello", 1) + _bson_text("$db", "admin")
    body = struct.pack("<IB", 0, 0) + struct.pack("<i", len(command) + 5) + command + b"\x00"
    message = struct.pack("<iiii", 16 + len(body), 1, 0, 2013) + body
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.settimeout(TIMEOUT)
            connection.sendall(message)
            size = struct.unpack("<i", _exactly(connection, 4))[0]
            reply = _exactly(connection, min(size, 1 << 20) - 4)
    except OSError as error:
        raise NotHealthy(f"mongo hello: {error}") from error
    # The wire format has no other place where these bytes could stand: double ok = 1.0.
    if b"\x01ok\x00" + struct.pack("<d", 1.0) not in reply:
        raise NotHealthy("mongo hello: the answer is not ok")


def kafka(port: int) -> None:
    """Check that a Kafka broker answers an ApiVersions and a Metadata request."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.settimeout(TIMEOUT)
            versions = _kafka_call(connection, api_key=18, version=0, body=b"")
            if struct.unpack_from(">h", versions)[0] != 0:
                raise NotHealthy("kafka ApiVersions: error in the answer")
            metadata = _kafka_call(connection, api_key=3, version=1, body=struct.pack(">i", 0))
            if struct.unpack_from(">i", metadata)[0] < 1:
                raise NotHealthy("kafka Metadata: no broker is registered")
    except (OSError, struct.error) as error:
        raise NotHealthy(f"kafka: {error}") from error


def reachable(address: str) -> bool:
    """Tell whether one of the hosts that a URI or host list names accepts connections."""
    hosts = re.sub(r"^[a-z0-9+.-]+://", "", address, flags=re.IGNORECASE).split("/")[0].rpartition("@")[2]
    default = 443 if address.lower().startswith("https:") else 80 if address.lower().startswith("http:") else 27017
    for entry in hosts.split(","):
        host, _, port = entry.rpartition(":") if re.search(r":\d+$", entry) else (entry, "", str(default))
        try:
            tcp(host.strip("[]"), int(port))
            return True
        except (NotHealthy, ValueError):
            continue
    return False


def _kafka_call(connection: socket.socket, api_key: int, version: int, body: bytes) -> bytes:
    client = b"aima-stack"
    header = struct.pack(">hhih", api_key, version, 7, len(client)) + client
    connection.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
    size = struct.unpack(">i", _exactly(connection, 4))[0]
    return _exactly(connection, min(size, 1 << 20))[4:]


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise ConnectionError("the connection was closed in the middle of an answer")
        parts += part
    return bytes(parts)


def _bson_int(name: str, value: int) -> bytes:
    return b"\x10" + name.encode() + b"\x00" + struct.pack("<i", value)


def _bson_text(name: str, value: str) -> bytes:
    return b"\x02" + name.encode() + b"\x00" + struct.pack("<i", len(value) + 1) + value.encode() + b"\x00"
