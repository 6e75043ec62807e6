"""Our sockets beside the unix port's own: the same program, the same transcript, but for what
lib/docs/reference/sockets.md lists, each difference with its reason. The WebAssembly port says
what ours say."""

import functools
import re

import documents
import end_to_end
import end_to_end_peers as peers
import pytest

HEAD = "| state | call | native | here | why |\n"


@functools.lru_cache(maxsize=None)
def transcript(whose, interpreter):
    """[(state, call, result)] of the program, over the virtual module or natively."""
    with (
        peers.tcp() as tcp,
        peers.udp() as udp,
        peers.refusing() as refusing,
        peers.unanswering() as unanswering,
        end_to_end.module(interpreter) as module,
    ):
        ports = (tcp.port, udp.port, refusing, unanswering, peers.free_port())
        lines = module.run("rows", whose, *ports)
    return [tuple(line.split(": ", 2)) for line in lines]


def pattern(cell):
    """A cell of the table: alternatives between slashes, a star for anything."""
    words = cell.replace("`", "").strip().split(" / ")
    return "|".join(re.escape(word).replace(r"\*", ".*") for word in words)


def listed():
    """The table's rows as four patterns each."""
    text = documents.SOCKETS.read_text(encoding="utf-8")
    table = text[text.index(HEAD) + len(HEAD) :].split("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.split("\n")[1:] if line]
    assert all(len(row) == 5 and row[4] for row in rows), "each row has a reason"
    return [tuple(pattern(cell) for cell in row[:4]) for row in rows]


def covers(row, difference):
    return all(re.fullmatch(p, text, re.S) for p, text in zip(row, difference))


def differences():
    """(state, call, native, ours) where the two are not the same."""
    native, ours = transcript("native", "unix"), transcript("ours", "unix")
    assert [line[:2] for line in native] == [line[:2] for line in ours]
    return [(*own, our[2]) for own, our in zip(native, ours) if own != our]


@pytest.mark.interpreters("unix")
def test_what_differs_is_listed(interpreter):
    rows = listed()
    found = differences()
    assert [d for d in found if not any(covers(row, d) for row in rows)] == []
    assert [row for row in rows if not any(covers(row, d) for d in found)] == []


@pytest.mark.interpreters("unix")
def test_most_is_the_same(interpreter):
    """The table's stars must not hide a program that tries nothing."""
    lines = transcript("ours", "unix")
    assert len(lines) > 800
    assert len(differences()) < len(lines) / 2


@pytest.mark.interpreters("unix")
def test_what_the_unix_port_lacks_goes_as_its_likes(interpreter):
    """recv_into fails as recv does, sendall as send."""
    results = {line[:2]: line[2] for line in transcript("ours", "unix")}
    for (state, call), result in results.items():
        like = {"recv_into(buf)": "recv(90)", "sendall(bytes)": "send(bytes)"}.get(call)
        if like and "OSError" in result + results[state, like]:
            assert result == results[state, like], (state, call)


@pytest.mark.interpreters("wasm")
def test_another_port_says_the_same(interpreter):
    assert transcript("ours", "wasm") == transcript("ours", "unix")
