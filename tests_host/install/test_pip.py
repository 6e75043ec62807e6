"""`pip install .` from a checkout: the driver, its line to a module, and the tools' commands."""

import os
import shutil
import subprocess
import sys
import tty
import venv
from pathlib import Path

import interpreters
import pytest
from vmodule.endtoend import Echo

TOP = interpreters.TOP
TYPES = ("py.typed", "at.pyi", "services/ping.pyi")

FETCH = """
import sys
import time

import modem_line
import quectel

nic = quectel.BG95S5(modem_line.uart(sys.argv[1]))
nic.active(True)
nic.connect("internet")
while not nic.isconnected():
    assert nic.status() >= 0, nic.status("error")
    time.sleep_ms(10)
s = nic.socket()
s.connect(("echo.example", 7))
s.write(b"from a PC")
print(s.read(9), quectel.__file__)
"""


def run(words, **options):
    done = subprocess.run(
        [str(word) for word in words],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        **options,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh virtual environment into which pip has put the package, without a network."""
    folder = tmp_path_factory.mktemp("pip")
    checkout = folder / "checkout"
    # A copy: pip leaves its build in the checkout. Types as an editor wants them are put in.
    names = ("LICENSE", "README.md", "boards", "lib", "pyproject.toml", "tests_host", "tools")
    for name in names:
        if (TOP / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(TOP / name, checkout / name, ignore=ignored)
        else:
            checkout.mkdir(exist_ok=True)
            shutil.copy(TOP / name, checkout / name)
    for name in TYPES:
        (checkout / "lib" / "quectel" / name).touch()
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    # The build backend is the one that tools/setup has put beside pytest, and so is pip: to
    # install another pip costs more than the package.
    backend = str(Path(pytest.__file__).resolve().parent.parent)
    words = [python, "-m", "pip", "install", "--no-index", "--no-build-isolation", "."]
    code, said = run(words, cwd=checkout, env=dict(os.environ, PYTHONPATH=backend))
    assert code == 0, said
    return python


def python(installed, *words):
    """Run the fresh Python, which knows nothing of the checkout."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return run([installed, *words], env=env, cwd=installed.parent)


@pytest.fixture(scope="module")
def module(installed):
    """A virtual module, started by its installed command, that knows a server which echoes."""
    server = Echo()
    words = [installed.parent / "quectel-vmodule", "--dialect", "bg95", "--tcp", "127.0.0.1:0"]
    words += ["--host", "echo.example=127.0.0.1:%d" % server.port]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=installed.parent)
    try:
        word, _, address = process.stdout.readline().strip().partition(" ")
        assert word == "listening"
        yield address
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        server.close()


def test_every_file_of_the_driver_is_installed(installed):
    code, place = python(installed, "-c", "import quectel; print(quectel.__file__)")
    assert code == 0, place
    there = Path(place.strip()).parent
    assert installed.parent.parent in there.parents
    wanted = {path.relative_to(interpreters.LIB / "quectel") for path in source_files()}
    found = {path.relative_to(there) for path in there.rglob("*")}
    assert found >= wanted | {Path(name) for name in TYPES}
    assert not [path for path in found if path.suffix == ".md"]


def source_files():
    return (interpreters.LIB / "quectel").rglob("*.py")


def test_the_version_is_the_drivers(installed):
    code, said = python(
        installed,
        "-c",
        "from importlib.metadata import version; import quectel; "
        "print(version('quectel') == quectel.__version__)",
    )
    assert (code, said) == (0, "True\n"), said


def test_time_is_complete_once_a_class_was_named(installed):
    code, said = python(
        installed,
        "-c",
        "import time, quectel; quectel.BG95S5; time.sleep_ms(1); print(time.ticks_ms() > 0)",
    )
    assert (code, said) == (0, "True\n"), said


def test_a_program_over_tcp(installed, module):
    code, said = python(installed, "-c", FETCH, module)
    assert code == 0, said
    assert said.startswith("b'from a PC' ")
    assert str(TOP) not in said


def test_the_command_knows_its_name(installed):
    code, said = run([installed.parent / "quectel-vmodule", "--help"])
    assert (code, said.split()[:2]) == (0, ["usage:", "quectel-vmodule"])


def test_pyserial_is_asked_for_where_it_is_needed(installed):
    code, said = python(
        installed, "-c", "import modem_line; modem_line.uart('rfc2217://127.0.0.1:1')"
    )
    assert code == 1
    assert "ImportError" in said and "pip install pyserial" in said


def test_pyserial_carries_the_line(module):
    """In the Python of the tests, which has it: mpremote stands on it."""
    path = [interpreters.LIB, interpreters.BOARD, interpreters.SHIM]
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(str(folder) for folder in path))
    where = module.replace("tcp:", "socket://")
    code, said = run([sys.executable, "-c", FETCH, where], env=env)
    assert code == 0, said
    assert said.startswith("b'from a PC' ")


def test_pyserial_sets_a_speed_without_a_name():
    """A terminal, at a speed that is none of the system's."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    name = os.ttyname(theirs)
    program = (
        "import sys, modem_line\n"
        "line = modem_line.uart(sys.argv[1] + ',250000')\n"
        "print(line)\n"
        "line.write(b'AT')\n"
        "while not line.any(): pass\n"
        "buf = bytearray(9)\n"
        "print(line.readinto(buf), bytes(buf[:2]))\n"
    )
    path = [interpreters.BOARD, interpreters.SHIM]
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(str(folder) for folder in path))
    process = subprocess.Popen(
        [sys.executable, "-c", program, name],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert os.read(ours, 2) == b"AT"
        os.write(ours, b"OK")
        said = process.communicate(timeout=600)[0].splitlines()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert said == ["Line(%s, baudrate=250000, rxbuf=4096)" % name, "2 b'OK'"]
