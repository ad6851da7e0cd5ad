"""Tests of the stack's own machinery, with small real processes instead of the servers.

Run: python3 -m unittest discover -s submit-scripts/stack
"""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from functools import partial
from pathlib import Path
from typing import Iterator, Sequence
from unittest import mock

import debian
import fetch
import health
import lifecycle
import loopback
import ports
import process
from kafka.server import Kafka
from layout import SOURCE, Layout, UsageError
from lifecycle import Stack, variable_of_port
from milvus.server import Milvus
from mongo import runtime
from process import Program, Record
from progress import Progress
from service import Context, Service
from state import State, file_lock
from tools import Tool

# A server that answers every connection with its pid, after the delay given.
SERVER = """
import os, socket, sys, time
time.sleep(float(sys.argv[2]))
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


class Fake(Service):
    """A service whose server is a few lines of Python."""

    name = "fake"
    given_by = "AIMA_FAKE_URI"
    deadline = 15.0

    def __init__(self) -> None:
        self.fetched = 0
        self.delay = 0.0
        self.code = SERVER
        self.needs: list[Tool] = []
        self.busy = False

    def ports(self, context: Context) -> dict[str, int | None]:
        """One port."""
        return {"fake": None}

    def tools(self, context: Context) -> list[Tool]:
        """What the test says."""
        return self.needs

    def fetch(self, context: Context) -> None:
        """Count the fetches."""

        def build(work: Path) -> None:
            self.fetched += 1
            (work / "content").write_text("whole", encoding="utf-8")

        context.cache.get("fake", "1", build)

    def programs(self, context: Context) -> list[Program]:
        """One Python process."""
        return [Program("fake", [sys.executable, "-c", self.code, str(context.port("fake")), str(self.delay)])]

    def check(self, context: Context) -> None:
        """Ask for the pid."""
        try:
            with socket.create_connection(("127.0.0.1", context.port("fake")), 1.0) as connection:
                if not connection.recv(16):
                    raise health.NotHealthy("no answer")
        except OSError as error:
            raise health.NotHealthy(str(error)) from error

    def variables(self, context: Context) -> dict[str, str]:
        """The address."""
        return {"AIMA_FAKE_URI": f"fake://127.0.0.1:{context.port('fake')}"}

    def may_restart(self, context: Context) -> bool:
        """What the test says."""
        return not self.busy


class StackTest(unittest.TestCase):
    """A stack of one fake service in a temporary home."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="aima-test-")
        self.addCleanup(directory.cleanup)
        self.layout = Layout(Path(directory.name), "test")
        self.fake = Fake()
        self.text = io.StringIO()
        self.addCleanup(lambda: self.stack().down())

    def stack(self, **environment: str) -> Stack:
        return Stack(self.layout, [self.fake], environment, Progress(self.text))

    def record(self) -> Record:
        record = Record.read(self.layout, "fake")
        assert record is not None
        return record


class UpTest(StackTest):
    """Starting, keeping and repairing."""

    def test_up_starts_and_second_up_changes_nothing(self) -> None:
        self.assertFalse(self.stack().up()[0].failed)
        first = self.record()
        begin = time.monotonic()
        outcome = self.stack().up()[0]
        self.assertLess(time.monotonic() - begin, 2)
        self.assertEqual("already up", outcome.text)
        self.assertEqual(first.pid, self.record().pid)
        self.assertEqual(1, self.fake.fetched)

    def test_what_is_not_by_default_starts_when_named(self) -> None:
        self.fake.by_default = False
        self.assertEqual([], self.stack().up())
        self.assertFalse(self.stack().up(["fake"])[0].failed)
        self.assertTrue(self.record().alive)

    def test_dead_server_is_started_again_on_its_port(self) -> None:
        self.stack().up()
        first, port = self.record(), self.stack().context.port("fake")
        os.kill(first.pid, signal.SIGKILL)
        self.assertTrue(wait_until(lambda: not first.alive))
        self.assertFalse(self.stack().up()[0].failed)
        self.assertNotEqual(first.pid, self.record().pid)
        self.assertEqual(port, self.stack().context.port("fake"))

    def test_hanging_server_is_replaced(self) -> None:
        self.stack().up()
        first = self.record()
        os.kill(first.pid, signal.SIGSTOP)
        with mock.patch.multiple(lifecycle, STOP_PATIENCE=0.5, LEAST_PATIENCE=0.5):
            outcome = self.stack().up()[0]
        self.assertFalse(outcome.failed, outcome.text)
        self.assertFalse(first.alive)
        self.assertNotEqual(first.pid, self.record().pid)

    def test_server_started_by_a_killed_up_is_adopted(self) -> None:
        self.fake.delay = 2.0
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                self.stack().up()
            os._exit(0)
        self.assertTrue(wait_until(lambda: Record.read(self.layout, "fake") is not None))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        first = self.record()
        self.assertTrue(first.alive)
        self.assertFalse(self.stack().up()[0].failed)
        self.assertEqual(first.pid, self.record().pid)

    def test_changed_settings_restart_a_service_unless_it_is_busy(self) -> None:
        self.stack().up()
        first = self.record()
        self.fake.delay = 0.01
        self.fake.busy = True
        self.assertEqual("already up", self.stack().up()[0].text)
        self.assertTrue(first.alive)
        self.fake.busy = False
        self.stack().up()
        self.assertFalse(first.alive)

    def test_early_death_is_reported_at_once_with_the_log(self) -> None:
        self.fake.code = "import sys; sys.exit('no such thing')"
        begin = time.monotonic()
        outcome = self.stack().up()[0]
        self.assertTrue(outcome.failed)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertIn("no such thing", outcome.text)
        self.assertIn(str(self.layout.log("fake")), outcome.text)

    def test_given_address_is_used_and_nothing_started(self) -> None:
        outcome = self.stack(AIMA_FAKE_URI="fake://user:hunter2@127.0.0.1:1").up()[0]
        self.assertFalse(outcome.failed)
        self.assertIn("given by AIMA_FAKE_URI", outcome.text)
        self.assertNotIn("hunter2", outcome.text)
        self.assertIsNone(Record.read(self.layout, "fake"))

    def test_own_address_in_the_environment_is_not_taken_for_a_given_one(self) -> None:
        stack = self.stack()
        stack.up()
        os.kill(self.record().pid, signal.SIGKILL)
        outcome = self.stack(**stack.variables()).up()[0]
        self.assertIn("up after", outcome.text)

    def test_all_missing_tools_are_named_before_anything_starts(self) -> None:
        self.fake.needs = [Tool(name, f"apt-get install {name}", lambda: False) for name in ("one", "two")]
        with self.assertRaises(Exception) as caught:
            self.stack().up()
        self.assertIn("apt-get install one", str(caught.exception))
        self.assertIn("apt-get install two", str(caught.exception))
        self.assertEqual(0, self.fake.fetched)

    def test_down_ends_the_server_and_keeps_data_and_reset_deletes_it(self) -> None:
        stack = self.stack()
        stack.up()
        kept = stack.context.data("fake") / "kept"
        kept.write_text("data", encoding="utf-8")
        record = self.record()
        self.assertEqual(1, stack.down())
        self.assertFalse(record.alive)
        self.assertTrue(kept.exists())
        self.assertEqual({}, stack.variables())
        stack.reset()
        self.assertFalse(kept.exists())
        self.assertTrue((self.layout.cache / "fake-1").is_dir())

    def test_status_shows_a_dead_process(self) -> None:
        self.stack().up()
        self.assertEqual("up", self.stack().status()[0]["state"])
        os.kill(self.record().pid, signal.SIGKILL)
        self.assertTrue(wait_until(lambda: not self.record().alive))
        self.assertEqual("dead", self.stack().status()[0]["state"])

    def test_a_port_taken_between_choice_and_use_is_chosen_again(self) -> None:
        stack = self.stack()
        choose = stack._choose_ports
        strangers: list[socket.socket] = []

        def choose_and_lose(services: Sequence[Service]) -> None:
            choose(services)
            if not strangers:
                strangers.append(socket.create_server(("127.0.0.1", stack.context.port("fake"))))
                self.addCleanup(strangers[0].close)

        with mock.patch.object(stack, "_choose_ports", choose_and_lose):
            outcome = stack.up()[0]
        self.assertFalse(outcome.failed, outcome.text)
        self.assertIn("was taken meanwhile", self.text.getvalue())


class IdentityTest(StackTest):
    """Only the recorded process is ever touched."""

    def test_a_process_with_a_recycled_number_is_left_alone(self) -> None:
        self.layout.create()
        stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        ticks = process.start_ticks(stranger.pid)
        assert ticks is not None
        for wrong in ({"start_ticks": ticks - 1, "boot": process.boot_id()}, {"start_ticks": ticks, "boot": "another"}):
            path = self.layout.run / "fake.pid"
            path.write_text(json.dumps({"pid": stranger.pid, **wrong}), encoding="utf-8")
            self.assertFalse(self.record().alive)
            self.stack().down()
            self.assertIsNone(stranger.poll(), "a stranger was ended")
            self.assertFalse(path.exists())

    def test_the_recorded_process_is_ended(self) -> None:
        self.layout.create()
        record = process.start(self.layout, Program("fake", ["sleep", "60"]))
        self.assertTrue(record.alive)
        process.stop(record)
        self.assertFalse(record.alive)

    def test_a_process_that_ignores_term_is_killed(self) -> None:
        self.layout.create()
        program = Program("fake", ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"])
        record = process.start(self.layout, program)
        self.assertTrue(wait_until(lambda: "ready" in "".join(process.last_lines(self.layout.log("fake")))))
        process.stop(record, patience=0.5)
        self.assertFalse(record.alive)

    def test_a_broken_record_counts_as_none(self) -> None:
        self.layout.create()
        (self.layout.run / "fake.pid").write_text('{"pid": 1', encoding="utf-8")
        self.assertIsNone(Record.read(self.layout, "fake"))

    def test_a_server_gets_no_secrets_of_the_caller(self) -> None:
        self.layout.create()
        os.environ["AIMA_TEST_CANARY"] = "hunter2"
        self.addCleanup(os.environ.pop, "AIMA_TEST_CANARY")
        record = process.start(self.layout, Program("fake", ["env"]))
        self.assertTrue(wait_until(lambda: not record.alive))
        self.assertIn("PATH=", self.layout.log("fake").read_text(encoding="utf-8"))
        self.assertNotIn("hunter2", self.layout.log("fake").read_text(encoding="utf-8"))

    def test_a_server_does_not_hold_the_pipes_of_its_caller(self) -> None:
        self.layout.create()
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from pathlib import Path; from layout import Layout; import process;"
            "process.start(Layout(Path(sys.argv[2]), 'test'), process.Program('fake', ['sleep', '60']))"
        )
        # communicate() ends when no one holds the pipe any more; the timeout makes the test fail otherwise.
        run = subprocess.run(
            [sys.executable, "-c", code, str(SOURCE), str(self.layout.home)], capture_output=True, timeout=20
        )
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertTrue(self.record().alive)


class PortTest(unittest.TestCase):
    """Choosing ports."""

    def test_a_taken_port_is_replaced_and_a_free_one_kept(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.assertFalse(ports.is_free(port))
            chosen = ports.choose([port], set(), "seed")
            self.assertNotEqual(port, chosen)
            self.assertGreaterEqual(chosen, ports.FALLBACK_FIRST)
        self.assertEqual(port, ports.choose([port], set(), "seed"))

    def test_a_port_of_the_same_stack_is_not_given_twice(self) -> None:
        first = ports.choose([None], set(), "seed")
        self.assertNotEqual(first, ports.choose([first], {first}, "seed"))

    def test_two_stacks_search_in_different_places(self) -> None:
        self.assertNotEqual(ports.choose([None], set(), "one"), ports.choose([None], set(), "two"))

    def test_listening_ports_of_a_process_are_found_with_their_address(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as inner, socket.create_server(("", 0)) as outer:
            found = ports.listening(os.getpid())
            self.assertIn(("127.0.0.1", inner.getsockname()[1]), found)
            self.assertEqual([f"0.0.0.0:{outer.getsockname()[1]}"], ports.exposed(os.getpid()))

    def test_variable_names(self) -> None:
        self.assertEqual("AIMA_PORT_FLINK_REST", variable_of_port("flink-rest"))


class CacheTest(StackTest):
    """Fetching whole or not at all."""

    def test_a_failed_build_leaves_nothing_and_the_next_one_repairs(self) -> None:
        cache = self.stack().context.cache
        self.layout.create()

        def half(work: Path) -> None:
            (work / "half").write_text("half", encoding="utf-8")
            raise fetch.FetchFailed("broken off")

        with self.assertRaises(fetch.FetchFailed):
            cache.get("thing", "1", half)
        self.assertFalse(cache.has("thing", "1"))
        (cache.directory / ".thing-1.killed").mkdir()
        path = cache.get("thing", "1", lambda work: (work / "whole").touch())
        self.assertEqual(["whole"], [file.name for file in path.iterdir()])
        self.assertEqual([], list(cache.directory.glob(".thing-1.*")))

    def test_two_commands_build_an_entry_once(self) -> None:
        self.layout.create()
        built: list[int] = []

        def build(work: Path) -> None:
            built.append(1)
            time.sleep(0.3)

        threads = [
            threading.Thread(target=lambda: self.stack().context.cache.get("thing", "1", build)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([1], built)

    def test_a_changed_file_is_refused(self) -> None:
        path = self.layout.home / "file"
        path.write_bytes(b"content")
        fetch.verify(path, "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
        path.write_bytes(b"Content")
        with self.assertRaises(fetch.FetchFailed):
            fetch.verify(path, "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")

    def test_a_failing_command_is_quoted_with_its_last_words(self) -> None:
        with self.assertRaises(fetch.FetchFailed) as caught:
            fetch.Commands().run(["/bin/sh", "-c", "echo last words >&2; exit 3"])
        self.assertIn("last words", str(caught.exception))

    def test_an_interrupt_ends_a_running_command(self) -> None:
        commands = fetch.Commands()
        threading.Timer(0.3, commands.interrupt).start()
        begin = time.monotonic()
        with self.assertRaises(fetch.Interrupted):
            commands.run(["sleep", "60"])
        self.assertLess(time.monotonic() - begin, 10)


class StateTest(StackTest):
    """What is remembered."""

    def test_secrets_are_random_kept_and_private(self) -> None:
        state = State(self.layout.root / "state.json")
        secret = state.secret("s3", "secret", 20)
        self.assertEqual(secret, State(self.layout.root / "state.json").secret("s3", "secret", 20))
        self.assertNotEqual(secret, State(self.layout.home / "other.json").secret("s3", "secret", 20))
        self.assertEqual(0o600, (self.layout.root / "state.json").stat().st_mode & 0o777)

    def test_a_lock_keeps_the_second_out_until_the_first_is_done(self) -> None:
        order: list[str] = []
        path = self.layout.home / "lock"

        def second() -> None:
            with file_lock(path, lambda: order.append("waits")):
                order.append("second")

        with file_lock(path):
            thread = threading.Thread(target=second)
            thread.start()
            self.assertTrue(wait_until(lambda: order == ["waits"]))
            order.append("first")
        thread.join()
        self.assertEqual(["waits", "first", "second"], order)

    def test_homes_and_names_separate_stacks(self) -> None:
        one = Layout.from_environment({"AIMA_HOME": "/a"})
        two = Layout.from_environment({"AIMA_HOME": "/a", "AIMA_STACK": "b"})
        self.assertEqual(one.cache, two.cache)
        self.assertNotEqual(one.root, two.root)
        with self.assertRaises(UsageError):
            Layout.from_environment({"AIMA_STACK": "../b"})


class CommandTest(StackTest):
    """The command line."""

    def run_command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-B", str(SOURCE), *arguments],
            env={"PATH": os.environ["PATH"], "AIMA_HOME": str(self.layout.home), **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    def test_values_survive_a_shell(self) -> None:
        value = "a'b \"c\" $HOME `id` \\ \n é"
        line = runpy.run_path(str(SOURCE / "__main__.py"))["export_line"]("AIMA_X", value)
        self.assertRegex(line, r"^export AIMA_X='")
        shell = subprocess.run(["/bin/sh", "-c", line + '\nprintf %s "$AIMA_X"'], capture_output=True, text=True)
        self.assertEqual(value, shell.stdout)

    def test_bad_usage_ends_with_2_and_says_nothing_on_standard_output(self) -> None:
        for arguments, environment in (
            (["up", "--only", "oracle"], {}),
            (["up", "--only", ""], {}),
            (["nonsense"], {}),
            ([], {}),
            (["reset"], {}),
            (["status"], {"AIMA_STACK": "../x"}),
            (["up", "--only", "mongo"], {"AIMA_PORT_MONGO": "70000"}),
        ):
            run = self.run_command(*arguments, **environment)
            self.assertEqual((2, ""), (run.returncode, run.stdout), arguments)

    def test_nothing_runs_in_an_empty_home(self) -> None:
        self.assertEqual({}, json.loads(self.run_command("env", "--json").stdout))
        self.assertEqual(0, self.run_command("down").returncode)
        rows = json.loads(self.run_command("status", "--json").stdout)["processes"]
        self.assertEqual({"down"}, {row["state"] for row in rows})

    def test_given_services_appear_in_env(self) -> None:
        run = self.run_command("env", AIMA_MONGO_URI="mongodb://db.example/?a=b&c='d'")
        self.assertEqual("export AIMA_MONGO_URI='mongodb://db.example/?a=b&c='\"'\"'d'\"'\"''\n", run.stdout)


class HealthTest(unittest.TestCase):
    """Health questions against servers that answer rightly, wrongly or not at all."""

    def test_mongo(self) -> None:
        yes, no = struct.pack("<d", 1.0), struct.pack("<d", 0.0)
        good = struct.pack("<iiiiIB", 37, 1, 1, 2013, 0, 0) + b"\x10\x00\x00\x00\x01ok\x00" + yes + b"\x00"
        with answering(good) as port:
            health.mongo(port)
        for bad in (b"", good[:-8], good.replace(yes, no), b"HTTP/1.1 400 Bad Request\r\n\r\n"):
            with answering(bad) as port, self.assertRaises(health.NotHealthy):
                health.mongo(port)

    def test_kafka(self) -> None:
        def reply(body: bytes) -> bytes:
            return struct.pack(">ii", len(body) + 4, 7) + body

        versions, metadata = reply(struct.pack(">h", 0)), reply(struct.pack(">i", 1))
        with answering(versions, metadata) as port:
            health.kafka(port)
        for bad in ((reply(struct.pack(">h", 35)), metadata), (versions, reply(struct.pack(">i", 0))), (versions, b"")):
            with answering(*bad) as port, self.assertRaises(health.NotHealthy):
                health.kafka(port)

    def test_reachable_understands_host_lists(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.assertTrue(health.reachable(f"mongodb://u:p@127.0.0.1:1,127.0.0.1:{port}/db?x=y"))
            self.assertTrue(health.reachable(f"127.0.0.1:{port}"))
        self.assertFalse(health.reachable(f"http://127.0.0.1:{port}"))

    def test_http_ignores_proxies(self) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/ok" else 503)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.assertEqual({}, health.http_json(f"http://127.0.0.1:{server.server_port}/ok"))
            code = f"import health; health.http('http://127.0.0.1:{server.server_port}/ok')"
            environment = {"http_proxy": "http://127.0.0.1:9", "PYTHONPATH": str(SOURCE)}
            self.assertEqual(0, subprocess.run([sys.executable, "-B", "-c", code], env=environment).returncode)
            with self.assertRaises(health.NotHealthy):
                health.http(f"http://127.0.0.1:{server.server_port}/bad")
            server.shutdown()


class LoopbackTest(StackTest):
    """Keeping a server from listening on all interfaces."""

    def test_only_wildcard_addresses_are_changed(self) -> None:
        four = struct.pack("=H", socket.AF_INET) + b"\x1f\x90"
        six = struct.pack("=H", socket.AF_INET6) + b"\x1f\x90" + bytes(4)
        self.assertEqual(four + b"\x7f\0\0\1" + bytes(8), loopback.loopback_address(four + bytes(12)))
        self.assertEqual(six + bytes(10) + b"\xff\xff\x7f\0\0\1" + bytes(4), loopback.loopback_address(six + bytes(20)))
        self.assertIsNone(loopback.loopback_address(four + b"\x0a\0\0\1" + bytes(8)))
        self.assertIsNone(loopback.loopback_address(six + b"\1" * 20))
        self.assertIsNone(loopback.loopback_address(struct.pack("=H", socket.AF_UNIX) + b"/tmp/socket\0"))

    def test_a_wildcard_server_is_reachable_on_loopback_only(self) -> None:
        self.layout.create()
        for family, wildcard in (("AF_INET", ""), ("AF_INET6", "::")):
            with self.subTest(family):
                port = ports.choose([None], set(), "loopback")
                code = (
                    "import socket, time; s = socket.socket(socket." + family + ");"
                    "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);"
                    "family6 = s.family == socket.AF_INET6;"
                    "family6 and s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0);"
                    f"s.bind(({wildcard!r}, {port})); s.listen(); time.sleep(60)"
                )
                command = [sys.executable, "-c", code]
                bare = process.start(self.layout, Program("fake", command))
                self.assertTrue(wait_until(partial(ports.listening, bare.pid)))
                self.assertEqual(1, len(ports.exposed(bare.pid)))
                process.stop(bare)
                kept = process.start(self.layout, Program("fake", command, loopback_filter=True))
                self.assertTrue(wait_until(partial(ports.listening, kept.pid)), self.layout.log("fake").read_text())
                self.assertEqual([], ports.exposed(kept.pid))
                health.tcp("127.0.0.1", port)
                process.stop(kept)
                self.assertFalse(kept.alive)


    def test_a_datagram_client_keeps_its_wildcard_address(self) -> None:
        self.layout.create()
        code = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 0)); print(s.getsockname()[0])"
        record = process.start(self.layout, Program("fake", [sys.executable, "-c", code], loopback_filter=True))
        self.assertTrue(wait_until(lambda: not record.alive))
        self.assertEqual("0.0.0.0", self.layout.log("fake").read_text(encoding="utf-8").strip())


class SettingsTest(StackTest):
    """Generated configurations."""

    def test_milvus_listens_and_announces_itself_on_loopback(self) -> None:
        template = """
etcd:
  endpoints: localhost:{{ etcd_port(int): 2379 }}
proxy:
  ip: # any
  port: {{ proxy_port(int): 19530 }}
log:
  file:
    maxSize: 300 # MB
    maxBackups: 20
  stdout: true
common:
  gracefulStopTimeout: 1800
flushRate:
  enabled: false
"""
        context = self.stack().context
        for number, name in enumerate(Milvus().ports(context)):
            context.state.set("ports", name, 30000 + number)
        text = Milvus()._settings(context, template)
        self.assertIn("ip: 127.0.0.1", text)
        self.assertIn(f"port: {context.port('milvus')}", text)
        self.assertNotIn("{{", text)
        self.assertNotIn("localhost", text)
        self.assertIn("flushRate:\n  enabled: false", text)
        with self.assertRaises(fetch.FetchFailed):
            Milvus()._settings(context, template.replace("stdout: true", ""))

    def test_kafka_listens_on_loopback_only(self) -> None:
        context = self.stack().context
        lines = dict(line.split("=", 1) for line in Kafka()._settings(context).splitlines())
        for entry in lines["listeners"].split(","):
            self.assertIn("://127.0.0.1:", entry)

    def test_debian_sources_are_moved_to_the_next_release(self) -> None:
        deb822 = (
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\n"
            "Types: deb\nURIs: http://other.example\nSuites: nodistro\n"
        )
        moved = debian._deb822(deb822, runtime.SUITE)
        self.assertIn("Suites: trixie\n", moved)
        self.assertNotIn("nodistro", moved)
        lines = (
            "deb [signed-by=/k] http://mirror.example/debian bookworm-security main\n"
            "deb http://other.example stable-x main\n"
            "# deb http://mirror.example/debian bookworm main\n"
        )
        moved = debian._one_line(lines, runtime.SUITE)
        self.assertEqual("deb [signed-by=/k] http://mirror.example/debian trixie-security main\n", moved)


@contextlib.contextmanager
def answering(*replies: bytes) -> Iterator[int]:
    """Serve one connection on loopback: one reply per request, then close."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    for reply in replies:
                        connection.recv(4096)
                        connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def wait_until(condition: object, patience: float = 10.0) -> bool:
    """Wait until a condition holds and tell whether it did."""
    assert callable(condition)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


if __name__ == "__main__":
    unittest.main()
