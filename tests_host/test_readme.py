"""What the documents show runs, what they name exists, and where they point there is something.

Every ```python block runs as it stands. An HTML comment on the line before says what it needs:

    <!-- run: with nic -->          nic is a connected interface
    <!-- run: with nic, s -->       and s a TCP socket, connected to an echo server
    <!-- run: with nic, on micropython -->     only there
    <!-- run: with nic, tls -->     there is secure.example, and ca.pem is who signed it
    <!-- run: with nic, broker -->  there is broker.example, and umqtt.simple
    <!-- run: with nic, time -->    there is a time server, pool.ntp.org
    <!-- run: in the checkout -->   on CPython, with nothing but what the checkout has
    <!-- not run: why -->           for one of REASONS
"""

import ast
import contextlib
import os
import re
import socket
import subprocess
import sys
import threading

import documents
import end_to_end_daemons
import end_to_end_tls
import interpreters
import others
import pytest
from test_examples import secure_web_server
from test_first_program import web_server
from test_programs_same_calls import time_server
from virtual_module import virtual_module

TOP = interpreters.TOP
LIB = interpreters.LIB / "quectel"
PROGRAM = interpreters.HERE / "programs" / "readme_block.py"
WITH_BLOCKS = (TOP / "README.md", *documents.PAGES)
PINS = "it is for the pins of a board"
REASONS = (
    PINS,
    "it opens a serial port",
    "only BC92 has it",
)
LANGUAGES = ("python", "mermaid")
_ORDER = re.compile(
    r"<!-- (?:run: with (nic(?:, (?:s|tls|broker|time))*)(, on micropython)?|"
    r"run: in the (checkout)|not run: (.+)) -->"
)


def name_of(path):
    return str(path.relative_to(TOP))


class Block:
    """A fenced block: where it is, in which language, and what the comment before it orders."""

    def __init__(self, path, first, language, order):
        self.path = path
        self.first = first  # the number of its first line
        self.last = first
        self.language = language
        found = _ORDER.fullmatch(order) if order.startswith("<!--") else None
        assert found or not order.startswith("<!--"), "%s:%d %s" % (path, first, order)
        said = found.groups() if found else (None,) * 4
        with_, self.micropython, self.checkout, self.reason = said
        words = with_.split(", ") if with_ else []
        self.names = [word for word in words if word not in SERVERS]
        self.servers = [word for word in words if word in SERVERS]

    def text(self):
        lines = self.path.read_text(encoding="utf-8").split("\n")
        return "\n".join(lines[self.first - 1 : self.last]) + "\n"

    @property
    def name(self):
        return "%s:%d" % (name_of(self.path), self.first)


def blocks(path):
    found = []
    block = None
    before = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.startswith("```"):
            before = line if line.strip() else ""
        elif block is None:
            block = Block(path, number + 1, line[3:].strip(), before)
        else:
            block.last = number - 1
            found.append(block)
            block = None
            before = ""
    assert block is None, "%s: a block does not end" % path
    return found


def python_blocks(paths=WITH_BLOCKS):
    return [b for path in paths for b in blocks(path) if b.language == "python"]


@contextlib.contextmanager
def echo_server():
    """TCP and UDP on one port of loopback, everything sent back; yields the port."""
    for _ in range(50):
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            break
        except OSError:
            tcp.close()
            udp.close()
    address = tcp.getsockname()
    over = threading.Event()

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            for data in iter(lambda: connection.recv(4096), b""):
                connection.sendall(data)

    def accept():
        while not over.is_set():
            connection = tcp.accept()[0]
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def answer():
        while not over.is_set():
            data, sender = udp.recvfrom(65535)
            udp.sendto(data, sender)

    threads = [threading.Thread(target=target, daemon=True) for target in (accept, answer)]
    for thread in threads:
        thread.start()
    try:
        yield address[1]
    finally:
        over.set()
        socket.create_connection(address).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.bind(("127.0.0.1", 0))
            waker.sendto(b"", address)
            for thread in threads:
                thread.join(20)
        tcp.close()
        udp.close()


@contextlib.contextmanager
def tls_server(folder):
    """test_examples' web server over TLS; its authority is in the folder's ca.pem."""
    certificates = end_to_end_tls.Certificates(folder)
    os.rename(certificates.trusted, folder / "ca.pem")
    with secure_web_server(certificates.good("secure.example")) as port:
        yield port


@contextlib.contextmanager
def broker(folder):
    with end_to_end_daemons.broker(folder) as running:
        yield running.port


@contextlib.contextmanager
def time_of_day(folder):
    with time_server() as port:
        yield port


# What a block may ask for: the host's name, and a server that has its files in a folder.
SERVERS = {
    "tls": ("secure.example", tls_server),
    "broker": ("broker.example", broker),
    "time": ("pool.ntp.org", time_of_day),
}


def runnable(micropython):
    """A parameter: the blocks that run anywhere, or those for MicroPython only."""
    wanted = [
        block
        for block in python_blocks(documents.ALL)
        if not block.reason and not block.checkout and bool(block.micropython) == micropython
    ]
    return pytest.mark.parametrize("block", wanted, ids=lambda block: block.name)


def run(block, interpreter, folder):
    path = [others.command("micropython-umqtt.simple")] if "broker" in block.servers else []
    with contextlib.ExitStack() as stack:
        ports = {
            "example.com": stack.enter_context(web_server()),
            "echo.example": stack.enter_context(echo_server()),
        }
        for host, server in map(SERVERS.get, block.servers):
            ports[host] = stack.enter_context(server(folder))
        options = [
            word for host in ports for word in ("--host", "%s=127.0.0.1:%d" % (host, ports[host]))
        ]
        modem = stack.enter_context(virtual_module("bg95", interpreter, *options))
        done = interpreters.run_program(
            interpreter,
            PROGRAM,
            env={"MODEM": modem, "MODULE": "BG95S5", "FOLDER": str(folder)},
            args=[block.path, block.first, block.last, *block.names],
            path=path,
            heap="8M",
        )
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("the block ran to its end\n"), done.stdout


@pytest.mark.interpreters("cpython", "unix")
@runnable(micropython=False)
def test_block(block, interpreter, tmp_path):
    run(block, interpreter, tmp_path)


@pytest.mark.interpreters("unix")
@runnable(micropython=True)
def test_block_for_micropython(block, interpreter, tmp_path):
    run(block, interpreter, tmp_path)


@pytest.mark.parametrize("path", (TOP / "README.md", documents.FIRST), ids=name_of)
def test_a_first_page_has_a_block(path):
    assert any(block.path == path for block in python_blocks())


def test_no_page_goes_to_a_board_with_the_driver_but_the_first():
    """By `mpremote cp -r lib/quectel`; package.json lists the driver's .py alone."""
    assert [path for path in LIB.rglob("*") if path.suffix in (".md", ".svg")] == [documents.FIRST]


@pytest.mark.parametrize(
    "block",
    [block for block in python_blocks(documents.ALL) if block.checkout],
    ids=lambda block: block.name,
)
def test_block_in_the_checkout(block):
    done = subprocess.run(
        [sys.executable, "-c", block.text()],
        check=False,
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", documents.ALL, ids=name_of)
def test_every_block_is_known(path):
    """A block that nothing runs has a reason, and Python stands in no other kind of block."""
    for block in blocks(path):
        assert block.language in LANGUAGES, block.name
        assert block.reason is None or block.reason in REASONS, block.name
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for indented in re.findall(r"(?:^    .*\n|^\n)+", text, re.M):
        assert not re.search(r"^ +(?:import|from) \w+", indented, re.M), indented


def programs():
    """{name: text} of what documents show and boards start."""
    found = {block.name: block.text() for block in python_blocks(documents.ALL)}
    for path in (TOP / "boards").rglob("*.py"):
        if path.name != "board.py" and "modem_line" not in path.parts:
            found[name_of(path)] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("name, text", programs().items(), ids=programs())
def test_no_program_waits_for_ever(name, text):
    """For the network or a peer; what listens may wait for clients."""
    for each in ast.walk(ast.parse(text)):
        if isinstance(each, ast.While):
            condition = ast.unparse(each.test)
            assert not re.search(r"isconnected|status", condition), condition
        elif isinstance(each, ast.Call):
            call = ast.unparse(each.func)
            words = [word.arg for word in each.keywords]
            if call.endswith(".socket"):
                assert "settimeout(" in text or "setblocking(" in text, call
            if call == "requests.get":
                assert "timeout" in words, call


# ---- links ----


def anchors(path):
    """The fragments that the headings of a file can be reached by."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ +(.*?) *$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", documents.ALL, ids=name_of)
def test_links_resolve(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert not re.match(r"[a-z]+:", target), target
        place, _, fragment = target.partition("#")
        there = (path.parent / place).resolve() if place else path
        assert TOP in (there, *there.parents), target
        assert there.exists(), target
        if fragment:
            assert fragment in anchors(there), target


@pytest.mark.parametrize("path", documents.ALL, ids=name_of)
def test_named_files_are_there(path):
    """Commands and files that a text names by their path from the top."""
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"(?<![\w/.:-])((?:tools|boards|tests_host|lib)/[\w./*-]*\w)", text):
        assert list(TOP.glob(name)) or list(path.parent.glob(name)), name


def pages_from(path, seen):
    seen.add(path)
    for place in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        there = (path.parent / place).resolve()
        if there.suffix == ".md" and there not in seen:
            pages_from(there, seen)
    return seen


def test_every_document_can_be_reached_from_the_first():
    assert set(documents.ALL) - pages_from(TOP / "README.md", set()) == set()


@pytest.mark.parametrize("page", ["interface.md", "sockets.md"])
def test_the_first_page_leads_to_each_section(page):
    place = documents.DOCS / "reference" / page
    leads = re.findall(r"/%s#([^)]+)\)" % page, documents.FIRST.read_text(encoding="utf-8"))
    text = place.read_text(encoding="utf-8")
    title = re.sub(r"[^\w\- ]", "", re.match("# (.*)", text).group(1).lower()).replace(" ", "-")
    assert sorted(leads) == sorted(anchors(place) - {title})


# ---- names ----


def names_in(path):
    """What a source file defines at any depth: functions, classes, constants, attributes."""
    text = path.read_text()
    found = set(re.findall(r"^ *(?:def|class) (\w+)", text, re.M))
    return found | set(re.findall(r"^ *(?:self\.)?(\w+) = ", text, re.M))


def where_tables():
    """The tables of "Where in the code" whose last column is "where": heading, and rows of the
    number and that column."""
    for part in documents.INTERNALS.read_text(encoding="utf-8").split("\n## ")[1:]:
        rows = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", part, re.M)
        if "| where |" in part:
            yield part.split("\n")[0], rows


def test_the_tables_of_where_lead_somewhere():
    tables = dict(where_tables())
    assert len(tables["The ten rules of the engine"]) == 10
    assert len(tables) == 3
    for heading, rows in tables.items():
        assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1)), heading
        for number, where in rows:
            known = None
            count = 0
            for word in re.findall(r"`([^`]+)`", where):
                if word.endswith(".py"):
                    known = names_in(LIB / word)
                else:
                    count += 1
                    for part in word.split("."):
                        assert part in known, "%s %s: %s" % (heading, number, word)
            assert count, "%s %s names nothing" % (heading, number)


def test_a_byte_is_followed_through_at_most_four_files():
    ways = {heading: rows for heading, rows in where_tables() if heading.startswith("The way of")}
    assert len(ways) == 2
    for heading, rows in ways.items():
        files = {word for _, where in rows for word in re.findall(r"`([^`]+\.py)`", where)}
        # stream.py is the upper half of Socket: what its methods are called, no step of a byte. A
        # dialect says what a command is, and moves nothing.
        steps = {file for file in files if file != "stream.py" and "dialects/" not in file}
        assert len(steps) == 4, (heading, files)


def imports_between(rooms):
    """{(room, room)}: who imports whom when it is loaded. `rooms` maps a file, or a folder with a
    slash, to its room."""

    def room(path):
        file = path.relative_to(LIB)
        names = [file.as_posix(), *(each.as_posix() + "/" for each in file.parents)]
        return next((rooms[name] for name in names if name in rooms), None)

    found = set()
    for path in LIB.rglob("*.py"):
        for each in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(each, ast.ImportFrom) and each.module.split(".")[0] == "quectel":
                names = [each.module] + ["%s.%s" % (each.module, name.name) for name in each.names]
                for name in names:
                    file = LIB.parent / (name.replace(".", "/") + ".py")
                    package = file.with_suffix("") / "__init__.py"
                    found |= {(room(path), room(p)) for p in (file, package) if p.is_file()}
    return {(one, other) for one, other in found if one and other and one != other}


def reached(arrows, room):
    """All rooms that arrows lead to from this one."""
    found = set()
    ahead = [room]
    while ahead:
        here = ahead.pop()
        new = {other for one, other in arrows if one == here} - found
        found |= new
        ahead += new
    return found


def test_the_picture_of_the_layers_is_that_of_the_imports():
    text = documents.INTERNALS.read_text(encoding="utf-8")
    picture = re.search(r"```mermaid\nflowchart TD\n(.*?)```", text, re.S).group(1)
    labels = dict(re.findall(r'^    (\w+)\["([^":]+)', picture, re.M))
    rooms = {file: room for room, label in labels.items() for file in label.split(", ")}
    assert all((LIB / file).exists() for file in rooms), rooms
    drawn = set(re.findall(r"^    (\w+) -->(?:\|.*?\|)? (\w+)$", picture, re.M))
    drawn = {(one, other) for one, other in drawn if {one, other} <= set(labels)}
    imported = imports_between(rooms)
    assert drawn - imported == set(), "drawn, but no import"
    assert {each for each in imported if each[1] not in reached(drawn, each[0])} == set()
    assert [room for room in labels if room in reached(drawn, room)] == [], "not one way"


def test_the_pictures_of_states_have_every_state():
    text = documents.INTERNALS.read_text(encoding="utf-8")
    pictures = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", text, re.S)
    interface, connection = [
        set(re.findall(r"[A-Z_]+(?= -->)|(?<=--> )[A-Z_]+", picture)) for picture in pictures
    ]
    code = (LIB / "connection.py").read_text()
    states = re.findall(r"^([A-Z]+) = const\(\d\)$", code, re.M)
    assert len(states) == 6
    assert connection == set(states)
    assert interface == set(re.findall(r"^    (STAT_\w+) = ", (LIB / "nic.py").read_text(), re.M))


def lazy_methods(file):
    """METHODS of a class, and BRIEF: each name, and the file that has it as a function."""
    tables = {
        statement.targets[0].id: statement.value
        for statement in ast.parse((LIB / file).read_text()).body
        if isinstance(statement, ast.Assign)
    }
    methods = ast.literal_eval(tables["METHODS"])
    if "BRIEF" in tables:
        names = ast.literal_eval(tables["BRIEF"])
        methods.update({name: "bringup." + name for name in names})
    return methods


def lazy_path(place):
    return LIB / (place.replace(".", "/") + ".py")


def lazy_attributes(file):
    """What `__getattr__` of a class has besides, so that no method of its own is needed."""
    return set(re.findall(r'\bname == "(\w+)"', (LIB / file).read_text()))


# What the text calls an object, its file with METHODS, and its other files.
OWNERS = (("nic", "nic.py", ()), ("s", "socket.py", ("stream.py",)))


@pytest.mark.parametrize("file", [file for _, file, _ in OWNERS])
def test_every_lazy_method_is_a_function_of_its_file(file):
    for name, place in lazy_methods(file).items():
        functions = {
            statement.name: statement
            for statement in ast.parse(lazy_path(place).read_text()).body
            if isinstance(statement, ast.FunctionDef)
        }
        assert name in functions, "%s: %s" % (place, name)
        assert ast.get_docstring(functions[name]), "%s: %s" % (place, name)


@pytest.mark.parametrize("path", WITH_BLOCKS, ids=name_of)
def test_methods_exist(path):
    """`nic.name` and `s.name` in the text are there in the code."""
    text = path.read_text(encoding="utf-8")
    for owner, file, more in OWNERS:
        known = set(lazy_methods(file)) | lazy_attributes(file)
        for each in (file, *more):
            known |= names_in(LIB / each)
        for name in re.findall(r"(?<![\w.])%s\.(?!py\b)(\w+)" % owner, text):
            assert name in known, "%s.%s" % (owner, name)


def public(file, kind):
    """The methods of a class that have a docstring and are meant for programs."""
    text = (LIB / file).read_text().split("class %s" % kind)[1]
    return re.findall(r"^    def ([a-z]\w*)\(self.*?\):\n +\"\"\"", text, re.M | re.S)


def test_every_socket_method_is_shown():
    text = documents.text()
    # What the driver's other files need of a socket.
    internal = {"check_usable", "is_open", "open", "finish_opening", "become", "blocks"}
    internal |= {"timeout_ms", "send_waiting", "finish_sending", "wait"}
    shown = public("socket.py", "Socket") + public("stream.py", "Stream")
    for name in {*shown, *lazy_methods("socket.py")} - internal:
        assert re.search(r"\b%s\b" % name, text), name


def test_every_method_of_the_interface_is_shown():
    text = documents.text()
    for name in lazy_methods("nic.py"):
        assert re.search(r"\bnic\.%s\b" % name, text), name
