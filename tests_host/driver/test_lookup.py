"""Names of the package: what is no name of it is looked for nowhere, and what a program does not
use is not loaded."""

import builtins
import os
import sys

import quectel
from scripted import ScriptedUART


class Imports:
    """Counts what is imported while it is in place."""

    def __init__(self):
        self.names = []
        self._import = builtins.__import__

    def __call__(self, name, *args):
        self.names.append(name)
        return self._import(name, *args)

    def __enter__(self):
        builtins.__import__ = self
        return self

    def __exit__(self, *error):
        builtins.__import__ = self._import


def test_a_name_that_is_not_there_is_looked_for_nowhere():
    loaded = sorted(sys.modules)
    with Imports() as imports:
        for name in (
            "append",
            "os",
            "machine",
            "socketpair",
            "Modem",
            "bg95",
            "__path",
            "x.y",
            "",
        ):
            try:
                getattr(quectel, name)
            except AttributeError:
                continue
            raise AssertionError(name)
    assert imports.names == []
    assert sorted(sys.modules) == loaded


def test_what_dir_asks_for_loads_no_dialect_that_nobody_names():
    dir(quectel)
    assert "quectel.dialects.rm500u" not in sys.modules


def _source():
    # What runs may be .mpy.
    for path in sys.path:
        try:
            os.stat(path + "/quectel/__init__.py")
        except OSError:
            continue
        return path + "/quectel"
    raise AssertionError("no source")


def test_every_name_that_is_imported_is_known():
    # MicroPython asks for it as an attribute before it looks for a file.
    folder = _source()
    wanted = set()
    names = os.listdir(folder)
    for room in ("bringup", "config", "dialects", "modes", "services"):
        names += [room + "/" + name for name in os.listdir(folder + "/" + room)]
    for name in names:
        if name.endswith(".py") or name.endswith(".md"):
            with open(folder + "/" + name) as file:
                for line in file:
                    if line.strip().startswith("from quectel import "):
                        wanted.update(line.split("import ")[1].strip().split(", "))
    assert len(wanted) > 5
    unknown = wanted.difference(quectel._FILES, ("load", "unload", "deferred", "detect"))
    assert sorted(unknown) == [], unknown


def test_a_dialect_loads_no_file_of_another_kind():
    quectel.BG95S5(ScriptedUART([]))
    names = [name for name in sys.modules if name.startswith("quectel.dialects.")]
    assert names == ["quectel.dialects.bg95"], names


def test_a_trace_alone_loads_what_masks():
    quectel.BG95S5(ScriptedUART([]))
    assert "quectel.services.masking" not in sys.modules
    quectel.BG95S5(ScriptedUART([]), trace=print)
    assert "quectel.services.masking" in sys.modules


def test_a_method_in_a_file_is_the_sockets_own_from_its_first_call():
    nic = quectel.BG95S5(ScriptedUART([]))
    sock = nic.socket()
    get = sock.getsockopt
    assert not hasattr(quectel.socket.Socket, "getsockopt")
    assert get(nic.SOL_SOCKET, nic.SO_ERROR) == 0
    assert hasattr(quectel.socket.Socket, "getsockopt")
    assert nic.socket().getsockopt(nic.SOL_SOCKET, nic.SO_ERROR) == 0
