"""What the set-up steps share: folders, stamps, running a command, a reason to skip."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
TOOLS = TOP / ".tools"


class Unavailable(Exception):
    """This machine cannot have the thing; the text says why, for people."""


def in_ci():
    return os.environ.get("CI", "") not in ("", "0", "false")


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run(command, **options):
    """Run a command, quietly unless it fails; return what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **options,
    )
    if done.returncode:
        words = " ".join(str(word) for word in command[:4])
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Unavailable("%s … ended with %d:\n%s" % (words, done.returncode, tail))
    return done.stdout


def apt_install(*packages):
    """Install Debian packages in CI as root, where a fresh machine may lack anything."""
    if not (in_ci() and is_root() and shutil.which("apt-get")):
        return False
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "update", "-qq"], env=quiet)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet)
    return True


def fingerprint(*parts):
    """A stamp of file contents and texts: what was installed, and from which recipe."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


class Stamp:
    """Remembers that a folder of .tools was completed from a given recipe."""

    def __init__(self, name, *parts):
        self._path = TOOLS / "stamps" / name
        self._value = fingerprint(*parts)

    def fresh(self):
        return self._path.is_file() and self._path.read_text() == self._value

    def clear(self):
        if self._path.exists():
            self._path.unlink()

    def set(self):
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._value)


def write_script(path, text):
    """Write an executable file in one step: another run may be using the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name("%s.%d" % (path.name, os.getpid()))
    scratch.write_text(text)
    scratch.chmod(0o755)
    scratch.replace(path)
