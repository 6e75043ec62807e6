"""The examples for drivers in other languages: built with the commands of their page, and run."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.vmodule.canned import Answers

from .endtoend import PATIENCE, ROOT, Echo, Process
from .host import Host

EXAMPLES = Path(ROOT) / "tools" / "vmodule" / "examples"
PAGE = (EXAMPLES / "README.md").read_text()


def built(command, output, folder):
    """Run a compiler's command of the page, with warnings as errors; what it has made."""
    line = re.search(r"^    (%s .*)$" % re.escape(command), PAGE, re.M).group(1)
    words = line.replace("tools/vmodule/examples/", "").split()
    if not shutil.which(words[0]):
        pytest.skip("no %s here (Debian: apt-get install g++)" % words[0])
    made = folder / output
    words[words.index("-o") + 1] = str(made)
    words[1:1] = ["-Wall", "-Wextra", "-Werror"]
    done = subprocess.run(words, cwd=EXAMPLES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return str(made)


@pytest.fixture
def modem(tmp_path):
    """A virtual module with a fixed name that knows an echo server."""
    server = Echo()
    host = "echo.example=127.0.0.1:%d" % server.port
    name = str(tmp_path / "modem")
    with Process("--pty", "--symlink", name, "--host", host, "--latency", "2") as address:
        yield address
    server.close()


def test_c(tmp_path, modem):
    program = built("cc", "echo", tmp_path)
    for text in ("hello from C", "OK"):
        words = [program, modem, "echo.example", "7", text]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stdout) == (0, text + "\n"), done.stderr


def test_c_says_what_went_wrong(tmp_path, modem):
    program = built("cc", "echo", tmp_path)
    words = [program, modem, "nobody.example", "7", "x"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (1, "echo: AT+QIOPEN: +QIOPEN: 0,565\n")


def test_arduino(tmp_path, modem):
    sketch = built("g++", "sketch", tmp_path)
    process = subprocess.Popen([sketch, modem], stdout=subprocess.PIPE, text=True)
    try:
        said = [process.stdout.readline() for _ in range(2)]
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
    assert said == ["hello from a sketch\n", "done\n"]


def test_the_answers_of_the_page_can_be_read():
    block = re.search(r"`--answers FILE` .*?\n\n((?:    .*\n|\n)+)", PAGE).group(1)
    host = Host()
    host.module.answers = Answers(re.sub("^    ", "", block, flags=re.M), "the page")
    host.module.answers.refuse_known(host.module)
    assert host.ask("AT+QGPS=1") == ["OK"]
    assert host.ask("AT+QGPSLOC=2") == ["+CME ERROR: 516"]
    assert len(host.ask("AT+QGPSLOC=2")) == 2
