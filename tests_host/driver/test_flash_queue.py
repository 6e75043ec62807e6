# interpreters: cpython unix
# heap: 8M
"""boards/examples/flash_queue.py while the power goes: nothing that was acknowledged is lost."""

import os
import random
import sys

import flash_device

TOP = __file__.rpartition("/")[0] + "/../.."
sys.path.insert(0, TOP + "/boards/examples")

import flash_log  # noqa: E402
import flash_queue  # noqa: E402
from flash_queue import FlashQueue  # noqa: E402

POINT = "/flash"


class OnFiles:
    """The queue on a PC's files."""

    def __init__(self, zeros=False):
        self.power = flash_device.Power()
        self._files = flash_device.Files(self.power, zeros)

    def start(self, **settings):
        flash_queue.os = self._files
        flash_log.open = self._files.open
        flash_log.fsync = id
        return FlashQueue(POINT, **settings)

    def stop(self):
        flash_queue.os = os
        flash_log.open = open


class OnDevice:
    """The queue on a block device, with a file system of MicroPython's."""

    def __init__(self, vfs, device, **settings):
        self.power = flash_device.Power()
        self.device = device(self.power)
        self._vfs = vfs
        self._settings = settings
        vfs.mkfs(self.device, **settings)

    def start(self, **settings):
        self.device = self.device.again()
        os.mount(self._vfs(self.device, **self._settings), POINT)
        return FlashQueue(POINT + "/queue", **settings)

    def stop(self):
        os.umount(POINT)


def on_littlefs():
    return OnDevice(os.VfsLfs2, flash_device.Flash, progsize=256)  # as a Pico has it


def on_esp32():
    return OnDevice(os.VfsLfs2, flash_device.Flash)


def on_old_littlefs():
    return OnDevice(os.VfsLfs1, flash_device.Flash, progsize=256)  # as SAMD has it


def on_fat():
    return OnDevice(os.VfsFat, flash_device.Card)


def on_files():
    return OnFiles()


def on_files_with_zeros():
    return OnFiles(zeros=True)


if sys.implementation.name == "micropython":
    PLACES = (on_littlefs, on_esp32, on_old_littlefs, on_fat)
else:
    PLACES = (on_files, on_files_with_zeros)


class Story:
    """What a program has done with a queue, over any number of losses of power."""

    def __init__(self, place, **settings):
        self._place = place
        self._settings = settings
        self.queue = None
        self._given = {}  # messages by number
        self._stored = 0  # append has returned this number
        self._done = 0  # how many messages were acknowledged, …
        self._asked = 0  # … and by a call that has not returned

    def run(self, steps, left=None):
        """Whether the power lasted for all steps. A step is the bytes of a message to append, or
        below 0 how many are acknowledged."""
        power = self._place.power
        power.on(left)
        try:
            self.queue = self._place.start(**self._settings)
            self._check()
            for step in steps:
                if step > 0:
                    self._append(step)
                else:
                    self._acknowledge(-step)
            self._check()
            return True
        except OSError:
            if not power.gone:
                raise
            return False
        finally:
            self._place.stop()

    def _append(self, size):
        number = self.queue.next
        self._given[number] = bytes([number * 7 % 251]) * size
        dropped = self.queue.dropped
        told = self.queue.append(self._given[number])
        if told is None:
            assert self._settings["drop"] == "newest"
            assert self.queue.dropped == dropped + 1
        else:
            assert told == number
            self._stored = number

    def _acknowledge(self, count):
        self._asked = min(count, self.queue.next - self.queue.first)
        self.queue.acknowledge(self.queue.first + count - 1)
        self._done += self._asked
        self._asked = 0

    def _check(self):
        queue = self.queue
        found = list(queue.messages())
        assert [number for number, _ in found] == list(range(queue.first, queue.next)), found
        for number, message in found:
            assert message == self._given[number], number
        # What append was doing when the power went is there or is not.
        assert self._stored + 1 <= queue.next <= self._stored + 2, (self._stored, queue.next)
        self._stored = queue.next - 1
        gone = queue.first - 1
        if self._settings.get("drop") != "newest":
            gone -= queue.dropped
        assert self._done <= gone <= self._done + self._asked, (self._done, self._asked, gone)
        self._done = gone
        self._asked = 0


def test_what_goes_in_comes_out():
    for place in PLACES:
        story = Story(place())
        assert story.run([40, 1, 488, 40, -1, 40, -3, 40, 40, -9, 40])
        assert (story.queue.first, story.queue.next, story.queue.dropped) == (8, 9, 0)
        assert story.run([])
        assert (story.queue.first, story.queue.next, story.queue.dropped) == (8, 9, 0)


STEPS = [40, 300, 40, -1, 150, -3, 400, 40, -1]


def used_by(place, steps):
    """How many bytes the steps write, and where each write begins or is half done."""
    made = place()
    before = made.power.used
    made.power.writes = []
    assert Story(made).run(steps)
    return made.power.used - before, sorted({used - before for used in made.power.writes})


def test_the_power_goes_at_every_write():
    """And on files at every byte."""
    for place in PLACES:
        used, writes = used_by(place, STEPS)
        lasts = range(used) if used < 2000 else writes
        assert len(lasts) > 50
        for last in lasts:
            story = Story(place())
            assert not story.run(STEPS, last)
            assert story.run([]) and story.run([40, -9, 40]) and story.run([])


def test_the_power_goes_again_and_again():
    """At random moments: of a queue that is full, of its recovery, of what comes behind that."""
    random.seed(7)
    for place in PLACES:
        used, _ = used_by(place, STEPS)
        for drop in ("oldest", "newest"):
            story = Story(place(), limit=4096, drop=drop)
            cuts = 0
            while cuts < 40:
                steps = [random.choice((-1, -5, 1, 40, 40, 40, 150, 488)) for _ in range(40)]
                cuts += not story.run(steps, random.randrange(1, 4 * used))


def messages(queue):
    return [number for number, _ in queue.messages()]


def test_a_full_queue_drops_the_oldest():
    for place in PLACES:
        made = place()
        queue = made.start(limit=2048)
        assert [queue.append(bytes(100)) for _ in range(30)] == list(range(1, 31))
        made.stop()
        recovered = made.start(limit=2048)
        assert 10 < queue.dropped == recovered.dropped < 20
        assert messages(recovered) == list(range(queue.dropped + 1, 31))
        made.stop()


def test_a_full_queue_drops_the_newest():
    for place in PLACES:
        made = place()
        queue = made.start(limit=2048, drop="newest")
        told = [queue.append(bytes(100)) for _ in range(30)]
        kept = 30 - queue.dropped
        assert 10 < queue.dropped < 20
        assert told == list(range(1, kept + 1)) + [None] * queue.dropped
        queue.acknowledge(5)
        assert queue.append(bytes(100)) == kept + 1
        made.stop()
        recovered = made.start(limit=2048, drop="newest")
        assert recovered.dropped == queue.dropped
        assert messages(recovered) == list(range(6, kept + 2))
        made.stop()


def rows_of_readme():
    with open(TOP + "/boards/examples/README.md") as file:
        table = file.read().split("| file system |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.split("\n")[2:]]


def test_the_erases_that_the_readme_tells():
    """Of a message acknowledged at once; of a dozen at once; of a year of one every 10 minutes."""
    if sys.implementation.name != "micropython":
        return
    rows = rows_of_readme()
    assert len(rows) == 3
    for place, row in zip(PLACES, rows):
        count = 600
        found = []
        for dozen in (1, 12):
            made = place()
            queue = made.start()
            before = sum(made.device.erased)
            for number in range(1, count + 1):
                queue.append(bytes(40))
                if number % dozen == 0:
                    queue.acknowledge(number)
            made.stop()
            found.append((sum(made.device.erased) - before) / count)
        year = found[0] * 365 * 24 * 6
        said = ["%.2f" % each for each in found] + ["%d" % (round(year / 1000) * 1000)]
        assert row[1:] == said, (place.__name__, said)
    made = on_littlefs()
    queue = made.start()
    free = os.statvfs(POINT)[3]
    while not queue.dropped:
        queue.append(bytes(40))
    assert 60 < free - os.statvfs(POINT)[3] <= 80
    made.stop()


def test_a_failed_write():
    """A full file system: append says so, its number is not given again, what is stored stays."""
    made = OnFiles()
    queue = made.start()
    try:
        assert queue.append(b"one") == 1
        made.power.on(12)
        try:
            queue.append(b"two")
        except OSError:
            made.power.on(None)
        assert queue.append(b"three") == 3
        assert list(queue.messages()) == [(1, b"one"), (3, b"three")]
        assert list(made.start().messages()) == [(1, b"one"), (3, b"three")]
        queue.acknowledge(3)
        assert not messages(made.start())
    finally:
        made.stop()


def refused(call, *args, **keywords):
    try:
        call(*args, **keywords)
    except ValueError as e:
        return str(e)
    raise AssertionError("nothing was raised")


def test_what_it_refuses():
    made = OnFiles()
    try:
        queue = made.start()
        assert queue.append(bytes(488)) == 1
        assert "488" in refused(queue.append, bytes(489))
        assert "2048" in refused(made.start, limit=2047)
        assert "newest" in refused(made.start, drop="all")
        assert messages(made.start()) == [1]
    finally:
        made.stop()
