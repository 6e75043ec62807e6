"""What can go wrong with a module, by name: `--fault NAME[:ARGS]`, several at once if wanted.

A fault is a class with a line of help; it overrides the hooks that it needs (see base.Fault).
ARGS are separated by commas; a ~ before EVERY or AFTER says "about". What is picked at random
comes from the module's seeded generator.
"""

from . import field, first_day, hangs, line, plain
from .plain import UrcNoise  # noqa: F401  a test asks for its texts

REGISTRY = {
    kind.__doc__.split()[0].split(":")[0].split("[")[0]: kind
    for file in (plain, line, field, first_day, hangs)
    for kind in file.FAULTS
}


def make(spec):
    """A function that builds the fault of `NAME[:ARGS]` for a module. ValueError if it is none."""
    name, _, text = spec.partition(":")
    if name not in REGISTRY:
        raise ValueError("no fault {!r}; --fault help lists them".format(name))
    kind = REGISTRY[name]
    about = False
    values = [default for _, default in kind.arguments]
    names = [name for name, _ in kind.arguments]
    most = len(names) - 1 if names[-1:] == ["text"] else -1  # a comma may be part of a text
    for at, part in enumerate(text.split(",", most) if text else ()):
        if at == len(values):
            raise ValueError("--fault {}".format(kind.__doc__))
        about = about or part.startswith("~")
        is_text = values[at] == "" or names[at] == "text"
        values[at] = part if is_text else float(part.lstrip("~"))
    if None in values:
        raise ValueError("--fault {}".format(kind.__doc__))
    if kind.arguments and kind.arguments[0][0] == "every" and values[0] < 1:
        raise ValueError("--fault {}: EVERY is at least 1".format(name))
    return lambda module: kind(module, values, about)


def help_text():
    """A line for each; what a fault's text says beyond its first paragraph is in README.md."""
    first = (kind.__doc__.split("\n\n")[0] for kind in REGISTRY.values())
    return "\n".join("  " + " ".join(text.split("\n    ")) for text in first)
