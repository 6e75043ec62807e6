"""The harness of portable tests tells the truth: about failures, crashes and hangs too."""

import os
import subprocess
import sys
import textwrap

import interpreters
import pytest
from portable import _with_source
from portable_process import PortableProcess


@pytest.fixture
def run(tmp_path, interpreter):
    """Run some test functions of a file with this text; their results by name."""
    started = []

    def start(text, names, hangs=None, heap=interpreters.HEAP):
        path = tmp_path / "test_sample.py"
        path.write_text(textwrap.dedent(text))
        words, env = interpreters.command(
            interpreter,
            interpreters.SUPPORT / "runner.py",
            [path, *names],
            [interpreters.LIB, interpreters.SUPPORT, interpreters.HERE, tmp_path],
            heap=heap,
        )
        started.append(PortableProcess(words, env))
        return {name: started[-1].result(name, 5 if name == hangs else 600) for name in names}

    yield start
    for process in started:
        process.stop()


def test_passes_and_output(run):
    results = run(
        """
        def test_one():
            print("first")
            print("no end of line", end="")

        def test_two():
            pass
        """,
        ["test_one", "test_two"],
    )
    assert results["test_one"].outcome == "passed"
    assert results["test_one"].output == "first\nno end of line\n"
    assert results["test_two"] == ("passed", "", "", 0)


def test_plays_are_counted(run):
    results = run(
        """
        from scripted import ScriptedUART

        def test_none():
            pass

        def test_two():
            ScriptedUART([])
            ScriptedUART([])
        """,
        ["test_none", "test_two"],
    )
    assert [result.plays for result in results.values()] == [0, 2]


def test_failure_with_traceback_and_source(run, tmp_path):
    results = run(
        """
        def check(x):
            assert x == 2, "x is %d" % x

        def test_bad():
            check(3)

        def test_good():
            check(2)
        """,
        ["test_bad", "test_good"],
    )
    assert results["test_bad"].outcome == "failed"
    text = _with_source(results["test_bad"].text)
    assert "AssertionError: x is 3" in text
    assert 'test_sample.py", line 3' in text
    assert '    assert x == 2, "x is %d" % x' in text
    assert results["test_good"].outcome == "passed"


def test_exit_is_a_failure(run):
    results = run(
        """
        import sys

        def test_exit():
            sys.exit(0)

        def test_next():
            pass
        """,
        ["test_exit", "test_next"],
    )
    assert results["test_exit"].outcome == "failed"
    assert "SystemExit" in results["test_exit"].text
    assert results["test_next"].outcome == "passed"


def test_import_error_fails_all(run):
    results = run(
        """
        import nothing_of_this_name

        def test_one():
            pass
        """,
        ["test_one"],
    )
    assert results["test_one"].outcome == "failed"
    assert "nothing_of_this_name" in results["test_one"].text


def test_hang_is_ended_and_named(run):
    results = run(
        """
        import time

        def test_before():
            pass

        def test_hang():
            print("here")
            while True:
                time.sleep(1)

        def test_after():
            pass
        """,
        ["test_before", "test_hang", "test_after"],
        hangs="test_hang",
    )
    assert results["test_before"].outcome == "passed"
    assert results["test_hang"].outcome == "failed"
    assert "no result within 5 s" in results["test_hang"].text
    assert "here" in results["test_hang"].text
    assert "in test_hang" in results["test_after"].text


@pytest.mark.interpreters("cpython", "unix")  # wasm's asyncio runs in JavaScript's loop
def test_coroutines(run):
    results = run(
        """
        import asyncio

        async def test_sleep():
            await asyncio.sleep(0)

        async def test_bad():
            await asyncio.sleep(0)
            assert False, "no"

        async def test_leaves_a_task():
            asyncio.create_task(forever())
            await asyncio.sleep(0)

        async def forever():
            while True:
                await asyncio.sleep(0)

        async def test_last():
            await asyncio.sleep(0)
        """,
        ["test_sleep", "test_bad", "test_leaves_a_task", "test_last"],
    )
    outcomes = [result.outcome for result in results.values()]
    assert outcomes == ["passed", "failed", "passed", "passed"]


@pytest.mark.interpreters("unix")  # the others' heaps grow
def test_full_heap_is_a_failure(run):
    results = run(
        """
        def test_much():
            kept = []
            while True:
                kept.append(bytearray(1000))

        def test_next():
            pass
        """,
        ["test_much", "test_next"],
        heap="100K",
    )
    assert results["test_much"].outcome == "failed"
    assert "MemoryError" in results["test_much"].text
    assert results["test_next"].outcome == "passed"


def test_own_clock_can_come_before_the_driver(run):
    results = run(
        """
        import sys

        class Clock:
            @staticmethod
            def ticks_ms():
                return 42

        sys.modules["time"] = Clock
        import time

        def test_clock():
            assert time.ticks_ms() == 42
        """,
        ["test_clock"],
    )
    assert results["test_clock"].outcome == "passed", results["test_clock"].text


@pytest.mark.interpreters("cpython", "unix")  # wasm has no way to end its process like that
def test_crash_is_told(run):
    results = run(
        """
        import sys

        def test_crash():
            print("last words")
            if sys.implementation.name == "micropython":
                import ffi
                ffi.open("libc.so.6").func("v", "abort", "")()
            import os
            os.abort()

        def test_after():
            pass
        """,
        ["test_crash", "test_after"],
    )
    assert results["test_crash"].outcome == "failed"
    assert "the interpreter ended with" in results["test_crash"].text
    assert "last words" in results["test_crash"].text
    assert results["test_after"].outcome == "failed"


def test_a_process_that_ends_leaves_no_zombie():
    process = PortableProcess([sys.executable, "-c", ""], None)
    process.wait()
    with pytest.raises(ChildProcessError):  # nobody has to wait for it any more
        os.waitpid(process._process.pid, os.WNOHANG)


def test_heap_sizes():
    assert interpreters.heap_bytes("256K") == 256 * 1024
    assert interpreters.heap_bytes("2M") == 2 * 1024 * 1024
    assert interpreters.heap_bytes("1000") == 1000


def test_a_name_chooses_tests():
    """pytest's -k, over portable tests."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    words += ["tests_host/driver/test_install.py", "--interpreter", "cpython", "-k", "both_names"]
    done = subprocess.run(
        words, cwd=interpreters.TOP, check=False, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_both_names_are_the_interface[cpython]" in done.stdout
    assert "1/2 tests collected" in done.stdout
