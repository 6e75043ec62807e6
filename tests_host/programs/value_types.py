"""Prints of what types the interface's answers are: value_types.py METHOD KEY…, a line for each
key: the key and its answer's type as a stub would write it, or the error's number."""

import sys

import board


def written(value):
    if value is None:
        return "None"
    name = type(value).__name__
    if isinstance(value, tuple) and name == "tuple":
        return "tuple[%s]" % ", ".join(written(each) for each in value)
    if isinstance(value, list):
        return "list[%s]" % ", ".join(sorted({written(each) for each in value}))
    return name


def main(method, *keys):
    nic = board.modem()
    nic.active(True)
    nic.connect("internet")
    while not nic.isconnected():
        if nic.status() < 0:
            raise nic.status("error")
    for key in keys:
        try:
            print("%s\t%s" % (key, written(getattr(nic, method)(key))))
        except OSError as e:
            print("%s\t%d" % (key, e.args[0]))


main(*sys.argv[1:])
