"""Become a server whose wildcard listening addresses are turned into loopback ones.

Milvus 2.3 opens every port as ":port", all interfaces, whatever its configuration says, and so does
Flink's Prometheus reporter. The kernel is asked (seccomp user notification) to report each bind()
call of the server to a small companion process, which rewrites a wildcard address to 127.0.0.1
before the call goes on. No other call is slowed down, and no privilege is needed.

Usage: python3 loopback.py COMMAND [ARGUMENT ...]
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import sys

PR_SET_NO_NEW_PRIVS = 38
PR_SET_PTRACER = 0x59616D61
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_USER_NOTIF = 0x7FC00000
NOTIFICATION_RECEIVE = 0xC0502100
NOTIFICATION_SEND = 0xC0182101
NOTIFICATION_STILL_VALID = 0x40082102
CONTINUE_THE_CALL = 1
PIDFD_GETFD = 438  # on every architecture
EXIT_UNSUPPORTED = 78
COMPANION = "--companion"

# machine: (audit architecture, number of seccomp(), number of bind())
CALLS = {"x86_64": (0xC000003E, 317, 49), "aarch64": (0xC00000B7, 277, 200)}

LOOPBACK_V4 = socket.inet_aton("127.0.0.1")
LOOPBACK_V6 = b"\x00" * 10 + b"\xff\xff" + LOOPBACK_V4


class FilterProgram(ctypes.Structure):
    """The kernel's sock_fprog: a counted list of filter instructions."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def loopback_address(raw: bytes) -> bytes | None:
    """Return the socket address with a wildcard host replaced by loopback, or None to leave it alone."""
    if len(raw) < 8:
        return None
    family = struct.unpack_from("=H", raw)[0]
    if family == socket.AF_INET and raw[4:8] == b"\x00" * 4:
        return raw[:4] + LOOPBACK_V4 + raw[8:]
    if family == socket.AF_INET6 and len(raw) >= 24 and raw[8:24] == b"\x00" * 16:
        return raw[:8] + LOOPBACK_V6 + raw[24:]
    return None


def bind_filter(architecture: int, bind_number: int) -> bytes:
    """Return the filter program that reports bind() to the listener and allows everything else."""

    def step(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, jump_true, jump_false, value)

    load, jump_equal, answer = 0x20, 0x15, 0x06
    return b"".join(
        [
            step(load, 0, 0, 4),  # seccomp_data.arch
            step(jump_equal, 0, 2, architecture),
            step(load, 0, 0, 0),  # seccomp_data.nr
            step(jump_equal, 1, 0, bind_number),
            step(answer, 0, 0, SECCOMP_RET_ALLOW),
            step(answer, 0, 0, SECCOMP_RET_USER_NOTIF),
        ]
    )


def install_filter(companion: int) -> int:
    """Install the bind filter on this process and return the descriptor its reports arrive on."""
    architecture, seccomp_number, bind_number = CALLS[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    # Where Yama restricts ptrace to ancestors, the companion could not write our memory without this.
    libc.prctl(PR_SET_PTRACER, ctypes.c_ulong(companion), 0, 0, 0)
    code = ctypes.create_string_buffer(bind_filter(architecture, bind_number), 48)
    program = FilterProgram(len(code) // 8, ctypes.cast(code, ctypes.c_void_p))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
    listener: int = libc.syscall(
        seccomp_number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, ctypes.byref(program)
    )
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER)")
    return listener


def is_datagram(thread: int, descriptor: int) -> bool:
    """Tell whether a thread's socket is certain not to be a stream.

    A datagram client, such as a DNS resolver, binds to the wildcard too, and could not reach another
    machine from the loopback address.
    """
    try:
        with open(f"/proc/{thread}/status", encoding="ascii", errors="replace") as status:
            process = next(int(line.split()[1]) for line in status if line.startswith("Tgid:"))
        handle = os.pidfd_open(process)
    except (OSError, StopIteration):
        return False
    try:
        copy = ctypes.CDLL(None).syscall(PIDFD_GETFD, handle, ctypes.c_int(descriptor), 0)
    finally:
        os.close(handle)
    if copy < 0:
        return False
    with socket.socket(fileno=copy) as twin:
        return twin.type != socket.SOCK_STREAM


def answer_report(listener: int) -> None:
    """Take one report, rewrite a wildcard address in the caller's memory and let the call go on."""
    report = bytearray(80)
    fcntl.ioctl(listener, NOTIFICATION_RECEIVE, report)
    identity, pid = struct.unpack_from("=QI", report)
    descriptor, address, length, *_ = struct.unpack_from("=6Q", report, 32)
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        changed = loopback_address(os.pread(memory.fileno(), min(length, 128), address))
        if changed is not None and is_datagram(pid, descriptor):
            changed = None
        # The pid may have been given to another process since the report.
        fcntl.ioctl(listener, NOTIFICATION_STILL_VALID, struct.pack("=Q", identity))
        if changed is not None:
            os.pwrite(memory.fileno(), changed, address)
    fcntl.ioctl(listener, NOTIFICATION_SEND, bytearray(struct.pack("=QqiI", identity, 0, 0, CONTINUE_THE_CALL)))


def accompany(channel: socket.socket) -> None:
    """Answer the server's bind reports until the server and all its children have ended."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    message, ancillary, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(4))
    channel.close()
    if not message or not ancillary:
        return
    listener = struct.unpack("=i", ancillary[0][2][:4])[0]
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        for _, event in poll.poll():
            if event & select.POLLIN:
                try:
                    answer_report(listener)
                except (FileNotFoundError, ProcessLookupError):
                    continue  # the caller ended in the middle of its call
            elif event & (select.POLLHUP | select.POLLERR):
                return


def main(command: list[str]) -> None:
    """Install the filter and become the command; does not return."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    companion = os.fork()
    if companion == 0:
        ours.close()
        os.set_inheritable(theirs.fileno(), True)
        # A command line of its own, so that nobody takes it for a second server.
        os.execv(sys.executable, [sys.executable, "-I", os.path.abspath(__file__), COMPANION, str(theirs.fileno())])
    theirs.close()
    try:
        listener = install_filter(companion)
    except (OSError, KeyError) as error:
        print(f"loopback: this kernel cannot report bind() calls: {error}", file=sys.stderr, flush=True)
        sys.exit(EXIT_UNSUPPORTED)
    ours.sendmsg([b"l"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    os.close(listener)
    ours.close()
    os.execvp(command[0], command)


if __name__ == "__main__":
    if sys.argv[1] == COMPANION:
        accompany(socket.socket(fileno=int(sys.argv[2])))
    else:
        main(sys.argv[1:])
