"""The Flink distribution: fetched, or the one FLINK_HOME names; and the layout the cluster runs from."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

from fetch import VERSIONS, Cache, FetchFailed, maven_jars, pip_download, verify
from layout import SOURCE
from service import Context

VERSION = VERSIONS["flink"]["version"]
S3_PLUGIN = "s3-fs-hadoop"
S3_PLUGIN_VERSION = VERSIONS["flink-s3-plugin"]["version"]


def home(context: Context) -> Path:
    """Return the FLINK_HOME of this stack, whose jars are links into the distribution."""
    return context.layout.root / "flink"


def given(context: Context) -> Path | None:
    """Return the distribution that the caller's FLINK_HOME names, unless it is this stack's own."""
    value = context.environment.get("FLINK_HOME")
    if not value or Path(value).absolute() == home(context):
        return None
    return Path(value).absolute()


def source(context: Context) -> Path:
    """Return the distribution whose jars are used."""
    return given(context) or context.cache.path("flink", VERSION)


def fetch(context: Context) -> None:
    """Bring the distribution, when none is given, and the S3 plugin into the cache."""
    cache = context.cache
    if given(context) is None:
        cache.get("flink", VERSION, lambda work: _unpack(cache, work))
    elif not list((source(context) / "lib").glob("flink-dist*.jar")):
        raise FetchFailed(f"FLINK_HOME={source(context)} holds no lib/flink-dist*.jar")
    pom = SOURCE / "flink" / "pom.xml"
    cache.get(f"flink-{S3_PLUGIN}", S3_PLUGIN_VERSION, lambda work: maven_jars(cache.commands, pom, work))


def complete(context: Context) -> bool:
    """Tell whether nothing has to be fetched."""
    have = given(context) is not None or context.cache.has("flink", VERSION)
    return have and context.cache.has(f"flink-{S3_PLUGIN}", S3_PLUGIN_VERSION)


def lay_out(context: Context) -> Path:
    """Make this stack's FLINK_HOME follow the distribution and return it."""
    target, origin = home(context), source(context)
    for name in ("bin", "conf", "log", "plugins"):
        (target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("lib", "opt"):
        _link(target / name, origin / name)
    wanted = {path.name: path for path in sorted((origin / "plugins").glob("*")) if path.is_dir()}
    wanted.setdefault(S3_PLUGIN, context.cache.path(f"flink-{S3_PLUGIN}", S3_PLUGIN_VERSION))
    for path in (target / "plugins").iterdir():
        if path.is_symlink() and path.name not in wanted:
            path.unlink()
    for name, path in wanted.items():
        _link(target / "plugins" / name, path)
    _link(target / "bin" / "bash-java-utils.jar", origin / "bin" / "bash-java-utils.jar")
    command = target / "bin" / "flink"
    if not command.exists() or command.read_bytes() != (SOURCE / "flink" / "flink.sh").read_bytes():
        shutil.copyfile(SOURCE / "flink" / "flink.sh", command)
        command.chmod(0o755)
    return target


def class_path(directory: Path) -> str:
    """Return the class path of a distribution, flink-dist last as in Flink's own scripts."""
    jars = sorted((directory / "lib").glob("*.jar"))
    return ":".join(str(jar) for jar in sorted(jars, key=lambda jar: jar.name.startswith("flink-dist")))


def _unpack(cache: Cache, work: Path) -> None:
    download = work / "download"
    download.mkdir()
    # pip insists on asking a source package for its metadata, which takes some ten seconds here.
    name = "apache-flink-libraries"
    archive = pip_download(cache.commands, download, f"{name}=={VERSION}", f"--no-binary={name}")
    verify(archive, VERSIONS["flink"]["sha256"])
    with tarfile.open(archive) as content:
        for member in content:
            parts = Path(member.name).parts
            data = content.extractfile(member) if member.isfile() else None
            if data is None or ".." in parts:
                continue
            if len(parts) > 2 and parts[1] == "deps":
                target = work.joinpath(*parts[2:])
            elif len(parts) == 2 and parts[1] in ("LICENSE", "NOTICE"):
                target = work / parts[1]
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with data, open(target, "wb") as file:
                shutil.copyfileobj(data, file, 1 << 20)
    shutil.rmtree(download)


def _link(path: Path, target: Path) -> None:
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    os.replace(temporary, path)
