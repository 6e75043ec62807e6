"""How a TCP/IP command is refused: with `ERROR`, or with `+CME ERROR: <err>` (2.3)."""

from ...args import INVALID


class Answers:
    """Mixin, before the others.

    2.3 names both for every command but QIOPEN (2.3.7) and QICLOSE while "close mode" is 0
    (2.3.8), which know `ERROR` alone. Which of the two it is, is AT+CMEE's business; <err> is
    always the number, as "integer type" says.
    """

    def refuse(self, code=INVALID):
        if self._tcpip and self.error_mode and not self._plain():
            self.final("+CME ERROR: {}".format(code), code)
        else:
            self.final("ERROR", code)

    def _plain(self):
        closing = self.command == "qiclose" and not self.config["close mode"][0]
        return closing or self.command == "qiopen"
