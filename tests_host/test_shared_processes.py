"""What whole programs share: a Node that runs them, and the process that forks virtual modules."""

import os
import signal
import subprocess
import sys

import interpreters
import pytest
import wasm_player
from module_process import ModuleProcess

NODE = "import js\nprint(js.process.pid)\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the text of a program in a Node that no other test has; returns what came of it."""
    monkeypatch.setattr(wasm_player, "_idle", [])
    program = tmp_path / "program.py"

    def run_text(text, **options):
        program.write_text(text)
        return interpreters.run_program("wasm", program, **options)

    yield run_text
    while wasm_player._idle:
        wasm_player._idle.pop().stop()


@pytest.mark.interpreters("wasm")
def test_programs_share_a_node_and_nothing_else(interpreter, run):
    first = run("import sys\nsys.modules['left'] = sys\nopen('/left', 'w').close()\n" + NODE)
    second = run(
        "import os, sys\nassert 'left' not in sys.modules and 'left' not in os.listdir('/')\n"
        + NODE
    )
    assert (first.returncode, second.returncode) == (0, 0), second.stdout
    assert first.stdout == second.stdout


@pytest.mark.interpreters("wasm")
def test_after_a_failure_comes_another_node(interpreter, run):
    failed = run(NODE + "print('no end', end='')\nraise SystemExit(3)\n")
    assert failed.returncode == 3
    node, rest = failed.stdout.split("\n")
    assert rest == "no end"
    assert run(NODE).stdout.strip() != node


@pytest.mark.interpreters("wasm")
def test_a_node_that_dies_is_a_failure_that_tells_what_was_printed(interpreter, run):
    died = run("import js\nprint('said')\njs.process.exit(0)\n")
    assert (died.returncode != 0, died.stdout) == (True, "said\n")


@pytest.mark.interpreters("wasm")
def test_a_program_that_hangs_is_ended(interpreter, run):
    with pytest.raises(subprocess.TimeoutExpired):
        run("while True:\n    pass\n", timeout=0.01)
    assert run("print('goes on')\n").stdout == "goes on\n"


def test_a_module_tells_its_end():
    ended = ModuleProcess(["--dialect", "bg95", "--tcp", "127.0.0.1:0"])
    assert ended.stdout.readline().startswith("listening ")
    assert ended.poll() is None
    ended.terminate()
    assert (ended.wait(), ended.poll()) == (0, 0)
    refused = ModuleProcess(["--dialect", "bg95"])
    assert refused.wait() == 2
    for process in (ended, refused):
        process.stdout.close()


START = """
import sys
from module_process import ModuleProcess
process = ModuleProcess(["--dialect", "bg95", "--tcp", "127.0.0.1:0"])
process.stdout.readline()
sys.stdout.write("started\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_modules_end_with_the_process_that_started_them():
    starter = subprocess.Popen(
        [sys.executable, "-c", START],
        env=dict(os.environ, PYTHONPATH=str(interpreters.HERE)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout.readline() == "started\n"
    starter.send_signal(signal.SIGKILL)
    assert starter.stderr.read() == ""  # its end comes when the last of them has closed it
    starter.wait()
    for stream in (starter.stdin, starter.stdout, starter.stderr):
        stream.close()
