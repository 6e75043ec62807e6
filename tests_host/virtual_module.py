"""The virtual module as a process, for tests that need no more of it than its line."""

import contextlib

import end_to_end


@contextlib.contextmanager
def virtual_module(dialect, interpreter, *options):
    """Start the virtual module with a line this interpreter can open; yields MODEM."""
    with end_to_end.module(interpreter, *options, dialect=dialect) as module:
        yield module.modem
