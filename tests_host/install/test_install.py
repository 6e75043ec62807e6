"""The package installs with mpremote, from package.json alone, and imports on the board."""

import json
import os
import re
import subprocess
import sys
import tty
from pathlib import Path

import interpreters
import pytest

from tools import manifest

HERE = Path(__file__).resolve().parent
TOP = interpreters.TOP


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
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", device, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


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


def test_changelog_knows_the_version():
    assert "## %s" % manifest.version() in (TOP / "CHANGELOG.md").read_text()


def test_mpremote_installs_it(board):
    device, lib = board
    mpremote(device, "mip", "install", str(manifest.MANIFEST))
    urls = json.loads(manifest.MANIFEST.read_text())["urls"]
    installed = sorted(path.relative_to(lib).as_posix() for path in lib.rglob("*.py"))
    assert installed == sorted(target for target, _ in urls)
    for target, source in urls:
        assert (lib / target).read_bytes() == (TOP / source).read_bytes()
    code = "import quectel; print(quectel.__file__, quectel.__version__)"
    said = mpremote(device, "exec", code).split()
    assert said == [str(lib / "quectel" / "__init__.py"), manifest.version()]
