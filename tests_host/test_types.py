"""What an editor says with the stubs: pyright, strictly, with the stubs of MicroPython's ports.

A port's check is one run of pyright over a folder that is put together for it: a user's program,
wrong calls, what the READMEs show, the boards of that port, the examples with each of them. Each
test looks at what was said of its part.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys

import interpreters
import others
import pytest
import test_readme
from test_readme import echo_server, web_server
from virtual_module import virtual_module

TYPES = interpreters.HERE / "types"
BOARDS = interpreters.TOP / "boards"
OTHERS = TYPES / "others"  # what the examples import, and the ports' stubs do not have, or in part
# The ports, and the folders of boards/ that are for them; a PC is no port's, and checked with one.
BOARDS_OF = {
    "rp2": ("rp2", "pico_lte", "unix"),
    "esp32": ("esp32",),
    "stm32": ("stm32",),
    "samd": ("samd",),
}
PORTS = tuple(BOARDS_OF)


# What a document shows is short: it need not say the types of its parameters, and some of what the
# ports' stubs tell of MicroPython's own modules has none.
UNKNOWN_IN_DOCUMENTS = (
    "reportUnknownArgumentType",
    "reportUnknownMemberType",
    "reportUnknownParameterType",
    "reportUnknownVariableType",
    "reportMissingParameterType",
    "reportMissingTypeStubs",
)
# A board's settings are there to be changed: one is compared with what it is not now. And
# sys.implementation._machine is how MicroPython tells which board it is.
OF_BOARDS = ("reportUnnecessaryComparison", "reportPrivateUsage")


def config(port, **settings):
    """pyright's settings for a folder: strict, with the driver and a port's stubs."""
    found = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "pythonPlatform": "Linux",
        "extraPaths": [str(interpreters.LIB)],
        # MicroPython's modules are firmware: there are stubs of them alone.
        "reportMissingModuleSource": "none",
    }
    if port:
        found["typeshedPath"] = found["stubPath"] = others.command("stubs of " + port)
    return dict(found, **settings)


def check(folder):
    """[(file, line, rule, text)] of what pyright says of a folder with a pyrightconfig.json."""
    # It is over before code that the optimizing compiler made would pay for it.
    words = ["node", "--no-opt", others.command("pyright")]
    words += ["--project", str(folder), "--outputjson"]
    # Not what happens to be installed for this machine's own Python.
    words += ["--pythonpath", sys.executable]
    done = subprocess.run(
        words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    said = json.loads(done.stdout)
    assert said["summary"]["filesAnalyzed"], done.stdout
    return [
        (
            os.path.relpath(each["file"], os.path.realpath(folder)),
            each["range"]["start"]["line"] + 1,
            each.get("rule", each["severity"]),
            each["message"],
        )
        for each in said["generalDiagnostics"]
    ]


def listed(said):
    return "\n".join("%s:%d: %s: %s" % each for each in said)


def test_the_readme_tells_these_settings():
    text = (interpreters.TOP / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^      \{\n.*?^      \}$", text, re.M | re.S)
    editor, project = [json.loads(each) for each in found]
    ours = config("rp2")
    assert project["typeshedPath"] == project["ignore"][0] == "typings"
    for name in ("typeCheckingMode", "reportMissingModuleSource"):
        assert project[name] == ours[name]
    assert editor["python.analysis.typeCheckingMode"] == ours["typeCheckingMode"]
    assert editor["python.analysis.typeshedPaths"] == editor["python.analysis.ignore"]


# ---- the stubs ----


@pytest.mark.parametrize("port", [*PORTS, None], ids=lambda port: port or "cpython")
def test_the_stubs_are_clean(port, tmp_path):
    lib = tmp_path / "lib"
    for path in interpreters.LIB.rglob("*.pyi"):
        copy = lib / path.relative_to(interpreters.LIB)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    settings = config(port, include=["lib"], extraPaths=[str(lib)])
    # A name that stubs alone have begins with an underscore, whichever of them it is from.
    settings["reportPrivateUsage"] = "none"
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    said = check(tmp_path)
    assert not said, listed(said)


# ---- a folder for each port ----


GIVEN = """\
import quectel.nic
import quectel.socket

nic: quectel.nic.Nic
s: quectel.socket.Socket
"""


def readme_blocks(folder):
    """A file for each Python block of the READMEs: the line before it imports what it has at
    hand."""
    folder.mkdir()
    (folder / "given.pyi").write_text(GIVEN)
    for block in test_readme.python_blocks():
        text = block.text()
        # What is right on one port alone: its pins; the `network` of a port with Wi-Fi.
        if block.reason == test_readme.PINS or "import network\n" in text:
            continue
        given = ", ".join(block.names) or ("nic" if block.reason else "")
        first = "from given import " + given if given else ""
        first += "  # pyright: ignore[reportUnusedImport]"
        name = "%s_%s_%d.py" % (block.path.parent.name, block.path.stem, block.first)
        (folder / name).write_text(first + "\n" + text)


def examples():
    """The folder of the examples, which need a `board`."""
    (found,) = [path.parent for path in BOARDS.rglob("online.py")]
    return found


def has_board(name):
    return (BOARDS / name / "board.py").exists()


def put_together(port, folder):
    """Everything that a port's stubs must know; returns pyright's settings for it."""
    shutil.copytree(
        TYPES, folder / "types", ignore=shutil.ignore_patterns("__pycache__", "others")
    )
    readme_blocks(folder / "readme")
    typings = folder.parent / (folder.name + "-typings")
    shutil.copytree(others.command("stubs of " + port), typings)
    for ours in OTHERS.glob("*.pyi"):
        shutil.rmtree(typings / ours.stem, ignore_errors=True)  # a folder would go before it
    shutil.copytree(OTHERS, typings, dirs_exist_ok=True)
    paths = [str(interpreters.LIB)]
    environments = [{"root": "readme", "extraPaths": [str(folder / "readme"), *paths]}]
    for name in BOARDS_OF[port]:
        board = BOARDS / name
        if has_board(name):
            shutil.copytree(examples(), folder / "examples" / name)
            (folder / "boards" / name).mkdir(parents=True)
            for program in ("board.py", "main.py"):
                if (board / program).exists():
                    shutil.copy(board / program, folder / "boards" / name / program)
            for root in ("boards/" + name, "examples/" + name):
                environments.append({"root": root, "extraPaths": [str(board), *paths]})
    environments.append({"root": "."})
    return config(port, stubPath=str(typings), executionEnvironments=environments)


@pytest.fixture(scope="module")
def said_of(tmp_path_factory):
    """A function: what pyright says of a part of a port's folder."""

    @functools.lru_cache(maxsize=None)
    def everything(port):
        folder = tmp_path_factory.mktemp(port)
        (folder / "pyrightconfig.json").write_text(json.dumps(put_together(port, folder)))
        return folder, check(folder)

    def said(port, part):
        folder, found = everything(port)
        assert (folder / part).exists(), part
        return [each for each in found if (each[0] + "/").startswith(part + "/")]

    return said


@pytest.mark.parametrize("port", PORTS)
def test_a_users_program_is_clean(port, said_of):
    said = said_of(port, "types/user_program.py")
    assert not said, listed(said)


@pytest.mark.parametrize("port", PORTS)
def test_wrong_calls_are_flagged(port, said_of):
    lines = (TYPES / "wrong_calls.py").read_text(encoding="utf-8").splitlines()
    wanted = {}
    for number, line in enumerate(lines, 1):
        found = re.search(r"  #: (\w+)$", line)
        if found:
            wanted[number] = found.group(1)
    assert len(wanted) > 50
    said = said_of(port, "types/wrong_calls.py")
    found = {}
    for _, number, rule, _ in said:
        found.setdefault(number, set()).add(rule)
    assert set(found) == set(wanted), listed(said)
    for number, rule in wanted.items():
        assert rule in found[number], lines[number - 1]


@pytest.mark.parametrize("port", PORTS)
def test_what_the_readmes_show_is_clean(port, said_of):
    said = [each for each in said_of(port, "readme") if each[2] not in UNKNOWN_IN_DOCUMENTS]
    assert not said, listed(said)


@pytest.mark.parametrize(
    ("port", "board"),
    [(port, name) for port, names in BOARDS_OF.items() for name in names if has_board(name)],
)
def test_a_board_and_its_examples_are_clean(port, board, said_of):
    for part, more in (("boards", OF_BOARDS), ("examples", ())):
        found = said_of(port, "%s/%s" % (part, board))
        said = [each for each in found if each[2] not in more]
        assert not said, listed(said)


def test_every_board_is_checked_with_its_port():
    known = {name for names in BOARDS_OF.values() for name in names}
    assert {path.parent.name for path in BOARDS.glob("*/board.py")} <= known


# ---- and the types are right ----


@pytest.mark.interpreters("cpython", "unix")
def test_the_users_program_runs(interpreter):
    """What was said of it clean is no fault of the checker's: every call is made."""
    program = TYPES / "user_program.py"
    last = len(program.read_text(encoding="utf-8").splitlines())
    with web_server() as web, echo_server() as echo:
        options = ["--host", "example.com=127.0.0.1:%d" % web]
        options += ["--host", "echo.example=127.0.0.1:%d" % echo]
        with virtual_module("bg95", interpreter, *options) as modem:
            done = interpreters.run_program(
                interpreter,
                test_readme.PROGRAM,
                env={"MODEM": modem, "MODULE": "BG95S5"},
                args=[program, 1, last],
                timeout=600,
            )
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("the block ran to its end\n"), done.stdout
