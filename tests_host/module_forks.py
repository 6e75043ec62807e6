"""A process that has read all of tools.vmodule, and forks a virtual module whenever it is asked.

module_process.py starts it, with a socket's number as its argument. A request is a line of JSON;
one that starts a module carries the file that becomes its standard output. Each gets one answer,
a line of JSON. At the socket's end all modules end.
"""

import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tools.vmodule import cli, dialects  # noqa: E402

_returncodes = {}  # by process id: None while it runs


def _play(arguments, output):
    """Be the virtual module; return the exit code, as Python's own start would."""
    os.dup2(output, 1)
    os.close(output)
    sys.argv = ["-m", *arguments]
    try:
        return cli.main(arguments)
    except SystemExit as stop:
        return stop.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _start(requests, arguments, output):
    pid = os.fork()
    if not pid:
        code = 1
        try:
            requests.close()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = _play(arguments, output)
        finally:
            os._exit(code)
    os.close(output)
    _returncodes[pid] = None
    return pid


def _returncode(pid, flags):
    if _returncodes[pid] is None:
        found, status = os.waitpid(pid, flags)
        if found:
            _returncodes[pid] = os.waitstatus_to_exitcode(status)
    return _returncodes[pid]


def _kill(pid, number):
    if _returncode(pid, os.WNOHANG) is None:  # until it is waited for, no other has its id
        os.kill(pid, number)


def _request(requests):
    """The next (request, files that came with it), or None at the end."""
    text, files = b"", []
    while not text.endswith(b"\n"):
        data, more, _, _ = socket.recv_fds(requests, 65536, 1)
        if not data:
            return None
        text += data
        files += more
    return json.loads(text), files


def _answer(requests, word, *arguments):
    if word == "start":
        return _start(requests, *arguments)
    if word == "kill":
        return _kill(*arguments)
    return _returncode(arguments[0], os.WNOHANG if word == "poll" else 0)


def main():
    requests = socket.socket(fileno=int(sys.argv[1]))
    for key in dialects.KEYS:
        dialects.find(key)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it by the socket
    gc.freeze()  # what is there for good is not looked through again, nor copied for that
    while True:
        found = _request(requests)
        if not found:
            break
        words, files = found
        requests.sendall(json.dumps(_answer(requests, *words, *files)).encode() + b"\n")
    for pid in _returncodes:
        _kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
