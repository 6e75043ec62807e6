"""Where a queue in flash may be, in memory, whose power goes in the middle of a write: block
devices for MicroPython's file systems, and the files of an operating system. Without power each
call fails with EIO: nothing that a program does then has an effect."""

EIO = 5


class Power:
    """It goes `left` bytes further on; None: it stays.

    gone    whether it has gone
    used    how many bytes were written until now
    writes  a list gets where each write begins, in `used`, and where it is half done
    """

    def __init__(self):
        self.left = None
        self.gone = False
        self.used = 0
        self.writes = None

    def on(self, left):
        self.left = left
        self.gone = False

    def take(self, count):
        """How many of so many bytes are still written."""
        if self.writes is not None:
            self.writes += [self.used, self.used + 1, self.used + count // 2]
        self.used += count
        if self.left is None:
            return count
        got = min(count, self.left)
        self.left -= got
        self.gone = self.gone or got < count
        return got


class Flash:
    """NOR flash: a write leaves a part of its bytes when the power goes, and so does an erase."""

    block = 4096

    def __init__(self, power, blocks=200):
        self._power = power
        self._memory = [bytearray(b"\xff" * self.block) for _ in range(blocks)]
        self.erased = [0] * blocks  # how often each of them
        self._forgotten = False

    def again(self):
        """The same memory for a file system mounted anew: what a file of the old one does when it
        is collected, which FAT's do, has no effect."""
        other = type(self)(self._power, 0)
        other._memory = self._memory
        other.erased = self.erased
        self._forgotten = True
        return other

    def readblocks(self, block, buf, offset=0):
        if self._forgotten:
            return 0
        if self._power.gone:
            return -EIO
        buf = memoryview(buf)
        while buf:
            part = self._memory[block][offset : offset + len(buf)]
            buf[: len(part)] = part
            buf = buf[len(part) :]
            block, offset = block + 1, 0
        return 0

    def writeblocks(self, block, buf, offset=0):
        if self._forgotten:
            return 0
        return self._put(block, offset, bytes(buf), self._power.take(len(buf)))

    def ioctl(self, op, arg):
        if op == 4:
            return len(self._memory)
        if op == 5:
            return self.block
        if op == 6:
            self.erased[arg] += 1
            return self._put(arg, 0, b"\xff" * self.block, self._power.take(self.block))
        return 0

    def _put(self, block, offset, data, got):
        self._memory[block][offset : offset + got] = data[:got]
        return 0 if got == len(data) else -EIO


class Card(Flash):
    """Sectors that are written whole or not at all."""

    block = 512

    def writeblocks(self, block, buf, offset=0):
        if self._forgotten:
            return 0
        for at in range(0, len(buf), self.block):
            got = self._power.take(self.block)
            sector = bytes(buf[at : at + self.block])
            if self._put(block + at // self.block, 0, sector, got // self.block * self.block):
                return -EIO
        return 0


class Files:
    """What flash_queue and flash_log use of an operating system: the module os, and `open`. A file
    that the power cut off has a part of what was written; `zeros`: it has grown nevertheless."""

    def __init__(self, power, zeros):
        self._power = power
        self._zeros = zeros
        self._files = None

    def mkdir(self, folder):
        if self._files is not None:
            raise OSError(17)
        self._files = {}

    def listdir(self, folder):
        return [path[len(folder) + 1 :] for path in self._files]

    def stat(self, path):
        return (0, 0, 0, 0, 0, 0, len(self._files[path]))

    def remove(self, path):
        if not self._power.take(1):
            raise OSError(EIO)
        del self._files[path]

    def open(self, path, mode):
        return _File(self, path, mode)

    def read(self, path):
        return bytes(self._files[path])

    def grow(self, path, data):
        got = self._power.take(len(data) + 1)  # one more for the file itself
        if got:
            lost = bytes(len(data) + 1 - got) if self._zeros else b""
            self._files[path] = self._files.get(path, b"") + data[: got - 1] + lost
        if got <= len(data):
            raise OSError(EIO)


class _File:
    def __init__(self, files, path, mode):
        self._files = files
        self._path = path
        self._data = b""
        assert mode in ("rb", "ab")
        self.read = lambda: files.read(path)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        assert not self._data, "not flushed"

    def write(self, data):
        self._data += data

    def flush(self):
        data, self._data = self._data, b""
        self._files.grow(self._path, data)
