"""mosquitto and nginx, from the system or unpacked from Debian 13 into .tools/servers.

Neither runs as a daemon: the tests start them with a configuration and ports of their own.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import debian
from common import TOOLS, Stamp, Unavailable, apt_install, write_script

_PACKAGES = ("mosquitto", "nginx-light", "nginx")
_PROGRAMS = {"mosquitto": "usr/sbin/mosquitto", "nginx": "usr/sbin/nginx"}
NAMES = tuple(_PROGRAMS)

# How each one says its version (and mosquitto's help ends with an exit code of its own).
_ASK = {"mosquitto": "-h", "nginx": "-V"}
_ANSWER = {
    "mosquitto": re.compile(r"mosquitto version (\S+)"),
    "nginx": re.compile(r"nginx version: nginx/(\S+)(?=.*--with-http_ssl_module)", re.S),
}


def _version(name, command):
    """What the program calls itself, or None where it does not start or lacks TLS."""
    try:
        done = subprocess.run(
            [str(command), _ASK[name]],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _ANSWER[name].search(done.stdout)
    return found and "%s %s" % (name, found.group(1))


def _take_the_systems():
    """Link the machine's own servers, if it has both."""
    # Debian keeps servers where only root's PATH looks.
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
    commands = {name: shutil.which(name, path=path) for name in _PROGRAMS}
    if not all(command and _version(name, command) for name, command in commands.items()):
        return False
    for name, command in commands.items():
        write_script(TOOLS / "bin" / name, '#!/bin/sh\nexec "%s" "$@"\n' % command)
    return True


def _install():
    if _take_the_systems():
        return
    try:
        debian.unpack("servers", _PACKAGES, _PROGRAMS)
    except Unavailable:
        if not (apt_install("mosquitto", "nginx-light") and _take_the_systems()):
            raise


def install():
    """Give .tools/bin/mosquitto and .tools/bin/nginx; return {name: (command, version)}."""
    commands = {name: TOOLS / "bin" / name for name in _PROGRAMS}
    stamp = Stamp("servers", Path(__file__), Path(debian.__file__))
    if not (stamp.fresh() and all(command.exists() for command in commands.values())):
        stamp.clear()
        _install()
    found = {name: (command, _version(name, command)) for name, command in commands.items()}
    for name, (_, version) in found.items():
        if not version:
            raise Unavailable("the unpacked %s does not start here" % name)
    stamp.set()
    return found
