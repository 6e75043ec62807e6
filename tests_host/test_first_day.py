"""Each mistake of lib/docs/how-to/first-day.md, on each dialect: the words are those of its table.

The real driver, beside a virtual module with real sockets, in virtual time: lockstep_module.py."""

import ast
import json
import re
import socket
import threading

import interpreters
import pytest
from lockstep_module import lockstep

PAGE = interpreters.TOP / "lib" / "docs" / "how-to" / "first-day.md"
DIALECTS = ("bg95", "rm500u", "bc95", "bc92", "bc20", "bc25")
PROGRAM = interpreters.HERE / "programs" / "first_day.py"
DATA = bytes(5000)  # of each connection


def rows():
    """The cells of each row: the mistake, the message, what diagnose says, how to play it."""
    table = PAGE.read_text(encoding="utf-8").partition("| mistake |")[2]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:] if line[:1] == "|"]
    assert all(len(row) == 4 for row in cells), cells
    return cells


def words(cell):
    """A pattern of the words in a cell: nothing is told where it has none."""
    found = re.match(r"`(.*)`$", cell)
    parts = found.group(1).split("…") if found else [""]
    # The … of UART(…, 9600) stands in the message itself: the pattern takes it, too.
    return ".*".join(map(re.escape, parts))


def played(cell):
    """The faults, the receive buffer and what is given to the class of a last cell."""
    faults, rxbuf, given = [], None, {}
    for span in re.findall(r"`([^`]+)`", cell):
        option, _, value = span.partition(" ")
        if option == "--fault":
            faults.append(value)
        elif option == "--rxbuf":
            rxbuf = int(value)
        else:
            name, _, value = span.partition("=")
            given[name] = ast.literal_eval(value)
    return faults, rxbuf, given


@pytest.fixture
def hosts():
    """What names lead to: a server that gives data, and a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    try:
                        client.sendall(DATA)
                    except OSError:
                        pass  # it has seen enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield [
            "%s=127.0.0.1:%d" % (name, sock.getsockname()[1])
            for name, sock in (("example.com", server), ("closed.example", closed))
        ]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def ran(interpreter, hosts, cases):
    with lockstep(hosts) as place:
        done = interpreters.run_program(
            interpreter,
            PROGRAM,
            env={"LOCKSTEP": place, "CASES": json.dumps(cases)},
            path=[interpreters.SUPPORT],
        )
    assert done.returncode == 0, done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.interpreters("cpython", "unix")
def test_all_is_well_without_a_mistake(interpreter, hosts):
    for result in ran(interpreter, hosts, [[key, [], None, {}] for key in DIALECTS]):
        assert result == [""]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.interpreters("cpython", "unix")
def test_every_mistake_says_what_the_table_says(interpreter, dialect, hosts):
    table = rows()
    assert len(table) > 15
    results = ran(interpreter, hosts, [[dialect, *played(row[3])] for row in table])
    assert len(results) == len(table)
    for row, (told, *diagnosed) in zip(table, results):
        assert re.fullmatch(words(row[1]), told), (row[0], told)
        assert re.fullmatch(words(row[2]), "".join(diagnosed[:1])), (row[0], diagnosed)
        assert len(diagnosed) <= 1, (row[0], diagnosed)
