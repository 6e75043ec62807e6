"""The virtual module as a process, for tests that run whole programs against it.

A test starts a `Module` and a peer of end_to_end_peers.py, runs a program of programs/ with the
name of one of its scenarios, and looks at what it printed. A program's last line is `done`.
"""

import contextlib
import signal

import interpreters
import lockstep_module
from module_process import ModuleProcess

PROGRAMS = interpreters.HERE / "programs"
MODELS = {
    "bc95": "BC95GR",
    "bc92": "BC92",
    "bc20": "BC20",
    "bg95": "BG95S5",
    "bc25": "BC25",
    "rm500u": "RM500U",
}
LIMIT = 600  # seconds: ends only what hangs
SLOW = 4  # a byte on the WebAssembly port takes so many times longer


class Module:
    """A virtual module that runs, and programs that are its MCU one after the other."""

    def __init__(self, interpreter, process, modem, model):
        self.interpreter = interpreter
        self.model = model
        self.modem = modem
        self._process = process

    def run(self, program, scenario, *args, limit=LIMIT):
        """Run a scenario; return the lines it printed before `done`."""
        __tracebackhide__ = True
        done = self.start(program, scenario, *args, limit=limit)
        lines = done.stdout.splitlines()
        # The text is in the assertion so that a failure shows what the program said.
        text = "%s %s on %s\n%s" % (program, scenario, self.interpreter, done.stdout)
        assert (done.returncode, lines[-1:]) == (0, ["done"]), text
        return lines[:-1]

    def take_contexts_away(self):
        """The module's network takes every context away."""
        self._process.send_signal(signal.SIGUSR1)

    def start(self, program, scenario, *args, limit=LIMIT):
        """Run a scenario that may end in any way; return its CompletedProcess."""
        return interpreters.run_program(
            self.interpreter,
            PROGRAMS / (program + ".py"),
            env={"MODEM": self.modem, "MODULE": self.model},
            args=[scenario, *args],
            timeout=limit,
            heap="8M",
        )


def amount(interpreter, count):
    """How many of `count` bytes a program carries on this interpreter."""
    return count // SLOW if interpreter == "wasm" else count


@contextlib.contextmanager
def module(interpreter, *options, dialect="bg95"):
    """A virtual module with options of tools.vmodule, on a line that the interpreter can open."""
    line = ["--pty"] if interpreter == "wasm" else ["--tcp", "127.0.0.1:0"]
    process = ModuleProcess(["--dialect", dialect, *line, *options])
    try:
        word, _, address = process.stdout.readline().strip().partition(" ")
        assert word == "listening", "tools.vmodule did not start"
        yield Module(interpreter, process, address, MODELS[dialect])
        assert process.poll() is None, "tools.vmodule ended by itself"
    finally:
        process.terminate()
        process.wait(LIMIT)
        process.stdout.close()


def run_in_virtual_time(interpreter, dialect, program, scenario, *args):
    """Run a scenario beside a virtual module in virtual time, with real sockets behind it; return
    the lines it printed before `done`."""
    __tracebackhide__ = True
    wasm = interpreter == "wasm"
    serve = lockstep_module.terminal if wasm else lockstep_module.lockstep
    with serve(hosts=[]) as place:
        done = interpreters.run_program(
            interpreter,
            PROGRAMS / "on_lockstep.py",
            env={"MODEM" if wasm else "LOCKSTEP": place},
            args=[PROGRAMS / (program + ".py"), MODELS[dialect], dialect, "", scenario, *args],
            path=[interpreters.SUPPORT],
            timeout=LIMIT,
            heap="8M",
        )
    lines = done.stdout.splitlines()
    text = "%s %s on %s\n%s" % (program, scenario, interpreter, done.stdout)
    assert (done.returncode, lines[-1:]) == (0, ["done"]), text
    return lines[:-1]
