"""Runs the test functions of one portable file: the same code on CPython and MicroPython.

    INTERPRETER runner.py FILE [--sample=SAMPLE] [NAME …]

Every test gives one line that starts with `MARK`, the rest of it JSON: the name and `started`,
then the name and `passed` or `failed` with the traceback, and how many scripts were played (see
scripted.Plays). All other output is the tests' own.
A coroutine function is run by asyncio. Exit code 1 says that a test failed.

A test file may put a clock of its own into `sys.modules["time"]` before it imports the driver.
So this file imports neither the driver nor time. With SAMPLE, tests play some cuts only: see
sampling.py.
"""

import gc
import io
import json
import sys

import known_names
from sampling import sampling

MARK = "##test "
SAMPLE = "--sample="


def _say(name, outcome, text="", plays=0):
    told = {"test": name, "outcome": outcome, "text": text, "plays": plays}
    print("%s%s" % (MARK, json.dumps(told)))
    flush = getattr(sys.stdout, "flush", None)
    if flush:
        flush()


def _describe(error):
    """The traceback of an exception as text."""
    if hasattr(sys, "print_exception"):
        out = io.StringIO()
        sys.print_exception(error, out)
        return out.getvalue()
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def test_names(path):
    """The test functions in the order of the file: (name, whether it is a coroutine)."""
    names = []
    with open(path) as lines:
        for line in lines:
            coroutine = line.startswith("async def test_")
            if coroutine or line.startswith("def test_"):
                name = line.split("def ", 1)[1].split("(", 1)[0].strip()
                names.append((name, coroutine))
    return names


def _call(function, coroutine):
    if coroutine:
        import asyncio

        asyncio.run(function())
        if hasattr(asyncio, "new_event_loop") and not hasattr(sys, "getswitchinterval"):
            # MicroPython keeps one loop for good: what a test left in it must not run later.
            asyncio.new_event_loop()
    else:
        function()


def _plays():
    scripted = sys.modules.get("scripted")
    return scripted.Plays.count if scripted else 0


def _run(module, name, coroutine):
    gc.collect()
    known_names.use()
    before = _plays()
    sampling.begin(name)
    virtual_time = sys.modules.get("virtual_time")
    if virtual_time:
        virtual_time.clock.begin()
    _say(name, "started")
    try:
        _call(getattr(module, name), coroutine)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # A full heap leaves no room to describe what happened: free what the test held.
        gc.collect()
        try:
            text = _describe(error)
        except MemoryError:
            gc.collect()
            text = "MemoryError"
        _say(name, "failed", text, _plays() - before)
        return False
    _say(name, "passed", "", _plays() - before)
    return True


def main(path, wanted):
    folder, _, base = path.rpartition("/")
    sys.path.insert(0, folder or ".")
    tests = test_names(path)
    if wanted and wanted[0].startswith(SAMPLE):
        sampling.use(wanted.pop(0)[len(SAMPLE) :])
    if wanted:
        tests = [test for test in tests if test[0] in wanted]
    try:
        module = __import__(base[: -len(".py")])
    except BaseException as error:
        text = _describe(error)
        for name, _ in tests:
            _say(name, "failed", text)
        return 1
    results = [_run(module, name, coroutine) for name, coroutine in tests]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
