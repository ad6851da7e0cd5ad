"""What every server of the stack has in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from fetch import Cache
from layout import Layout, UsageError
from process import Program
from state import State
from tools import Tool

MEMORY_PATTERN = re.compile(r"\d+\s*[kmg]?b?", re.IGNORECASE)


@dataclass(frozen=True)
class Context:
    """Where a service lives: its directories, its remembered values and the caller's environment."""

    layout: Layout
    state: State
    cache: Cache
    environment: Mapping[str, str]

    def port(self, name: str) -> int:
        """Return a port that was chosen for this stack."""
        return int(self.state.get("ports", name) or 0)

    def data(self, service: str) -> Path:
        """Return the data directory of a service, which exists afterwards."""
        directory = self.layout.data / service
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return directory

    def memory(self, name: str, default: str) -> str:
        """Return a size from the caller's environment, or raise UsageError when it is none."""
        value = self.environment.get(name) or default
        if not MEMORY_PATTERN.fullmatch(value):
            raise UsageError(f"{name} must be a size such as {default}, not {value!r}")
        return value


class Service(ABC):
    """One server of the stack: what it needs, how it is started and how it shows that it serves."""

    name: str
    # The variable that names an existing server; when it is set, none is started.
    given_by: str
    deadline: float = 90.0
    # Whether it is started without being named.
    by_default: bool = True

    @abstractmethod
    def ports(self, context: Context) -> dict[str, int | None]:
        """Return the names of the ports the service needs, each with its default or None for any."""

    @abstractmethod
    def tools(self, context: Context) -> list[Tool]:
        """Return the programs that fetching (when still needed) and running the service take."""

    @abstractmethod
    def fetch(self, context: Context) -> None:
        """Bring everything the service needs into the cache."""

    @abstractmethod
    def programs(self, context: Context) -> list[Program]:
        """Return the service's processes in start order, with their configurations written."""

    @abstractmethod
    def check(self, context: Context) -> None:
        """Raise NotHealthy unless the service serves."""

    @abstractmethod
    def variables(self, context: Context) -> dict[str, str]:
        """Return the variables by which jobs find the service this stack runs."""

    def given_variables(self, context: Context) -> dict[str, str]:
        """Return the variables of a service that the caller brings along."""
        return {self.given_by: context.environment[self.given_by]}

    def main_port(self) -> str:
        """Return the name of the port that clients use."""
        return self.name

    def may_restart(self, context: Context) -> bool:
        """Tell whether a running service can be restarted without harm, to follow changed settings."""
        return True
