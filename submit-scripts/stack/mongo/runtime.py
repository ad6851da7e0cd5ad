"""A newer C library for machines whose own is too old for MongoDB's engine.

The engine needs glibc 2.38; Debian 12 has 2.36. Debian 13's loader and libraries are unpacked into
the cache, without being installed, from the machine's own package sources with the suite replaced.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
from pathlib import Path

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
    work = directory / "apt"
    sources = work / "sources.list.d"
    for part in (sources, work / "lists" / "partial", work / "cache" / "archives" / "partial", work / "packages"):
        part.mkdir(parents=True)
    _write_sources(sources)
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
    commands.run([*apt, "download", *PACKAGES], directory=work / "packages")
    for package in sorted((work / "packages").glob("*.deb")):
        commands.run(["dpkg-deb", "-x", package, directory / "root"])
    commands.run(["rm", "-rf", work])
    commands.run([*prefix(directory / "root"), "/bin/true"])


def _write_sources(directory: Path) -> None:
    found = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    written = 0
    for path in found:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        entries = _deb822(text) if path.suffix == ".sources" else _one_line(text)
        if entries:
            (directory / path.name).write_text(entries, encoding="utf-8")
            written += 1
    if not written:
        raise FetchFailed(f"no Debian package source found under /etc/apt to derive one for {SUITE} from")


def _suite(name: str) -> str | None:
    # Only Debian's own releases have a counterpart of the same name pattern in the next release.
    match = re.fullmatch(r"(bookworm|bullseye|stable|oldstable|trixie)(-security)?(/updates)?", name)
    return f"{SUITE}{match.group(2) or ''}" if match else None


def _deb822(text: str) -> str:
    stanzas = []
    for stanza in re.split(r"\n\s*\n", text):
        match = re.search(r"(?m)^Suites:(.*)$", stanza)
        if not match or re.search(r"(?mi)^Enabled:\s*no", stanza):
            continue
        suites = list(dict.fromkeys(suite for suite in map(_suite, match.group(1).split()) if suite))
        if suites:
            stanzas.append(stanza[: match.start()] + f"Suites: {' '.join(suites)}" + stanza[match.end() :])
    return "\n\n".join(stanzas) + "\n" if stanzas else ""


def _one_line(text: str) -> str:
    lines = []
    for line in text.splitlines():
        match = re.match(r"^(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(\s+.*)?$", line.strip())
        suite = _suite(match.group(2)) if match else None
        if match and suite:
            lines.append(f"{match.group(1)}{suite}{match.group(3) or ''}")
    return "\n".join(dict.fromkeys(lines)) + "\n" if lines else ""
