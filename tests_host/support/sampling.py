"""Which cuts of a conversation are played: all, or one in so many, chosen by a seed.

The runner is told the seed, as `8:5e27094`: one in 8. A test's choice depends on nothing but the
seed and the test's name, so it is the same again where the test runs alone."""

_MASK = 0x3FFFFFFF  # a small integer on any board


class Sampling:
    """The choice, for the whole process."""

    def __init__(self):
        self.one_in = 1
        self._seed = ""
        self._state = 0

    def use(self, text):
        """Sample from now on, as `text` says."""
        one_in, _, self._seed = text.partition(":")
        self.one_in = int(one_in)

    def begin(self, test):
        """The test of this name begins."""
        self._state = 1
        for byte in (self._seed + test).encode():
            self._state = (self._state ^ byte) * 16777619 & _MASK
            self._state ^= self._state >> 15  # so that seeds nearly alike choose differently

    def _below(self, count):
        self._state = self._state * 1103515245 + 12345 & _MASK
        return (self._state >> 12) % count  # its low bits repeat soon

    def cuts(self, start, end):
        """The cuts to play of those from `start` up to `end`: the first, the last, and one in each
        `one_in` between them."""
        if self.one_in == 1 or end - start < 3:
            return range(start, end)
        chosen = [start]
        for first in range(start + 1, end - 1, self.one_in):
            chosen.append(first + self._below(min(self.one_in, end - 1 - first)))
        return chosen + [end - 1]


sampling = Sampling()
