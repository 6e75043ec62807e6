"""A queue of messages in the files of flash_log.py: what `append` has taken outlives a reset.

Each file, a segment, begins with a state: the number of the oldest message kept, and how many were
dropped. The oldest segment is removed when all in it is done with."""

import os

from flash_log import STATE, entries, entry, store

SEGMENT = 512  # bytes; with blocks of 4 KB littlefs keeps such a file in its folder: few erases
OVERHEAD = 24  # bytes of a segment's first state, and of a message's header


class FlashQueue:
    """first: number of the oldest message that is kept; next: what the next one will get.
    dropped: how many messages a full queue has dropped, ever since `folder` was made."""

    def __init__(self, folder: str, limit: int = 32768, drop: str = "oldest"):
        """Recover what `folder` has. `limit`: bytes, 2048 or more; what a full queue drops is the
        "oldest" messages, a segment of them at once, or the "newest": the one given."""
        if limit < 4 * SEGMENT or drop not in ("oldest", "newest"):
            raise ValueError("limit must be %d or more, drop oldest or newest" % (4 * SEGMENT))
        self.first = self.next = 1
        self.dropped = self._name = 0  # of the newest segment
        self._folder, self._limit, self._drop = folder, limit, drop
        self._state = b""  # as it was last written
        self._segments: "list[tuple[str, int, int]]" = []  # path, end of its numbers, bytes
        try:
            os.mkdir(folder)
        except OSError:
            for name in sorted(os.listdir(folder)):
                self._recover(folder + "/" + name)
        self._remove_done()

    def append(self, message: bytes):
        """The number of the message, once it is in the flash; None where it was dropped."""
        if len(message) > SEGMENT - OVERHEAD:
            raise ValueError("a message has %d bytes at most" % (SEGMENT - OVERHEAD))
        if sum([size for _, _, size in self._segments]) + len(message) + OVERHEAD > self._limit:
            if self._drop == "newest":
                self.dropped += 1
                return None
            kept = max(self.first, self._segments[0][1])
            self.dropped += kept - self.first
            self.first = kept
        self.next += 1  # a number is never given twice, not even if this write fails
        self._write(entry(self.next - 1, message))
        return self.next - 1

    def messages(self):
        """(number, message) of each that is kept, the oldest first."""
        for path, end, _ in list(self._segments):
            if end > self.first:
                for number, kind, message, _ in entries(path):
                    if number >= self.first and not kind:
                        yield number, message

    def acknowledge(self, number: int):
        """Be done with all messages up to that number; returns when that is in the flash."""
        self.first = max(self.first, min(number + 1, self.next))
        self._write(b"")

    def _recover(self, path: str):
        self._name, at = int(path[-8:]), 0
        for number, kind, data, at in entries(path):
            if kind:
                self.first, self.dropped = number, int.from_bytes(data, "little")
            self.next = max(self.next, number if kind else number + 1)
        torn = at < os.stat(path)[6]
        if at:
            self._segments.append((path, self.next, SEGMENT if torn else at))
        else:
            os.remove(path)

    def _write(self, data: bytes):
        state = entry(self.first, self.dropped.to_bytes(4, "little"), STATE)
        if not data and state == self._state:
            return
        path, _, size = self._segments[-1] if self._segments else ("", 0, SEGMENT)
        if size + len(state) + len(data) <= SEGMENT:
            self._segments[-1] = path, self.next, SEGMENT  # a write that fails may tear it
            store(path, data if state == self._state else state + data)
            self._segments.pop()
        else:
            self._name += 1
            path = "%s/%08d" % (self._folder, self._name)
            store(path, state + data)
        self._segments.append((path, self.next, os.stat(path)[6]))
        self._state = state
        self._remove_done()

    def _remove_done(self):
        while len(self._segments) > 1 and self._segments[0][1] <= self.first:
            os.remove(self._segments.pop(0)[0])
