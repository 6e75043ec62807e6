"""The tables of what each document has: they are what tools/support_table.py writes, they
say of every command, form and URC what the documents say (support_rows.py, typed from them on
its own), and every name in them is there."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import documents
import pytest
from end_to_end import MODELS
import support_rows
from interpreters import run_program
from test_readme import echo_server, lazy_attributes
from virtual_module import virtual_module

TOP = Path(__file__).resolve().parent.parent
BEGIN = "<!-- support: begin"
END = "<!-- support: end"
# The columns as the tables head them: the key in support_rows, and the classes.
COLUMNS = {
    "bc95: BC65, BC95GR": ("bc95", ("BC65", "BC95GR")),
    "bc95: BC92": ("bc92", ("BC92",)),
    "bc20: BC20": ("bc20", ("BC20",)),
    "bg95: BG95S5": ("bg95", ("BG95S5",)),
    "bc25: BC25, BC32": ("bc25", ("BC25", "BC32")),
    "rm500u: RG200U, RG500U, RM500U": ("rm500u", ("RG200U", "RG500U", "RM500U")),
}
# Of nic.config, besides the tables of the dialects.
OWN = ("keepalive", "qidnscfg", "apn")
# What the tables call an object: the file and the name of its class, or a file with functions.
CLASSES = {"nic": ("nic", "Nic"), "s": ("socket", "Socket")}
FILES = {"forms": "services.forms", "direct": "modes.direct"}


def region(text):
    return text[text.index(BEGIN) : text.index(END)]


def table(text):
    """{row: (names, a word for each column)}; every table has the same columns."""
    found = {}
    for line in region(text).split("\n"):
        cells = [cell.strip() for cell in line.split(" | ")]
        cells[0], cells[-1] = cells[0].lstrip("| "), cells[-1].rstrip("| ")
        if not line.startswith("| "):
            assert not line.startswith("|") or set(line) == set("|-"), line
        elif not cells[0]:
            assert cells[1:] == ["reached by", *COLUMNS], line
        else:
            name = cells[0].replace("`", "")
            assert name not in found, "twice: " + name
            found[name] = (cells[1], cells[2:])
    return found


@pytest.fixture(scope="module")
def rows():
    return table(documents.AT_COMMANDS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def driver():
    """The driver on CPython, with the shim for MicroPython's own modules."""
    paths = [str(TOP / "lib"), str(TOP / "tests_host" / "shim")]
    sys.path[:0] = paths
    yield lambda name: importlib.import_module("quectel." + name)
    for path in paths:
        sys.path.remove(path)


def test_the_table_is_up_to_date():
    command = [sys.executable, str(TOP / "tools" / "support_table.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_row_and_nothing_else(rows):
    assert sorted(set(support_rows.ROWS) - set(rows)) == []
    assert sorted(set(rows) - set(support_rows.ROWS)) == []


def commands_in(tree):
    """The names of the commands in a source: in bytes, and in the text given to nic.command."""
    texts = []
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, bytes):
            texts.append(each.value.decode("latin-1"))
        elif isinstance(each, ast.Call) and ast.unparse(each.func) == "nic.command":
            texts.append(ast.unparse(each.args[0]))
    return re.findall(r"AT(?:\+\w+|&\w|[A-Z]\d?)", " ".join(texts))


def test_every_command_that_the_driver_sends_is_on_the_page():
    page = documents.AT_COMMANDS.read_text(encoding="utf-8")
    sent = set()
    for file in (TOP / "lib" / "quectel").rglob("*.py"):
        sent.update(commands_in(ast.parse(file.read_text(encoding="utf-8"))))
    assert len(sent) > 40
    assert [command for command in sorted(sent) if command not in page] == []


def test_every_cell_is_what_the_documents_say(rows):
    keys = [key for key, _ in COLUMNS.values()]
    for name, having in support_rows.ROWS.items():
        assert set(having.split()) <= set(keys), name
        words = ["yes" if key in having.split() else "absent" for key in keys]
        assert rows[name][1] == words, name


def test_every_row_names_what_reaches_it(rows):
    for name, (names, _) in rows.items():
        assert re.search(r"`(?:nic|s|forms|direct)\.\w+", names) or "`dtr=`" in names, name


def owned(driver, owner, name):
    """What `owner.name` is in the text: a method, maybe one that is loaded when it is called, or a
    function of a file."""
    if owner in FILES:
        return getattr(driver(FILES[owner]), name)
    file, kind = CLASSES[owner]
    module = driver(file)
    if name in module.METHODS:
        return getattr(driver(module.METHODS[name]), name)
    if name in getattr(module, "BRIEF", ()):
        return getattr(driver("bringup." + name), name)
    if (owner, name) == ("nic", "socket"):
        return module.socket.Socket  # each interface has a class of its own that inherits from it
    return getattr(getattr(module, kind), name)


def test_every_name_exists(rows, driver):
    for row, (names, _) in rows.items():
        for owner, name in re.findall(r"(?<![\w.])(nic|s|forms|direct)\.(\w+)", names):
            if owner in CLASSES and name in lazy_attributes(CLASSES[owner][0] + ".py"):
                continue
            try:
                owned(driver, owner, name)
            except AttributeError as e:
                raise AssertionError("%s: %s.%s" % (row, owner, name)) from e
        for owner, name, words in re.findall(r"(nic|s|forms|direct)\.(\w+)\(([^()]*)\)", names):
            takes = inspect.signature(owned(driver, owner, name)).parameters
            if name not in ("config", "ipconfig"):
                for word in re.findall(r"(\w+)=", re.sub(r'"[^"]*"', "", words)):
                    assert word in takes, "%s: %s(%s=)" % (row, name, word)
    assert "dtr" in inspect.signature(driver("nic").Nic).parameters


def test_every_parameter_of_config_exists(rows, driver):
    driver("nic")
    face = sys.modules["quectel"]
    for row, (names, words) in rows.items():
        keys = re.findall(r'nic\.config\((?:\*\*\{)?"([^"]+)"', names)
        keys += re.findall(r"nic\.config\((\w+)=", names)
        for (_, models), word in zip(COLUMNS.values(), words):
            for model in models if word == "yes" else ():
                d = getattr(face, model).DIALECT()
                # A way that only some of the columns need says so.
                ways = keys if "RM500U:" not in names or model[:2] == "RM" else []
                for key in ways:
                    known = key in d.QICFG or key in d.OPTIONS or key in d.QUERIES
                    assert known or key in d.CHOICES or key in OWN, (row, model, key)


@pytest.mark.parametrize("key", MODELS)
def test_every_form_over_the_virtual_module(key, interpreter):
    """What no other end-to-end test sends: the module has read the documents on its own."""
    program = TOP / "tests_host" / "programs" / "every_form.py"
    having = [row for row in support_rows.ROWS if row.endswith("=?")]
    having = [row[:-2] for row in having if key in support_rows.ROWS[row].split()]
    with (
        echo_server() as port,
        virtual_module(key, interpreter, "--host", "echo.example=127.0.0.1:%d" % port) as modem,
    ):
        env = {"MODEM": modem, "MODULE": MODELS[key]}
        done = run_program(interpreter, program, env=env, args=having, timeout=600)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("every form went through\n"), done.stdout
