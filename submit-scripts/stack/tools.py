"""The programs a machine must have, and how to get those it lacks."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Tool:
    """A program that must be installed, with the command that installs it."""

    name: str
    install: str
    present: Callable[[], bool]


def java() -> str:
    """Return the java command: that of JAVA_HOME when it is set, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else "java"


def _version(command: list[str], pattern: str, least: int) -> bool:
    try:
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.search(pattern, run.stdout + run.stderr)
    return run.returncode == 0 and match is not None and int(match.group(1)) >= least


def _command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


JAVA = Tool(
    "Java 17",
    "apt-get install openjdk-17-jre-headless",
    lambda: _version([java(), "-version"], r'version "(\d+)', 17),
)
NODE = Tool(
    "Node.js 20 or newer",
    "apt-get install nodejs, or where that is older than 20: npm install --global n && n 20",
    lambda: _version(["node", "--version"], r"v(\d+)", 20),
)
NPM = Tool("npm", "apt-get install npm", _command("npm"))
MAVEN = Tool("Maven", "apt-get install maven", _command("mvn"))
GO = Tool("Go 1.21 or newer", "apt-get install golang-go", lambda: _version(["go", "version"], r"go1\.(\d+)", 21))
PIP = Tool("pip", "apt-get install python3-pip", lambda: importlib.util.find_spec("pip") is not None)
APT = Tool(
    "apt-get and dpkg-deb",
    "a Debian system, or any with glibc 2.38 or newer (MongoDB's engine needs it), or give AIMA_MONGO_URI",
    lambda: shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None,
)


def missing(tools: list[Tool]) -> list[Tool]:
    """Return the tools of a list that this machine lacks, each once."""
    return [tool for tool in dict.fromkeys(tools) if not tool.present()]
