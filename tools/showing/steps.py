"""What the demo is made of: the module, a program that is watched, and what came of it."""

import os
import sys

from tools.showing.children import Failure
from tools.showing.find import TOP
from tools.showing.view import Traffic

HOST = "shop.example"
FIRST_HOST = "example.com"  # of the README's first program
_UP = 20  # s for the virtual module to listen
_BITS = 10  # of a byte on the line: start, eight of data, stop
_FACTS = ("bytes", "milliseconds", "sha256")


def environment():
    """That of a Python whose output is watched."""
    return dict(os.environ, PYTHONUNBUFFERED="1")


def start_module(children, port, latency, *options):
    """The virtual module as a process of its own; returns what MODEM must say."""
    words = [sys.executable, "-m", "tools.vmodule", "--dialect", "bg95", "--tcp", "127.0.0.1:0"]
    for host in (HOST, FIRST_HOST):
        words += ["--host", "%s=127.0.0.1:%d" % (host, port)]
    words += ["--latency", str(latency), *options]
    child = children.start("the virtual module", words, environment(), str(TOP))
    said = []
    while True:
        line = child.line(_UP)
        if line is None:
            raise Failure("the virtual module did not start:\n" + "\n".join(said))
        if line.startswith("listening "):
            return line.split(" ", 1)[1]
        said.append(line)


def watch(child, traffic, limit, say):
    """Until the end of a child's output: the lines of a trace to a Traffic, all others to `say`.
    Failure after `limit` seconds of silence, and where it fails."""
    try:
        while True:
            line = child.line(limit)
            if line is None:
                break
            if line[:2] in ("> ", "< "):
                traffic.line(line)
            else:
                traffic.flush()
                say(line)
    finally:
        traffic.flush()
    code = child.code()
    if code:
        raise Failure("%s ended with exit code %d" % (child.name, code))


def fetch(child, screen, quiet, limit):
    """Watch first_program.py and show what it says; returns its facts and its Traffic."""
    traffic = Traffic(None if quiet else screen)
    facts = {}

    def say(line):
        name, _, value = line.partition(": ")
        if name in _FACTS:
            facts[name] = value
        else:
            screen.step(line)

    watch(child, traffic, limit, say)
    if sorted(facts) != sorted(_FACTS):
        raise Failure("the program ended without telling what it fetched")
    return facts, traffic


def silence(baud):
    """Seconds that are the longest silence of first_program.py: one piece of data on a slow line,
    or the module being off."""
    return 40 + 20 * _BITS * 1500 / baud


def report(screen, baud, server, facts, traffic):
    """Say what came; returns the exit code."""
    size = int(facts["bytes"])
    seconds = int(facts["milliseconds"]) / 1000
    rate = size / max(seconds, 0.001)
    share = 100 * rate * _BITS / baud
    equal = facts["sha256"] == server.sha256 and size == server.size
    screen.line("")
    screen.line("fetched    %d bytes of %d" % (size, server.size))
    screen.line("time       %.2f s: %.1f kB/s, %.0f %% of what the line can carry"
                % (seconds, rate / 1000, share))  # fmt: skip
    screen.line("exchanges  %d AT commands, %d of them reads" % (traffic.exchanges, traffic.reads))
    screen.line("sent       sha256 " + server.sha256)
    screen.line("received   sha256 " + facts["sha256"])
    screen.verdict("the hashes are equal" if equal else "the hashes are NOT equal", equal)
    return 0 if equal else 1
