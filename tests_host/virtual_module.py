"""The virtual module as a process, for tests that run whole programs."""

import contextlib

from module_process import ModuleProcess


@contextlib.contextmanager
def virtual_module(dialect, interpreter, *options):
    """Start the virtual module with a line this interpreter can open; yields MODEM."""
    line = ["--pty"] if interpreter == "wasm" else ["--tcp", "127.0.0.1:0"]
    process = ModuleProcess(["--dialect", dialect, *line, *options])
    try:
        words = process.stdout.readline().split()
        assert words[:1] == ["listening"], words
        yield words[1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
