"""Debian packages of the machine's own sources, unpacked and not installed."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import Sequence

from fetch import Commands, FetchFailed


def unpack(commands: Commands, directory: Path, packages: Sequence[str], suite: str | None = None) -> None:
    """Unpack packages into `root` below a directory; of another release when a suite is named."""
    work = directory / "apt"
    sources = work / "sources.list.d"
    for part in (sources, work / "lists" / "partial", work / "cache" / "archives" / "partial", work / "packages"):
        part.mkdir(parents=True)
    _write_sources(sources, suite)
    options = [
        f"Dir::Etc::sourcelist={os.devnull}",
        f"Dir::Etc::sourceparts={sources}",
        f"Dir::State::lists={work / 'lists'}",
        f"Dir::State::status={os.devnull}",
        f"Dir::Cache={work / 'cache'}",
        # apt as root would otherwise drop to a user that cannot enter a private directory.
        f"APT::Sandbox::User={getpass.getuser() if os.getuid() else 'root'}",
        "Acquire::Languages=none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        "Acquire::Retries=3",
        "APT::Update::Error-Mode=any",
    ]
    # The machine's hooks clean its own caches, which an ordinary user may not.
    settings = work / "apt.conf"
    hooks = ("APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success")
    settings.write_text("".join(f"#clear {hook};\n" for hook in hooks), encoding="utf-8")
    apt: list[str | Path] = ["apt-get", "-q", "-c", settings, *(word for option in options for word in ("-o", option))]
    commands.run([*apt, "update"])
    commands.run([*apt, "download", *packages], directory=work / "packages")
    for package in sorted((work / "packages").glob("*.deb")):
        commands.run(["dpkg-deb", "-x", package, directory / "root"])
    commands.run(["rm", "-rf", work])


def _write_sources(directory: Path, suite: str | None) -> None:
    found = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    written = 0
    for path in found:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        entries = text if suite is None else _deb822(text, suite) if path.suffix == ".sources" else _one_line(text, suite)
        if entries:
            (directory / path.name).write_text(entries, encoding="utf-8")
            written += 1
    if not written:
        wanted = f" to derive one for {suite} from" if suite else ""
        raise FetchFailed(f"no Debian package source found under /etc/apt{wanted}")


def _suite(name: str, wanted: str) -> str | None:
    # Only Debian's own releases have a counterpart of the same name pattern in the next release.
    match = re.fullmatch(r"(bookworm|bullseye|stable|oldstable|trixie)(-security)?(/updates)?", name)
    return f"{wanted}{match.group(2) or ''}" if match else None


def _deb822(text: str, wanted: str) -> str:
    stanzas = []
    for stanza in re.split(r"\n\s*\n", text):
        match = re.search(r"(?m)^Suites:(.*)$", stanza)
        if not match or re.search(r"(?mi)^Enabled:\s*no", stanza):
            continue
        suites = list(dict.fromkeys(suite for name in match.group(1).split() if (suite := _suite(name, wanted))))
        if suites:
            stanzas.append(stanza[: match.start()] + f"Suites: {' '.join(suites)}" + stanza[match.end() :])
    return "\n\n".join(stanzas) + "\n" if stanzas else ""


def _one_line(text: str, wanted: str) -> str:
    lines = []
    for line in text.splitlines():
        match = re.match(r"^(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(\s+.*)?$", line.strip())
        suite = _suite(match.group(2), wanted) if match else None
        if match and suite:
            lines.append(f"{match.group(1)}{suite}{match.group(3) or ''}")
    return "\n".join(dict.fromkeys(lines)) + "\n" if lines else ""
