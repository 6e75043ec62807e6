"""The suite's pytest plugin: portable tests become one item for each interpreter."""

import re

import interpreters
import others
import portable

PORTABLE_FOLDER = interpreters.HERE / "driver"


def pytest_addoption(parser):
    parser.addoption(
        "--interpreter",
        action="append",
        choices=interpreters.NAMES,
        help="run portable tests on this interpreter only (may be repeated)",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "interpreters(*names): those that a test can run on")


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


def pytest_report_header(config):
    lines = []
    for name in interpreters.NAMES:
        reason = interpreters.missing(name)
        text = "MISSING (%s)" % reason.splitlines()[0] if reason else interpreters.version(name)
        lines.append("interpreter %s: %s" % (name, text))
    return [*lines, *others.describe()]


def pytest_terminal_summary(terminalreporter):
    """Say at the end what the tests ran on."""
    terminalreporter.section("interpreters")
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    for name in interpreters.NAMES:
        reason = interpreters.missing(name)
        mark = re.compile(r"[\[-]%s[\]-]" % name)
        ran = [report for report in reports if mark.search(report.nodeid)]
        text = "MISSING: %s" % reason if reason else interpreters.version(name)
        terminalreporter.write_line("%-8s %4d tests on %s" % (name, len(ran), text))
    terminalreporter.write_line(portable.describe_plays(reports))


def pytest_sessionfinish(session):
    portable.stop_all()
