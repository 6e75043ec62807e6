"""The stubs (lib/quectel/*.pyi) say what the code has: every public name, parameter, default and
key, and no other. The code is looked at by inspect, on CPython; the stubs are only read."""

import ast
import errno
import functools
import json
import re

import interpreters
import pytest
from virtual_module import virtual_module

LIB = interpreters.LIB
QUECTEL = LIB / "quectel"
STUBS = sorted(QUECTEL.rglob("*.pyi"))

# What the code has without an underscore, and programs are not to use: the driver's own files call
# it. What is in neither table nor stub is new, and belongs in one of them.
INTERNAL = {
    "quectel": "deferred load unload",
    "quectel.aio": "Pump complete step",
    "quectel.errors": "LOST_CODES not_supported of_code",
    "quectel.nic": "BRIEF METHODS",
    "quectel.nic.Nic": """address apn auth begin_connecting channel check_connected choose
        coalesce connecting dtr end_epoch epoch failed_opens failure family key make_room
        module pin poll power psm_eint pwrkey reset_pin run set_access_point set_state state
        until user""",
    "quectel.socket": "METHODS located",
    "quectel.socket.Socket": """become check_usable connection finish_opening
        finish_sending is_open open send_waiting timeout_ms wait""",
    "quectel.stream": "IOCTL_TIMEOUT POLLERR POLLHUP POLLIN POLLNVAL POLLOUT octets",
    "quectel.stream.Stream": "__init__ wait",
    "quectel.dialects": "PromptSend is_address quoted within",
    "quectel.modes.transparent": "check_mode closing transparent",
    "quectel.modes.transparent.Raw": "__init__ belongs_to connection start_leaving wait",
    "quectel.modes.direct": "Direct Opening",
    "quectel.services.diagnose": "diagnose",
    "quectel.services.diagnose.Diagnosis": "__init__ add",
    "quectel.services.ping": "address ping pinging",
    "quectel.services.cellular": "ask asking status technology",
    "quectel.services.netstat": "netstat of_context",
    "quectel.services.operators": "get operators searching set",
    "quectel.config.queries": "query",
}
# Files that `quectel.NAME` reaches, and that are not for programs.
INTERNAL_FILES = {"answers", "at", "connection", "module", "opening", "staging"}
# Parameters by which the driver makes a second interface over a module, and an accepted socket.
INTERNAL_PARAMETERS = {
    ("quectel.nic.Nic", "__init__"): {"module"},
    ("quectel.socket.Socket", "__init__"): {"connection"},
}
# `**options` of the code, and whose keywords the stub lists in its place.
PASSED_ON = {
    "quectel.detect": ("Nic", "__init__"),
    "quectel.diagnose": ("Nic", "__init__"),
    "quectel.aio.connect": ("Nic", "connect"),
}
# Names of AT+QCFG that the stubs tell: the code passes any name on.
FREE = {"band", "iotopmode", "nwscanmode", "nwscanseq", "roamservice", "servicedomain"}
# What the stubs tell key by key, in overloads: see "keys" below.
BY_KEY = {"status", "ipconfig", "config", "setsockopt"}


def module_name(path):
    name = ".".join(path.relative_to(LIB).with_suffix("").parts)
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


MODULES = [module_name(path) for path in STUBS]


@functools.lru_cache(maxsize=None)
def code():
    """What the code has: {module: {"classes": …, "names": …}}; see programs/public_names.py."""
    program = interpreters.HERE / "programs" / "public_names.py"
    done = interpreters.run_program("cpython", program, args=MODULES)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


# ---- what a stub says ----


def parameters(function, bound):
    """[name, kind, default or None] of each, as inspect calls them."""
    args = function.args
    positional = [(each, "POSITIONAL_ONLY") for each in args.posonlyargs]
    positional += [(each, "POSITIONAL_OR_KEYWORD") for each in args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + args.defaults
    found = [(*each, default) for each, default in zip(positional, defaults)]
    if args.vararg:
        found.append((args.vararg, "VAR_POSITIONAL", None))
    keywords = zip(args.kwonlyargs, args.kw_defaults)
    found += [(each, "KEYWORD_ONLY", default) for each, default in keywords]
    if args.kwarg:
        found.append((args.kwarg, "VAR_KEYWORD", None))
    return [
        [each.arg, kind, None if default is None else repr(ast.literal_eval(default))]
        for each, kind, default in found[1 if bound else 0 :]
    ]


def functions(body):
    """{name: [its definition, or its overloads]}."""
    found = {}
    for each in body:
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.setdefault(each.name, []).append(each)
    return found


def attributes(body):
    """{name: its annotation, its value} of what is no function."""
    return {
        each.target.id: (ast.unparse(each.annotation), each.value)
        for each in body
        if isinstance(each, ast.AnnAssign) and not each.target.id.startswith("_")
    }


def is_property(function):
    return any(ast.unparse(each) == "property" for each in function.decorator_list)


@functools.lru_cache(maxsize=None)
def tree(module):
    return ast.parse(STUBS[MODULES.index(module)].read_text(encoding="utf-8"))


def stub_classes(module):
    return {
        each.name: each
        for each in tree(module).body
        if isinstance(each, ast.ClassDef) and not each.name.startswith("_")
    }


@functools.lru_cache(maxsize=None)
def every_class():
    return {name: each for module in MODULES for name, each in stub_classes(module).items()}


def bodies(node):
    """The bodies of a class and of the stubs' classes that it inherits from, these first."""
    found = []
    for base in node.bases:
        name = ast.unparse(base).rpartition(".")[2]
        if name in every_class():
            found += bodies(every_class()[name])
    return [*found, *node.body]


# ---- names and signatures ----


def compare_signature(where, owner, stubbed, coded):
    """`stubbed`: the definitions of a name in a stub; `coded`: what inspect says of it."""
    wanted = coded["parameters"]
    hidden = INTERNAL_PARAMETERS.get((owner, where.rpartition(".")[2]), ())
    wanted = [each for each in wanted if each[0] not in hidden]
    if where in PASSED_ON:
        cls, name = PASSED_ON[where]
        given = functions(every_class()[cls].body)[name][0]
        own = [each[0] for each in wanted]
        keywords = [
            [name, "KEYWORD_ONLY", default]
            for name, _, default in parameters(given, True)
            if name not in own and default is not None
        ]
        wanted = [each for each in wanted if each[1] != "VAR_KEYWORD"] + keywords
    for each in stubbed:
        assert isinstance(each, ast.AsyncFunctionDef) == coded["async"], where
        found = parameters(each, owner is not None)
        if len(stubbed) > 1:  # overloads: one key's, whose values are compared elsewhere
            found, least = [item[:1] for item in found], [item[:1] for item in wanted]
            assert where.rpartition(".")[2] in BY_KEY, where
            if not any(item[1].startswith("VAR") for item in wanted):
                assert found == least, where
        elif where.endswith(".__exit__") or where.endswith(".__aexit__"):
            assert len(found) == len(wanted) == 3, where
        else:
            assert found == wanted, where


def compare_value(where, stubbed, coded):
    """An attribute: a constant has the code's value, any other a value of the annotated type."""
    annotation, value = stubbed
    if annotation == "Final":
        assert repr(ast.literal_eval(value)) == coded["value"], where
    elif "value" in coded:
        kind = type(ast.literal_eval(coded["value"])).__name__
        assert re.fullmatch(r"(Final\[)?%s\]?" % kind, annotation), where


def compare(where, owner, body, coded, more=()):
    """A class or a module. `coded`: {name: what inspect says}."""
    defined, told = functions(body), attributes(body)
    internal = set(INTERNAL.get(where, "").split())
    assert internal <= set(coded), "%s: no longer there: %s" % (where, internal - set(coded))
    both = internal & (set(defined) | set(told))
    assert not both, "%s: internal, and in the stub: %s" % (where, both)
    missing = set(coded) - internal - set(defined) - set(told)
    assert not missing, "%s: not in the stub: %s" % (where, missing)
    invented = (set(defined) | set(told)) - set(coded) - set(more)
    assert not invented, "%s: not in the code: %s" % (where, invented)
    for name, each in defined.items():
        if name in coded and "parameters" in coded[name]:
            assert not is_property(each[0]), where + "." + name
            compare_signature(where + "." + name, owner, each, coded[name])
        else:
            assert is_property(each[0]), where + "." + name
    for name, each in told.items():
        compare_value(where + "." + name, each, coded[name])


def lazy_attributes(file):
    """What `__getattr__` of a class has."""
    return set(re.findall(r'\bname == "(\w+)"', (QUECTEL / file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", MODULES)
def test_names_of_a_module(module):
    names = dict(code()[module]["names"])
    names.update((name, {"class": True}) for name in code()[module]["classes"])
    stubbed = [each for each in tree(module).body if not isinstance(each, ast.ClassDef)]
    internal = set(INTERNAL.get(module, "").split())
    shown = {name for name in names if name in stub_classes(module)}
    assert not shown & internal
    assert set(stub_classes(module)) == shown, "classes that the code does not have"
    rest = {name: each for name, each in names.items() if name not in shown}
    compare(module, None, stubbed, rest)


def test_the_table_of_what_is_internal_names_what_there_is():
    known = set(MODULES)
    for module in MODULES:
        known |= {"%s.%s" % (module, name) for name in stub_classes(module)}
    assert set(INTERNAL) <= known


CLASSES = [(module, name) for module in MODULES for name in stub_classes(module)]


@pytest.mark.parametrize(("module", "name"), CLASSES, ids=lambda word: word)
def test_members_of_a_class(module, name):
    node, coded = stub_classes(module)[name], code()[module]["classes"][name]
    if "fields" in coded:
        assert [ast.unparse(base) for base in node.bases] == ["NamedTuple"]
        assert list(attributes(node.body)) == coded["fields"]
        return
    where = "%s.%s" % (module, name)
    found = dict(coded["members"])
    lazy = lazy_attributes("socket.py") if where == "quectel.socket.Socket" else ()
    found.update((each, {"attribute": True}) for each in lazy)
    if module == "quectel":
        assert node.bases[0].attr == "Nic" and len(node.body) == 1
        nic = code()["quectel.nic"]["classes"]["Nic"]["members"]
        assert set(found) <= set(nic), "a model has what Nic has not"
        return
    if where == "quectel.dialects.Dialect":
        found = {each: found[each] for each in found if re.search("_MS$|^LOOKS$|^MODEL$", each)}
    compare(where, where, bodies(node), found)


def test_every_model_has_a_class():
    models = {
        name for name, each in code()["quectel"]["classes"].items() if "DIALECT" in each["members"]
    }
    assert len(models) == 10
    assert set(stub_classes("quectel")) == models


def test_files_that_the_package_reaches():
    text = (QUECTEL / "__init__.py").read_text(encoding="utf-8")
    files = set(re.search(r'^_FILES = "(.*)"\.split\(\)$', text, re.M).group(1).split())
    told = {
        each.asname
        for statement in tree("quectel").body
        if isinstance(statement, ast.ImportFrom) and statement.module == "quectel"
        for each in statement.names
        if each.asname == each.name
    }
    assert told | INTERNAL_FILES == files
    assert not told & INTERNAL_FILES


@pytest.mark.parametrize("module", MODULES)
def test_an_editor_has_something_to_show(module):
    """Whatever a program calls has words of its own, but for what `with` calls."""
    assert ast.get_docstring(tree(module))
    for body in (tree(module).body, *(each.body for each in stub_classes(module).values())):
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                shown = ast.get_docstring(node) or node.name.startswith("_")
                assert shown, "%s: %s" % (module, node.name)


# ---- keys ----


def literal_keys(function):
    """The texts or numbers that an overload's first Literal parameters allow."""
    args = [*function.args.posonlyargs, *function.args.args]
    for each in args:
        if isinstance(each.annotation, ast.Subscript) and each.annotation.value.id == "Literal":
            told = each.annotation.slice
            items = told.elts if isinstance(told, ast.Tuple) else [told]
            yield each.arg, [ast.literal_eval(item) for item in items]


def getters(name):
    """{key: the annotation of what it returns} of an overloaded method of Nic."""
    found = {}
    for each in functions(stub_classes("quectel.nic")["Nic"].body)[name]:
        for _, keys in literal_keys(each):
            for key in keys:
                assert key not in found, key
                found[key] = ast.unparse(each.returns)
    return found


def settings():
    """{key: annotation} of what config sets."""
    for each in tree("quectel.nic").body:
        if isinstance(each, ast.Assign) and each.targets[0].id == "_Settings":
            keys = each.value.args[1]
            return {
                ast.literal_eval(key): ast.unparse(value)
                for key, value in zip(keys.keys, keys.values)
            }
    raise AssertionError("no _Settings")


def source(file):
    return ast.parse((QUECTEL / file).read_text(encoding="utf-8"))


def compared(file, function, variable):
    """The texts that a function compares a variable with."""
    (node,) = [
        each
        for each in source(file).body
        if isinstance(each, ast.FunctionDef) and each.name == function
    ]
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Compare) and isinstance(each.left, ast.Name):
            if each.left.id == variable:
                for other in each.comparators:
                    parts = other.elts if isinstance(other, ast.Tuple) else [other]
                    found |= {part.value for part in parts if isinstance(part, ast.Constant)}
    return found


def table(file, name):
    """The keys, or the items, of a table of a file."""
    for each in source(file).body:
        if isinstance(each, ast.Assign) and each.targets[0].id == name:
            node = each.value
            items = node.keys if isinstance(node, ast.Dict) else node.elts
            return {item.value for item in items}
    raise AssertionError("%s has no %s" % (file, name))


@functools.lru_cache(maxsize=None)
def of_documents():
    """What the dialects know: see programs/document_tables.py."""
    program = interpreters.HERE / "programs" / "document_tables.py"
    done = interpreters.run_program("cpython", program)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


def test_keys_that_config_reads():
    file = "config/settings.py"
    known = table(file, "_IDENTITIES") | table(file, "_KNOWN") | compared(file, "config", "key")
    documented = {key for names in of_documents()["keys"].values() for key in names}
    assert documented <= known
    assert not FREE & known
    assert set(getters("config")) == known | FREE


def test_keys_that_config_sets():
    keys = of_documents()["keys"]
    known = compared("config/settings.py", "_set", "key")
    known |= set(keys["QICFG"]) | set(keys["OPTIONS"]) | set(keys["CHOICES"])
    known |= FREE
    assert set(settings()) == known
    # What is set can be read, and is of the same type.
    assert known <= set(getters("config"))


@pytest.mark.parametrize("form", ["read", "set"])
def test_the_type_of_a_setting_is_that_of_its_document(form):
    told = getters("config") if form == "read" else settings()
    for name in ("QICFG", "OPTIONS"):
        for key, forms in of_documents()["keys"][name].items():
            assert len(forms) == 1, key
            (values,) = forms
            wanted = values[0] if len(values) == 1 else "tuple[%s]" % ", ".join(values)
            found = [each.strip() for each in told[key].split(" | ")]
            # Where a feature is off, one value is told in place of several: 0.
            off = {"int", "Literal[0]", "tuple[Literal[0]]"} if len(values) > 1 else set()
            if form == "read" and key == "qcscon":  # what it is set to, and a state
                off = {"tuple[int, int]"}
            assert wanted in found, key
            assert set(found) <= {wanted, *off}, key


def test_keys_of_status():
    assert set(getters("status")) == compared("config/status.py", "status", "param")


def test_keys_of_ipconfig():
    file = "config/status.py"
    told = getters("ipconfig")
    assert set(told) == compared(file, "ipconfig", "param") | table(file, "_GIVEN")
    for each in source(file).body:
        if isinstance(each, ast.Assign) and each.targets[0].id == "_GIVEN":
            for key, value in ast.literal_eval(each.value).items():
                assert told[key] == type(value).__name__, key
    names = [
        parameters(each, True)
        for each in functions(stub_classes("quectel.nic")["Nic"].body)["ipconfig"]
    ]
    assert [[name, kind] for item in names for name, kind, _ in item if name != "param"] == [
        ["dns", "KEYWORD_ONLY"]
    ]


def test_socket_options():
    """An overload for each option that setsockopt acts upon, and one for all that it does not."""
    constants = {
        name: ast.literal_eval(value)
        for name, (_, value) in attributes(stub_classes("quectel.nic")["Nic"].body).items()
        if value is not None
    }
    (node,) = [
        each
        for each in source("config/options.py").body
        if isinstance(each, ast.FunctionDef) and each.name == "setsockopt"
    ]
    used = {"level": set(), "option": set()}
    for each in ast.walk(node):
        if isinstance(each, ast.Compare) and isinstance(each.left, ast.Name):
            assert isinstance(each.comparators[0], ast.Attribute)
            used[each.left.id].add(constants[each.comparators[0].attr])
    told = {"level": set(), "option": set()}
    for each in functions(stub_classes("quectel.socket")["Socket"].body)["setsockopt"]:
        for name, values in literal_keys(each):
            told[name] |= set(values)
    assert told == used


def test_forms_of_sending():
    (node,) = functions(tree("quectel.services.forms").body)["send"]
    ((name, values),) = literal_keys(node)
    assert (name, set(values)) == ("form", set(of_documents()["forms"]))


@pytest.mark.parametrize("name", sorted(stub_classes("quectel")))
def test_what_a_model_is_said_to_have(name):
    """A class's words and the dialect's limits."""
    words = ast.get_docstring(stub_classes("quectel")[name]).replace("\n", " ")
    model = of_documents()["models"][name]
    assert "%d sockets" % model["SOCKETS"] in words
    for service in ("TCP LISTENER", "UDP SERVICE"):
        assert (service in words) == (service in model["SERVICES"])
    assert ("transparent mode" in words) == (2 in model["ACCESS_MODES"])
    assert ("several contexts" in words) == model["PDP"]
    assert ("release assistance" in words) == model["RAI"]
    assert ("deep sleep" in words) == model["SLEEP"]
    assert ("`nic.ntp` raises" in words) == (not model["NTP"])


# ---- what the code answers ----


def fits(shape, annotation):
    """Whether a type as programs/value_types.py writes it is one that an annotation allows."""
    if isinstance(annotation, ast.BinOp):
        return fits(shape, annotation.left) or fits(shape, annotation.right)
    if isinstance(annotation, ast.Name):
        return annotation.id in (ast.unparse(shape), "Any")
    if isinstance(annotation, ast.Constant):
        return ast.unparse(shape) == "None" and annotation.value is None
    outer, told = annotation.value.id, annotation.slice
    if not isinstance(shape, ast.Subscript) or shape.value.id != outer:
        return ast.unparse(shape) == "list[]" and outer == "list"
    parts = shape.slice.elts if isinstance(shape.slice, ast.Tuple) else [shape.slice]
    wanted = told.elts if isinstance(told, ast.Tuple) else [told]
    if outer == "list" or ast.unparse(wanted[-1]) == "...":
        return all(fits(part, wanted[0]) for part in parts)
    return len(parts) == len(wanted) and all(map(fits, parts, wanted))


@pytest.mark.parametrize("method", ["config", "status", "ipconfig"])
@pytest.mark.parametrize(
    ("dialect", "model"), [("bg95", "BG95S5"), ("rm500u", "RM500U"), ("bc25", "BC25")]
)
def test_answers_are_of_the_type_that_is_told(dialect, model, method):
    program = interpreters.HERE / "programs" / "value_types.py"
    told = getters(method)
    with virtual_module(dialect, "cpython") as modem:
        env = {"MODEM": modem, "MODULE": model}
        done = interpreters.run_program("cpython", program, env=env, args=[method, *told])
    assert done.returncode == 0, done.stdout
    found = dict(line.split("\t") for line in done.stdout.splitlines())
    assert set(found) == set(told)
    answered = {key: text for key, text in found.items() if not text.isdigit()}
    # What the model's document has not is refused; what it has is answered.
    refused = {int(text) for text in found.values() if text.isdigit()}
    assert refused <= {errno.EOPNOTSUPP}, found
    assert len(answered) >= {"config": 8, "status": 4, "ipconfig": 8}[method]
    for key, text in answered.items():
        empty = text in ("list[]", "tuple[]")
        shape = ast.Name(text) if empty else ast.parse(text, mode="eval").body
        assert fits(shape, ast.parse(told[key], mode="eval").body), (key, text, told[key])


def test_a_board_gets_none_of_this():
    listed = (interpreters.TOP / "package.json").read_text(encoding="utf-8")
    assert ".pyi" not in listed and "py.typed" not in listed
