"""CPython's stand-in for MicroPython's module `micropython`.

Importing it also gives `time` what MicroPython's has: see `ticks`. So a program needs nothing
more than the driver.
"""

# Not threading: a test may have put a clock of its own in place of time, which that needs.
import _thread

from micropython import ticks

ticks.install()


def const(value):
    """A constant for MicroPython's compiler; here, the value."""
    return value


def native(function):
    """Marks machine code; here, nothing."""
    return function


def viper(function):
    """Marks typed machine code; here, nothing."""
    return function


_locks = 0


def heap_lock():
    """Count a lock; CPython's heap cannot be locked."""
    global _locks
    _locks += 1
    return _locks


def heap_unlock():
    """Count a lock less."""
    global _locks
    if _locks == 0:
        raise RuntimeError("the heap is not locked")
    _locks -= 1
    return _locks


def heap_locked():
    """How many locks are held."""
    return _locks


def schedule(function, argument):
    """Call at once: CPython has no queue that its main loop would serve."""
    function(argument)


def kbd_intr(character):
    """Which character interrupts; nothing to set here."""


def alloc_emergency_exception_buf(size):
    """Room for an exception in an interrupt; not needed here."""


def opt_level(level=None):
    """The optimisation level, always 0 here."""
    return 0 if level is None else None


def mem_info(verbose=None):
    """Print a line in place of the heap's state."""
    print("mem: CPython keeps no figures that mean the same")


def qstr_info(verbose=None):
    """Print a line in place of the table of interned strings."""
    print("qstr pool: none on CPython")


def stack_use():
    """Bytes of stack in use: unknown here, so 0."""
    return 0


class RingIO:
    """A ring buffer with the interface of a stream; safe between two threads.

    As MicroPython's: nothing to read is 0 or b"", and no room to write is 0, never None.
    """

    def __init__(self, size_or_buffer):
        if isinstance(size_or_buffer, int):
            size_or_buffer = bytearray(size_or_buffer + 1)
        self._ring = size_or_buffer
        self._data = bytearray()
        self._limit = len(size_or_buffer) - 1
        self._lock = _thread.allocate_lock()

    def any(self):
        """How many bytes can be read."""
        return len(self._data)

    def read(self, n=-1):
        """Up to n bytes; none gives b''."""
        with self._lock:
            n = len(self._data) if n < 0 else n
            taken = bytes(self._data[:n])
            del self._data[: len(taken)]
        return taken

    def readinto(self, buf, n=None):
        """Read up to n bytes into a buffer; how many (0 if there are none)."""
        with self._lock:
            n = min(len(buf) if n is None else min(n, len(buf)), len(self._data))
            memoryview(buf)[:n] = self._data[:n]
            del self._data[:n]
        return n

    def readline(self, n=-1):
        """A line with its end, or what is there of it."""
        end = self._data.find(b"\n") + 1
        size = end or len(self._data)
        return self.read(size if n < 0 else min(n, size))

    def write(self, buf, off=None, n=None):
        """Write as much as there is room for; how many bytes (0 if there is none)."""
        part = _part(buf, off, n)
        with self._lock:
            part = part[: self._limit - len(self._data)]
            self._data += part
        return len(part)

    def close(self):
        """Drop what is there."""
        self._data.clear()


def _part(buf, off, n):
    """What `write(buf)`, `write(buf, n)` and `write(buf, off, n)` mean, as a memoryview."""
    view = memoryview(buf.encode() if isinstance(buf, str) else buf)
    if off is None:
        return view
    if n is None:
        return view[:off]
    return view[off : off + n]
