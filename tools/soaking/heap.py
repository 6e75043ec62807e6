"""What the driver keeps: the objects that can be reached from an interface."""

import gc
import types

_NOT = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type,
    types.CodeType, types.GeneratorType, types.FrameType,
)  # fmt: skip


def reachable(root, apart):
    """How many objects can be reached from `root` without going through those in `apart`."""
    gc.collect()
    seen = {id(thing) for thing in apart}
    seen.add(id(root))
    todo = [root]
    count = 0
    while todo:
        thing = todo.pop()
        count += 1
        for other in gc.get_referents(thing):
            if isinstance(other, _NOT) or id(other) in seen:
                continue
            seen.add(id(other))
            todo.append(other)
    return count
