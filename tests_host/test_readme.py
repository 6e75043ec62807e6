"""What the READMEs show runs, what they name exists, and where they point there is something.

Every ```python block runs as it stands. An HTML comment on the line before says what it needs:

    <!-- run: with nic -->          nic is a connected interface
    <!-- run: with nic, s -->       and s a TCP socket, connected to an echo server
    <!-- run: with nic, on micropython -->     only there
    <!-- not run: why -->
"""

import ast
import contextlib
import re
import socket
import threading

import interpreters
import pytest
from test_first_program import web_server
from virtual_module import virtual_module

TOP = interpreters.TOP
LIB = interpreters.LIB / "quectel"
PROGRAM = interpreters.HERE / "programs" / "readme_block.py"
WITH_BLOCKS = (TOP / "README.md", LIB / "README.md")
ALL = sorted(
    path
    for path in TOP.rglob("*.md")
    if not any(part.startswith(".") for part in path.relative_to(TOP).parts)
)
_ORDER = re.compile(r"<!-- (?:run: with (nic(?:, s)?)(, on micropython)?|not run: (.+)) -->")


class Block:
    """A fenced block: where it is, in which language, and what the comment before it orders."""

    def __init__(self, path, first, language, order):
        self.path = path
        self.first = first  # the number of its first line
        self.last = first
        self.language = language
        found = _ORDER.fullmatch(order) if order.startswith("<!--") else None
        assert found or not order.startswith("<!--"), "%s:%d %s" % (path, first, order)
        self.context, self.micropython, self.reason = found.groups() if found else (None,) * 3

    @property
    def name(self):
        return "%s:%d" % (self.path.relative_to(TOP), self.first)


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


def python_blocks():
    return [b for path in WITH_BLOCKS for b in blocks(path) if b.language == "python"]


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


def runnable(micropython):
    """A parameter: the blocks that run anywhere, or those for MicroPython only."""
    wanted = [
        block
        for block in python_blocks()
        if not block.reason and bool(block.micropython) == micropython
    ]
    return pytest.mark.parametrize("block", wanted, ids=lambda block: block.name)


def run(block, interpreter):
    words = [block.path, block.first, block.last]
    if block.context:
        words += block.context.split(", ")
    with web_server() as web, echo_server() as echo:
        options = ["--host", "example.com=127.0.0.1:%d" % web]
        options += ["--host", "echo.example=127.0.0.1:%d" % echo]
        with virtual_module("bg95", interpreter, *options) as modem:
            env = {"MODEM": modem, "MODULE": "BG95S5"}
            done = interpreters.run_program(interpreter, PROGRAM, env=env, args=words, timeout=600)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("the block ran to its end\n"), done.stdout


@pytest.mark.interpreters("cpython", "unix")
@runnable(micropython=False)
def test_block(block, interpreter):
    run(block, interpreter)


@pytest.mark.interpreters("unix")
@runnable(micropython=True)
def test_block_for_micropython(block, interpreter):
    run(block, interpreter)


def test_both_readmes_have_blocks():
    for path in WITH_BLOCKS:
        assert any(block.path == path for block in python_blocks())


# ---- links ----


def anchors(path):
    """The fragments that the headings of a file can be reached by."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ +(.*?) *$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(TOP)))
def test_links_resolve(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, fragment = target.partition("#")
        there = (path.parent / place).resolve() if place else path
        assert TOP in (there, *there.parents), target
        assert there.exists(), target
        if fragment:
            assert fragment in anchors(there), target


# ---- names ----


def names_in(path):
    """What a source file defines at any depth: functions, classes, constants, attributes."""
    text = path.read_text()
    found = set(re.findall(r"^ *(?:def|class) (\w+)", text, re.M))
    return found | set(re.findall(r"^ *(?:self\.)?(\w+) = ", text, re.M))


def where_tables():
    """The tables of "Where in the code" whose last column is "where": heading, and rows of the
    number and that column."""
    text = (LIB / "README.md").read_text(encoding="utf-8")
    for part in text.split("\n## Where in the code\n")[1].split("\n### ")[1:]:
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
        # stream.py is the upper half of Socket: what its methods are called, no step of a byte.
        assert len(files - {"stream.py"}) == 4, (heading, files)


def test_the_picture_of_states_has_every_state():
    text = (LIB / "README.md").read_text(encoding="utf-8")
    picture = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", text, re.S).group(1)
    code = (LIB / "connection.py").read_text()
    states = re.findall(r"^([A-Z]+) = const\(\d\)$", code, re.M)
    assert len(states) == 6
    assert set(re.findall(r"[A-Z]+(?= -->)|(?<=--> )[A-Z]+", picture)) == set(states)


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


@pytest.mark.parametrize("path", WITH_BLOCKS, ids=lambda path: str(path.relative_to(TOP)))
def test_methods_exist(path):
    """`nic.name` and `s.name` in the text are there in the code."""
    text = path.read_text(encoding="utf-8")
    for owner, file, others in OWNERS:
        known = set(lazy_methods(file)) | lazy_attributes(file)
        for each in (file, *others):
            known |= names_in(LIB / each)
        for name in re.findall(r"(?<![\w.])%s\.(?!py\b)(\w+)" % owner, text):
            assert name in known, "%s.%s" % (owner, name)


def public(file, kind):
    """The methods of a class that have a docstring and are meant for programs."""
    text = (LIB / file).read_text().split("class %s" % kind)[1]
    return re.findall(r"^    def ([a-z]\w*)\(self.*?\):\n +\"\"\"", text, re.M | re.S)


def test_every_socket_method_is_shown():
    text = (LIB / "README.md").read_text(encoding="utf-8")
    # What the driver's other files need of a socket.
    internal = {"check_usable", "is_open", "open", "finish_opening", "become", "blocks"}
    internal |= {"timeout_ms", "send_waiting", "finish_sending", "wait"}
    shown = public("socket.py", "Socket") + public("stream.py", "Stream")
    for name in {*shown, *lazy_methods("socket.py")} - internal:
        assert re.search(r"\b%s\b" % name, text), name


def test_every_method_of_the_interface_is_shown():
    text = (LIB / "README.md").read_text(encoding="utf-8")
    for name in lazy_methods("nic.py"):
        assert re.search(r"\bnic\.%s\b" % name, text), name
