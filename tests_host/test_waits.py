"""The driver waits in one place, Module.rest, where nic.idle is called: no other function of it
sleeps. What each waiting call does is driver/test_idle.py's."""

import ast

import interpreters

QUECTEL = interpreters.LIB / "quectel"


def calls():
    """(file, function, what is called) of each call of an attribute in the driver."""
    for path in sorted(QUECTEL.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for each in ast.walk(function):
                    if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                        yield path.name, function.name, ast.unparse(each.func)


def test_one_function_sleeps():
    sleeping = {each for each in calls() if each[2].startswith("time.sleep")}
    assert sleeping == {("at.py", "pause", "time.sleep_ms"), ("at.py", "pause", "time.sleep_us")}


def test_only_rest_calls_the_function_that_sleeps():
    pausing = {
        (file, function) for file, function, name in calls() if name.endswith("channel.pause")
    }
    assert pausing == {("module.py", "rest")}
