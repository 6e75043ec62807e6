"""The suite's pytest plugin: portable tests become one item for each interpreter."""

import gc
import shlex

import compiled
import interpreters
import others
import portable
import pytest
import spreading

PORTABLE_FOLDER = interpreters.HERE / "driver"
FAST_FOLDERS = (PORTABLE_FOLDER, interpreters.HERE / "vmodule")
FAST_INTERPRETERS = ("cpython", "unix")


def pytest_addoption(parser):
    parser.addoption(
        "--interpreter",
        action="append",
        choices=interpreters.ALL,
        help="run portable tests on this interpreter only (may be repeated)",
    )
    parser.addoption(
        "--fast",
        action="store_true",
        help="portable tests and those of the virtual module, on CPython and a native MicroPython",
    )
    parser.addoption(
        "--sample",
        metavar="SEED",
        help="which cuts are played where they are sampled; the commit says it otherwise",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "interpreters(*names): those that a test can run on")
    if config.option.fast and not config.option.interpreter:
        config.option.interpreter = list(FAST_INTERPRETERS)
    if not config.option.sample:  # the workers get it from here
        config.option.sample = portable.seed_of_commit()
    if not config.option.fast and not hasattr(config, "workerinput"):
        compiled.lib()  # once, and not by each worker


def pytest_collection():
    gc.disable()  # thousands of items are made, and none of them is garbage


def pytest_collection_finish():
    gc.enable()
    gc.freeze()  # they stay to the end, so no collection of garbage need look at them


def pytest_ignore_collect(collection_path, config):
    if config.option.fast and collection_path.name.startswith("test_"):
        return collection_path.parent not in FAST_FOLDERS or spreading.waits(collection_path.name)
    return None


# ---- pytest-xdist ----


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    return spreading.cores() if config.option.fast else spreading.workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return spreading.Spread(config, log)


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):  # where one runs alone, the order is that of the files
        items.sort(key=lambda item: spreading.rank(item.nodeid))


# ---- portable tests ----


def pytest_pycollect_makemodule(module_path, parent):
    if PORTABLE_FOLDER in module_path.parents:
        return portable.PortableFile.from_parent(parent, path=module_path)
    return None


def pytest_generate_tests(metafunc):
    """A test with an argument `interpreter` runs once for each one asked for.

    A mark may name those that it can run on: `@pytest.mark.interpreters("cpython", "unix")`.
    """
    if "interpreter" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--interpreter") or interpreters.NAMES
        mark = metafunc.definition.get_closest_marker("interpreters")
        able = mark.args if mark else interpreters.NAMES
        names = [name for name in wanted if name in able]
        metafunc.parametrize("interpreter", [portable.param(name) for name in names])


# ---- what is printed ----


def pytest_report_header(config):
    lines = []
    for name in interpreters.ALL:
        reason = interpreters.missing(name)
        text = "MISSING (%s)" % reason.splitlines()[0] if reason else interpreters.version(name)
        lines.append("interpreter %s: %s" % (name, text))
    return [*lines, portable.describe_sample(config), *others.describe()]


def _repeat(report):
    """The command that runs one test again. An item's property `repeat` is an argument more."""
    more = []
    if isinstance(report, pytest.TestReport):  # else a file could not be read
        more = [value for name, value in report.user_properties if name == "repeat"]
    return " ".join(["tools/test", *[shlex.quote(word) for word in (report.nodeid, *more)]])


def pytest_terminal_summary(terminalreporter):
    """Say at the end how to repeat what failed, and what the tests ran on."""
    failed = terminalreporter.getreports("failed") + terminalreporter.getreports("error")
    if failed:
        terminalreporter.section("again")
        for command in dict.fromkeys(_repeat(report) for report in failed):
            terminalreporter.write_line("repeat: " + command)
    terminalreporter.section("interpreters")
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    for name in interpreters.ALL:
        reason = interpreters.missing(name)
        found = [spreading.INTERPRETER.search(report.nodeid) for report in reports]
        ran = [match for match in found if match and match.group(1) == name]
        text = "MISSING: %s" % reason if reason else interpreters.version(name)
        terminalreporter.write_line("%-8s %4d tests on %s" % (name, len(ran), text))
    terminalreporter.write_line(portable.describe_plays(reports))


def pytest_sessionfinish(session):
    portable.stop_all()
