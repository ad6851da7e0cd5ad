"""Starts real servers for the job suite on loopback: `python3 submit-scripts/stack COMMAND`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from types import FrameType
from typing import Any, NoReturn, Sequence

import promtool
from catalogue import SERVICES
from fetch import FetchFailed, Interrupted
from layout import Layout, UsageError
from lifecycle import StartFailed, Stack
from ports import NoFreePort

DONE, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 4


def parser() -> argparse.ArgumentParser:
    """Return the command line of this program."""
    names = [service.name for service in SERVICES]
    top = argparse.ArgumentParser(
        prog="stack",
        description="Fetches, starts, watches and stops real servers on loopback.",
        epilog="AIMA_HOME (default ~/.cache/aima) holds downloads and stacks; AIMA_STACK names a stack in it.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="up|down|status|env|reset|tool")
    up = commands.add_parser("up", help="start what is not running and wait until it serves")
    up.add_argument("--only", metavar=",".join(names), help="only these services")
    commands.add_parser("down", help="stop all servers, keep their data")
    status = commands.add_parser("status", help="show servers, ports, sizes and logs")
    status.add_argument("--json", action="store_true", help="one JSON document on standard output")
    env = commands.add_parser("env", help="print the variables that jobs find the servers by")
    env.add_argument("--json", action="store_true", help="a JSON object instead of export lines")
    reset = commands.add_parser("reset", help="stop all servers and delete their data")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    tool = commands.add_parser("tool", help="fetch a program that tests use, if the machine lacks it, and print its path")
    tool.add_argument("name", choices=["promtool"])
    return top


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        stack = Stack(Layout.from_environment(os.environ), SERVICES)
        return int(globals()[f"run_{options.command}"](stack, options))
    except UsageError as error:
        print(f"stack: {error}", file=sys.stderr)
        return BAD_USAGE
    except (KeyboardInterrupt, Interrupted):
        print("stack: interrupted; the next `up` goes on from here", file=sys.stderr)
        return INTERRUPTED
    except (StartFailed, FetchFailed, NoFreePort, OSError) as error:
        print(f"stack: {error}", file=sys.stderr)
        return FAILED


def run_up(stack: Stack, options: argparse.Namespace) -> int:
    """Start the chosen services."""
    known = [service.name for service in SERVICES]
    only = [name.strip() for name in options.only.split(",") if name.strip()] if options.only is not None else None
    if only is not None and (not only or set(only) - set(known)):
        raise UsageError(f"--only takes names out of {','.join(known)}, not {options.only!r}")
    _check_port_variables()
    if not sys.platform.startswith("linux"):
        raise StartFailed("the stack runs on Linux only; elsewhere give existing servers by the AIMA_* variables")
    outcomes = stack.up(only)
    for outcome in outcomes:
        if not outcome.failed and not outcome.text.startswith("up after"):
            stack.progress.say(f"{outcome.service}: {outcome.text}")
    failed = [outcome.service for outcome in outcomes if outcome.failed]
    if failed:
        stack.progress.say(f"failed: {', '.join(failed)}")
    return FAILED if failed else DONE


def run_down(stack: Stack, options: argparse.Namespace) -> int:
    """Stop everything."""
    stack.progress.say(f"{stack.down()} processes stopped; their data is kept")
    return DONE


def run_reset(stack: Stack, options: argparse.Namespace) -> int:
    """Stop everything and delete this stack's data, after a question unless --yes is given."""
    if not options.yes:
        if not sys.stdin.isatty():
            raise UsageError("reset deletes the data of this stack: give --yes")
        print(f"Delete all data in {stack.layout.root}? Type yes: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() != "yes":
            print("nothing deleted", file=sys.stderr)
            return FAILED
    stack.progress.say(f"{stack.reset()} processes stopped; data and logs in {stack.layout.root} deleted")
    return DONE


def run_env(stack: Stack, options: argparse.Namespace) -> int:
    """Print the variables of the services that are up or given."""
    variables = stack.variables()
    if options.json:
        print(json.dumps(variables, indent=2, sort_keys=True))
    else:
        for name, value in sorted(variables.items()):
            print(export_line(name, value))
    return DONE


def run_status(stack: Stack, options: argparse.Namespace) -> int:
    """Show what runs."""
    rows = stack.status()
    if options.json:
        print(json.dumps({"root": str(stack.layout.root), "processes": rows}, indent=2))
    else:
        print(table(rows), file=sys.stderr)
    return DONE


def run_tool(stack: Stack, options: argparse.Namespace) -> int:
    """Print where a program is; the only one so far is promtool."""
    stack.layout.create()
    print(promtool.path(stack.context.cache))
    return DONE


def export_line(name: str, value: str) -> str:
    """Return a line that a POSIX shell reads back as exactly this value."""
    quoted = shlex.quote(value)
    return f"export {name}={quoted if quoted.startswith(chr(39)) else chr(39) + value + chr(39)}"


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as aligned text."""
    heads = ("process", "state", "pid", "port", "uptime", "memory", "data", "log")
    lines = [heads]
    for row in rows:
        lines.append(
            (
                row["process"],
                shorten(row["state"], 48) + (" EXPOSED" if row["exposed"] else ""),
                str(row["pid"] or "-"),
                str(row["port"] or row["address"] or "-"),
                duration(row["uptime"]),
                size(row["memory"]),
                size(row["data"]),
                row["log"] or "-",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def shorten(text: str, width: int) -> str:
    """Return a text cut to a width."""
    return text if len(text) <= width else text[: width - 3] + "..."


def duration(seconds: float | None) -> str:
    """Return seconds in the form 1:02:03."""
    if seconds is None:
        return "-"
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"


def size(count: int | None) -> str:
    """Return a number of bytes in MB."""
    return "-" if count is None else f"{count / 1e6:.0f} MB"


def _check_port_variables() -> None:
    for name, value in os.environ.items():
        if name.startswith("AIMA_PORT_") and not (value.isdigit() and 0 < int(value) < 65536):
            raise UsageError(f"{name} must be a port number, not {value!r}")


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
