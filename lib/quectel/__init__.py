"""Quectel modules as network interfaces: TCP/IP over AT commands.

    import quectel
    nic = quectel.BG95S5(uart)
    nic.active(True)
    nic.connect("internet")

Each module's class is made on first use, so that a program loads the one dialect it talks.
"""

import gc
import sys

__version__ = "0.1.0"

# A file in dialects/, and the modules whose classes it holds. As lines of text: dir() asks for
# every name that the interpreter knows, and a class that it knew by this table would be loaded.
_DIALECTS = [
    "bc95 BC65 BC92 BC95GR",
    "bc20 BC20",
    "bg95 BG95S5",
    "bc25 BC25 BC32",
    "rm500u RG200U RG500U RM500U",
]
# The files that `from quectel import` names. To look for any other name would cost memory that
# never comes back, and dir() asks for every one that the interpreter knows.
_FILES = "aio answers at connection errors link module nic opening socket staging stream".split()
# To load a file leaves garbage behind. If it is collected before each file, the parts that stay
# lie close together. Otherwise a small heap has no large free block for the next file. On a large
# one there is room, and a collection takes long.
_COLLECTS = sys.implementation.name == "micropython" and gc.mem_alloc() + gc.mem_free() < 1 << 20


def __getattr__(name):
    for line in _DIALECTS:
        file, *models = line.split()
        if name in models:
            return _module(name, file)
    # MicroPython asks here first, before it looks for a file.
    if name in _FILES:
        return load(name)
    if name[:2].isupper():
        # Somebody looks for a module's class, so the names of all help. dir() asks for many
        # other names, for which an error without words is made faster.
        name += " is none of " + " ".join(_models())
    raise AttributeError(name)


def _models():
    return [name for line in _DIALECTS for name in line.split()[1:]]


def _module(name, file):
    # The class of a module: a Nic with its dialect. The largest files go first: compiling them
    # takes the most memory.
    for large in ("staging", "at", "connection", "module"):
        load(large)
    dialect = getattr(load("dialects." + file), name)
    for large in ("stream", "socket"):
        load(large)
    made = type(name, (load("nic").Nic,), {"DIALECT": dialect})
    globals()[name] = made
    return made


def load(name):
    """A file of the driver that not every program needs, as "services.ping"."""
    name = "quectel." + name
    if name not in sys.modules:
        if _COLLECTS:
            gc.collect()
        __import__(name)
    return sys.modules[name]


def deferred(owner, files, name, add_to=None):
    """The method `name` of `owner`: a function of the file that `files` names, which is loaded
    when the method is called. TAB at the REPL asks for every name, and must load nothing.
    `add_to`: a class that gets it as a method at that call, so that no later call comes here.
    AttributeError where `files` does not have the name."""
    if name not in files:
        raise AttributeError(name)

    def method(*args, **kwargs):
        function = getattr(load(files[name]), name)
        if add_to is not None:
            setattr(add_to, name, function)
        return function(owner, *args, **kwargs)

    return method


def unload(folder):
    """Forget the files of `folder`, for the collector to take; whether any was loaded. A generator
    of theirs that is under way still runs to its end."""
    package = "quectel." + folder
    if package not in sys.modules:
        return False
    for name in list(sys.modules):
        if name == package or name.startswith(package + "."):
            del sys.modules[name]
    parent, _, name = package.rpartition(".")
    delattr(sys.modules[parent], name)  # an import leaves every file in its folder as well
    return True


def detect(uart, **options):
    """Ask the module on `uart` who it is and return its class's instance, active.

    `options` are the class's keywords. Raises ETIMEDOUT if nothing answers, ENODEV if what
    answers is none of the modules that the driver knows."""
    return load("bringup.identify").detect(uart, _models(), options)


def diagnose(
    uart,
    apn=None,
    user=None,
    key=None,
    *,
    host="example.com",
    port=80,
    timeout=180,
    show=None,
    **options,
):
    """Find out what keeps the module on `uart` from working, and say it: see
    services/diagnose.py."""
    place = host, port
    run = load("services.diagnose").diagnose
    return run(uart, (apn, user, key), place, timeout, show or print, options)


def timed(say):
    """A `trace` that gives `say` each line with the seconds since now before it."""
    return load("services.timed").timed(say)


def install(nic, network=False):
    """Make `nic` the `socket` module of every program imported from now on; with `network` its
    `network.WLAN()` as well."""
    load("services.install").install(nic, network)
