# A socket's stream methods as MicroPython has them, over a few steps that a subclass knows.
#
# Every call that waits is a loop over those steps and `wait`; a time-out of 0 makes it one
# look. What all of them promise stands in lib/docs/reference/sockets.md.

import errno
import io
import time

from micropython import const

from quectel import load

# MicroPython's stream protocol (py/stream.h)
_IOCTL_POLL = const(3)
_IOCTL_CLOSE = const(4)
IOCTL_TIMEOUT = const(5)
POLLIN = const(1)
POLLOUT = const(4)
POLLERR = const(8)
POLLHUP = const(16)
POLLNVAL = const(32)

_HOLD_MS = const(1)  # how long a call that does not wait may step the line
_NEWLINE = b"\n"
_TIMEOUT_MOST = const(1000000)  # s
_BYTES = (bytes, bytearray, memoryview)


_flags = None


def _flagged():
    # The file for calls with flags. They must not allocate, as load() does.
    global _flags
    if _flags is None:
        _flags = load("modes.flags")
    return _flags


class Stream(io.IOBase):
    """The stream methods of a socket. A subclass has

    _stage(wanted)           wait for bytes to take: how many are there, 0 at the end or where none
                             are `wanted`, None if none
    _take(buf, at, end)      move bytes that _stage promised; returns how many
    _read(count)             `count` of them, of type bytes
    _find(text)              how many of them up to and with the first `text`, a byte; or 0
    _send_some(data, at, end)  send of data[at:end]; how many bytes were taken, None if none
    _poll(wanted), close()
    """

    _datagram = False

    def __init__(self, module):
        self._module = module
        self.timeout_ms = None  # 0 for never, None for ever

    def __del__(self):
        # CPython's io.IOBase would close here: a command sent in the middle of a collection.
        pass

    # ---- receiving ----

    def recv_into(self, buf, nbytes=0, flags=0):
        """Receive up to `nbytes` (0: as many as `buf` holds); returns how many, 0 at the end.
        `flags`: MSG_PEEK, MSG_DONTWAIT."""
        if nbytes < 0:
            raise ValueError("nbytes must not be negative")
        nbytes = min(nbytes, _room(buf)) if nbytes else _room(buf)
        if flags:
            return _flagged().recv_into(self, buf, nbytes, flags)
        got = self._stage(nbytes)
        if got is None:
            raise OSError(errno.EAGAIN)
        return self._take(buf, 0, nbytes) if got else 0

    def recv(self, bufsize, flags=0):
        """Receive up to `bufsize` bytes; b"" at the end. `flags`: MSG_PEEK, MSG_DONTWAIT."""
        if not isinstance(bufsize, int) or bufsize < 0:
            raise _flagged().refused(bufsize)
        if flags:
            return _flagged().recv(self, bufsize, flags)
        got = self._stage(-1)
        if got is None:
            raise OSError(errno.EAGAIN)
        return self._read(min(bufsize, got)) if got else b""

    def readinto(self, buf, nbytes=None):
        """Read until `buf` (or `nbytes` of it) is full or the end is there; returns how many
        bytes, None if a non-blocking socket has none. If the time-out comes after some bytes,
        their number is returned and the next call times out."""
        size = _room(buf)
        if nbytes is not None and nbytes < size:
            size = nbytes
        done = 0
        while done < size:
            try:
                got = self._stage(size)
            except OSError as e:
                if done and e.args[0] == errno.ETIMEDOUT:
                    break
                raise
            if got is None:
                return done or None
            if not got:
                break
            done += self._take(buf, done, size)
            if self._datagram:
                break
        return done

    def read(self, size=-1):
        """Read `size` bytes, or to the end; shorter at the end; None if a non-blocking socket
        has nothing."""
        if size is None or size < 0:
            return self._gather(None)
        buf = bytearray(size)
        got = self.readinto(buf)
        if got is None:
            return None
        return bytes(buf) if got == size else bytes(memoryview(buf)[:got])

    def readall(self):
        """read() to the end."""
        return self._gather(None)

    def readline(self, size=-1):
        """Read up to and with the next newline, or to the end, or `size` bytes."""
        if not isinstance(size, int):
            raise TypeError("size must be a number")
        return self._gather(_NEWLINE, size)

    def _gather(self, end, size=-1):
        data = b""
        while size < 0 or len(data) < size:
            try:
                got = self._stage(-1)
            except OSError as e:
                if e.args[0] == errno.ETIMEDOUT and data:
                    break
                raise
            if got is None and not data:
                return None
            if not got:
                break
            stop = 0
            if end is not None:
                stop = self._find(end)
            want = stop or got
            if size >= 0:
                want = min(want, size - len(data))
            piece = self._read(want)
            if not data:
                data = piece
            else:
                if isinstance(data, bytes):
                    data = bytearray(data)
                data.extend(piece)
            if want == stop:
                break
        return data if isinstance(data, bytes) else bytes(data)

    # ---- sending ----

    def send(self, data, flags=0):
        """Send `data`; returns how many bytes the module took (all, but for an error or the
        time-out after some were taken). `flags`: MSG_DONTWAIT."""
        if flags:
            return _flagged().send(self, data, flags)
        count = self._send_some(octets(data), 0, None)
        if count is None:
            raise OSError(errno.EAGAIN)
        return count

    def sendall(self, data):
        """Send all of `data`; raises if that was not possible."""
        data = octets(data)
        done = 0
        while done < len(data) or (self._datagram and not done):
            count = self._send_some(data, done, len(data))
            if count is None:
                raise OSError(errno.EAGAIN)
            done += count

    def write(self, data, offset=None, size=None):
        """Write `data`, `(data, size)` or `(data, offset, size)` of it; returns how many bytes
        were taken, None if a non-blocking socket can take none now."""
        if size is not None:
            return self._send_some(octets(data), offset, offset + size)
        return self._send_some(octets(data), 0, offset)

    # ---- waiting and the stream protocol ----

    def wait(self, start):
        """A step of waiting since `start`, in ticks_ms; ETIMEDOUT when the time-out is over, False
        when a socket that does not wait has stepped long enough."""
        if self.timeout_ms == 0:
            if not self._module.poll():
                return False
            return time.ticks_diff(time.ticks_ms(), start) < _HOLD_MS
        if self.timeout_ms is not None:
            if time.ticks_diff(time.ticks_ms(), start) >= self.timeout_ms:
                raise OSError(errno.ETIMEDOUT)
        self._module.wait()
        return True

    def settimeout(self, seconds):
        """None: wait for ever; 0: never; else seconds."""
        if seconds is not None and not 0 <= seconds <= _TIMEOUT_MOST:
            raise ValueError("the time-out must be 0 to %d s" % _TIMEOUT_MOST)
        self.timeout_ms = (
            None if seconds is None else max(int(seconds * 1000), 1 if seconds else 0)
        )

    def setblocking(self, flag):
        """settimeout(None) or settimeout(0)."""
        self.settimeout(None if flag else 0)

    def makefile(self, *args, **kwargs):
        """The socket itself: it is a stream already."""
        return self

    def flush(self):
        """Nothing is held back, so there is nothing to do."""

    def ioctl(self, request, arg):
        """MicroPython's stream protocol: POLL, CLOSE and TIMEOUT."""
        if request == _IOCTL_POLL:
            return self._polled(arg)
        if request == _IOCTL_CLOSE:
            self.close()
            return 0
        if request == IOCTL_TIMEOUT:
            self.timeout_ms = arg
            return 0
        return -errno.EINVAL

    def _polled(self, wanted):
        # Apart from ioctl, so that the frame of neither needs the heap: see Module._work.
        try:
            return self._poll(wanted)
        except OSError:
            return POLLERR | POLLHUP


def octets(data):
    """`data` as bytes to send: MicroPython's streams take text as well. TypeError if it holds no
    bytes."""
    if isinstance(data, _BYTES):
        return data
    return data.encode() if isinstance(data, str) else bytes(memoryview(data))


def _room(buf):
    # How many bytes `buf` holds; TypeError where none can be stored, before any is received.
    size = len(buf)
    if size:
        buf[0] = buf[0]
    return size
