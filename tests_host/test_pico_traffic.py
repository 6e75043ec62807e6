"""Whole programs on an emulated Pico's machine.UART, beside a virtual module in virtual time.

The programs are those that run on the other interpreters too; each brings the module online
anew. So the tests of this file share a board for each baud rate.
"""

import contextlib
import hashlib

import end_to_end_peers
import pico_boards
import pytest
import virtual_peers

PORT = 80  # any will do: what a peer does is asked for by words
LISTENER = 7000
SLOW, FAST = 115200, 921600
BULK = 70 * 1460  # bytes: 100 KB, in whole blocks of the longest that a send takes
SOME = 8000  # what a program may have in its memory at once
PROGRAMS = ("datagrams", "locked", "page", "trouble", "watched")

pytestmark = pico_boards.needed
at_both = pytest.mark.parametrize("baud", [SLOW, FAST])


def random_bytes(count):
    """What a peer sends that is asked for a `source` by the programs."""
    return end_to_end_peers.random_bytes(count, 77)


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def boards(tmp_path_factory):
    """A function that gives the board with this baud rate, a pico_boards.Player."""
    made = {}

    def at(baud=SLOW):
        if baud not in made:
            path = tmp_path_factory.mktemp("pico") / "flash.img"
            made[baud] = stack.enter_context(pico_boards.player(path, PROGRAMS, baud))
        return made[baud]

    with contextlib.ExitStack() as stack:
        yield at


@at_both
def test_bytes_go_and_allocate_nothing(boards, baud):
    """100 KB with the heap locked; the program compares the peer's digest with its own."""
    boards(baud).run("locked", "there", PORT, "send", BULK, 1460)


@at_both
def test_bytes_come_and_allocate_nothing(boards, baud):
    printed = boards(baud).run("locked", "back", PORT, "recv_into", BULK)
    assert printed == [digest(random_bytes(BULK))]


@at_both
def test_a_page_is_fetched(boards, baud):
    status, body = boards(baud).run("page", "by_line", virtual_peers.NAME, PORT)
    page = end_to_end_peers.random_bytes(virtual_peers.PAGE, virtual_peers.PAGE_SEED)
    assert (status, body) == ("HTTP/1.0 200 OK", digest(page))


def test_a_server_has_four_clients_beside_four_of_our_own(tmp_path):
    """On a board of its own: so many streams take most of the memory."""
    with pico_boards.player(tmp_path / "flash.img", ("asyncio_servers",)) as pico:
        pico.run("asyncio_servers", "beside", PORT, LISTENER, 4, 3000)
        assert pico.peers.served == [True] * 4


@pytest.mark.parametrize("scenario", ["methods", "queued"])
def test_datagrams(boards, scenario):
    boards().run("datagrams", scenario, PORT)


def test_datagrams_allocate_nothing(boards):
    boards().run("locked", "datagrams", PORT, 5)


def test_a_watchdog_is_fed_often(boards):
    """The first use of a call loads a file of the driver, in one piece."""
    longest = {}
    for line in boards().run("watched", "session", PORT):
        name, us = line.split()
        longest[name] = max(longest.get(name, 0), int(us) // 1000)
    assert len(longest) == 13 and max(longest.values()) < 500, longest
    for name in ("s.connect", "s.write", "s.readinto", "s.drain", "s.close"):
        assert longest[name] < 100, longest


def test_the_heap_is_locked(boards):
    boards().run("locked", "allocates", PORT)


def test_the_program_restarts_the_module(boards):
    boards().run("trouble", "asked_to_restart", PORT)


def test_the_program_restarts_a_module_that_hangs(boards):
    """Deep in a call, where a Pico's stack is short, files are loaded and errors raised."""
    with boards().fault("hang:8,cfun"):
        boards().run("trouble", "asked_to_restart", PORT, 8)


@pytest.mark.parametrize("faults", [["reboot:5000"], ["reboot:5000", "no-ready"]])
def test_the_module_restarts_and_the_program_goes_on(boards, faults):
    """With a word of it, and without."""
    pico = boards()
    with contextlib.ExitStack() as stack:
        for fault in faults:
            stack.enter_context(pico.fault(fault))
        first, second = pico.run("trouble", "restarted_reading", PORT, SOME)
    length, front = first.split()
    data = random_bytes(SOME)
    assert int(length) < SOME
    assert front == digest(data[: int(length)])
    assert second == digest(data)
