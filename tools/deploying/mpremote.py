"""mpremote as a command: found, shown, run."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys

from tools.deploying.checks import FAILED, NO_BOARD, NO_MPREMOTE, TOP, Trouble, full

OLDEST = (1, 25)  # installs from a package.json of this machine
_VENV = TOP / ".tools" / "venv" / "bin" / "mpremote"
_NO_BOARD = re.compile(
    r"no device found|failed to access|could not enter raw repl|no device with serial", re.I
)
_FULL = re.compile(r"ENOSPC|Errno 28\b|OSError: 28\b")


def find():
    """The words that start mpremote: that of this Python, of tools/setup, or of PATH."""
    if importlib.util.find_spec("mpremote"):
        return [sys.executable, "-m", "mpremote"]
    if _VENV.exists():
        return [str(_VENV)]
    command = shutil.which("mpremote")
    if command:
        return [command]
    raise Trouble(
        NO_MPREMOTE,
        "mpremote is not installed. Say pip install mpremote, or python3 tools/setup.",
    )


class Mpremote:
    """Runs mpremote's commands on one device, and says what it runs.

    words   what starts it
    device  as for `mpremote connect`, or None for the one board at USB
    """

    def __init__(self, words, device):
        self._words = words
        self._connect = ["connect", device] if device else []

    def check_version(self):
        """Trouble if it is too old."""
        try:
            text = subprocess.run(
                [*self._words, "version"],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ).stdout
        except OSError as e:
            raise Trouble(NO_MPREMOTE, "%s: %s" % (shlex.join(self._words), e)) from None
        found = re.search(r"(\d+)\.(\d+)", text)
        if not found or tuple(map(int, found.groups())) < OLDEST:
            raise Trouble(
                NO_MPREMOTE,
                "mpremote %d.%d or newer is needed, and this is %s. "
                "Say pip install --upgrade mpremote."
                % (*OLDEST, text.strip().splitlines()[-1] if text.strip() else "none"),
            )

    def command(self, *words):
        """The command as one types it in the checkout."""
        return shlex.join(["mpremote", *self._connect, *map(_short, words)])

    def run(self, *words, shown=True):
        """Run a command, whose lines are shown as they come and returned; Trouble if it fails, and
        then they are shown in any case."""
        command = self.command(*words)
        print("$ " + command, flush=True)
        with subprocess.Popen(
            [*self._words, *self._connect, *map(_short, words)],
            cwd=TOP,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip())
                if shown:
                    print("  " + lines[-1], flush=True)
        if process.returncode:
            if not shown:
                print("\n".join("  " + line for line in lines))
            raise _trouble("\n".join(lines), command)
        return lines


def _short(word):
    # A path below the checkout as seen from there: the command shown can be repeated.
    text = os.fspath(word)
    return os.path.relpath(text, TOP) if text.startswith(str(TOP) + os.sep) else text


def _trouble(text, command):
    if _FULL.search(text):
        return full("The board's file system is full.")
    if _NO_BOARD.search(text):
        return Trouble(
            NO_BOARD,
            "no board answers. Is it at USB, with a cable that carries data? Does another program "
            "hold its port (a serial monitor, an editor)? mpremote connect list shows the ports, "
            "and --device chooses one. If a program on it never ends, press the reset button.",
        )
    return Trouble(FAILED, "this failed, and why stands above: " + command)
