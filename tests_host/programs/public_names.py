"""Prints what the driver's code offers, as JSON, for the comparison with its stubs.

public_names.py MODULE…: each module's functions, classes and constants, as inspect sees them.
"""

import importlib
import inspect
import json
import re
import sys

import quectel

DUNDERS = ("__init__", "__bool__", "__enter__", "__exit__", "__aenter__", "__aexit__")


class Uart:
    """One that nothing comes from."""

    def any(self):
        return 0

    def readinto(self, buf, nbytes):
        return None

    def write(self, buf, offset, size):
        return None


def public(name):
    return name in DUNDERS or not name.startswith("_")


def signature(function, bound):
    """[name, kind, default or None] of each parameter, without the first where it is bound."""
    parameters = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
    return {
        "async": inspect.iscoroutinefunction(function),
        "parameters": [
            [each.name, each.kind.name, None if each.default is each.empty else repr(each.default)]
            for each in parameters
        ],
    }


def describe(value, bound):
    if inspect.isfunction(value):
        return signature(value, bound)
    return {"value": repr(value)} if isinstance(value, (int, str)) else {"attribute": True}


def members(cls):
    """Of the class and of what it inherits within the driver."""
    found = {}
    for each in reversed(cls.__mro__):
        if each.__module__.startswith("quectel"):
            for name, value in vars(each).items():
                if public(name):
                    found[name] = describe(value, True)
    return found


def deferred(methods):
    """Those that a table METHODS leads to."""
    return {
        name: signature(getattr(quectel.load(place), name), True)
        for name, place in methods.items()
    }


def fields(instance):
    return {name: {"attribute": True} for name in vars(instance) if public(name)}


def described(name):
    module = importlib.import_module(name)
    found = {"classes": {}, "names": {}}
    # A constant that is imported is told where it is at home.
    own = set(re.findall(r"^(\w+) = ", inspect.getsource(module), re.M))
    for key, value in vars(module).items():
        if not public(key) or inspect.ismodule(value):
            continue
        if inspect.isclass(value):
            if value.__module__ == name and issubclass(value, tuple):
                found["classes"][key] = {"fields": list(value._fields)}
            elif value.__module__ == name:
                found["classes"][key] = {"members": members(value)}
        elif value.__module__ == name if inspect.isfunction(value) else key in own:
            found["names"][key] = describe(value, False)
    return found


def main():
    found = {name: described(name) for name in sys.argv[1:]}
    nic = quectel.BG95S5(Uart())
    sock = nic.socket()
    of_nic = found["quectel.nic"]["classes"]["Nic"]["members"]
    of_nic.update(deferred(quectel.nic.METHODS), **fields(nic))
    of_nic.update(deferred({name: "bringup." + name for name in quectel.nic.BRIEF}))
    of_socket = found["quectel.socket"]["classes"]["Socket"]["members"]
    of_socket.update(deferred(quectel.socket.METHODS), **fields(sock))
    diagnosis = quectel.load("services.diagnose").Diagnosis(print)
    of_diagnosis = found["quectel.services.diagnose"]["classes"]["Diagnosis"]["members"]
    of_diagnosis.update(fields(diagnosis))
    found["quectel.link"]["classes"]["Link"]["members"].update(fields(quectel.link.Link(nic)))
    for line in quectel._DIALECTS:
        for name in line.split()[1:]:
            found["quectel"]["classes"][name] = {"members": members(getattr(quectel, name))}
    print(json.dumps(found))


main()
