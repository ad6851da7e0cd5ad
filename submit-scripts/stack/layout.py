"""Where the files of a stack lie."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

SOURCE = Path(__file__).resolve().parent


class UsageError(Exception):
    """The command or its environment asks for something that makes no sense."""


@dataclass(frozen=True)
class Layout:
    """The directories of one stack and of the downloads it shares with the others of its home."""

    home: Path
    name: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Layout:
        """Return the layout that AIMA_HOME and AIMA_STACK name."""
        home = environment.get("AIMA_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "aima")
        name = environment.get("AIMA_STACK") or "default"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
            raise UsageError(f"AIMA_STACK must be a plain name of letters, digits, '.', '_' and '-', not {name!r}")
        return cls(Path(home).expanduser().absolute(), name)

    @property
    def cache(self) -> Path:
        """The downloads, shared by all stacks of this home."""
        return self.home / "cache"

    @property
    def root(self) -> Path:
        """Everything that belongs to this stack alone."""
        return self.home / "stacks" / self.name

    @property
    def data(self) -> Path:
        """The servers' data, one directory each."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """The servers' logs, one file each."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Process records, generated configurations and locks."""
        return self.root / "run"

    def create(self) -> None:
        """Create the directories of this stack, readable by their owner only."""
        for directory in (self.root, self.data, self.logs, self.run):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.cache.mkdir(parents=True, exist_ok=True)

    def log(self, program: str) -> Path:
        """Return the log file of a program."""
        return self.logs / f"{program}.log"

    def output(self, program: str) -> Path:
        """Return where the standard output of a program goes that writes its log file itself."""
        return self.logs / f"{program}.out"
