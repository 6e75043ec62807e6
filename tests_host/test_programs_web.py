"""requests, urequests and mip, unmodified, over the driver, with nginx as the server."""

import contextlib
import hashlib
import json
import socket

import end_to_end
import end_to_end_daemons
import others
import pytest

pytestmark = pytest.mark.interpreters("unix")

PROGRAMS = {"requests": [], "urequests": ["micropython-urequests"]}
DIALECTS = ["bg95", "bc25", "bc95"]


@contextlib.contextmanager
def refusing():
    """A port that nobody listens at, and that nobody else gets."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]


@contextlib.contextmanager
def web_and_module(interpreter, folder, dialect="bg95"):
    """An nginx, and a virtual module that knows it by two names; yields both."""
    with end_to_end_daemons.web(folder, "secure.example") as web, refusing() as port:
        ports = {"web": web.http, "secure": web.https, "refusing": port}
        options = []
        for name, number in ports.items():
            options += ["--host", "%s.example=127.0.0.1:%d" % (name, number)]
        with end_to_end.module(interpreter, *options, dialect=dialect) as module:
            yield web, module


def fetch(interpreter, folder, program, secure, size, dialect):
    content = bytes(i * 31 >> 3 & 255 for i in range(size))
    digest = hashlib.sha256(content).hexdigest()
    with web_and_module(interpreter, folder, dialect) as (web, module):
        (web.pages / "page.txt").write_bytes(content)
        args = ["page", program, secure, size, digest]
        others.run(module, PROGRAMS[program], "web_client", *args)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("size", [3000, 100000])
@pytest.mark.parametrize("program", PROGRAMS)
def test_get(interpreter, program, size, dialect, tmp_path):
    fetch(interpreter, tmp_path, program, 0, size, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("size", [3000, 100000])
def test_get_over_https(interpreter, size, dialect, tmp_path):
    fetch(interpreter, tmp_path, "requests", 1, size, dialect)


@pytest.mark.parametrize(
    ("program", "secure"), [("requests", 0), ("requests", 1), ("urequests", 0)]
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_post(interpreter, program, secure, dialect, tmp_path):
    with web_and_module(interpreter, tmp_path, dialect) as (_, module):
        others.run(module, PROGRAMS[program], "web_client", "post", program, secure)


@pytest.mark.parametrize("program", PROGRAMS)
def test_other_ways(interpreter, program, tmp_path):
    with web_and_module(interpreter, tmp_path) as (web, module):
        (web.pages / "page.txt").write_text("page")
        others.run(module, PROGRAMS[program], "web_client", "other_ways", program)


FILES = {
    "packed/__init__.py": b'NAME = "packed"\n',
    "packed/deep.py": b'NAME = "deep"\n',
    "packed/data.bin": bytes(range(256)) * 40,
}


def test_mip_install_of_a_url(interpreter, tmp_path):
    with web_and_module(interpreter, tmp_path) as (web, module):
        for name, content in FILES.items():
            path = web.pages / "source" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        package = {
            "version": "1.0",
            "urls": [[name, "http://web.example/source/" + name] for name in FILES],
        }
        (web.pages / "package.json").write_text(json.dumps(package))
        target = str(tmp_path / "target")
        args = ["install", target, "http://web.example/package.json", ""]
        printed = others.run(module, [], "web_client", *args)
    assert printed[-1] == "packed deep 10240"
    for name, content in FILES.items():
        assert (tmp_path / "target" / name).read_bytes() == content


def test_mip_install_from_an_index(interpreter, tmp_path):
    """As the index of micropython-lib is laid out: a package names its files by their hashes."""
    with web_and_module(interpreter, tmp_path) as (web, module):
        hashes = []
        for name, content in FILES.items():
            digest = hashlib.sha256(content).hexdigest()
            path = web.pages / "file" / digest[:2] / digest
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            hashes.append([name, digest])
        package = web.pages / "package" / "py" / "packed" / "latest.json"
        package.parent.mkdir(parents=True)
        package.write_text(json.dumps({"version": "1.0", "hashes": hashes}))
        target = str(tmp_path / "target")
        args = ["install", target, "packed", "https://secure.example"]
        printed = others.run(module, [], "web_client", *args)
    assert printed[-1] == "packed deep 10240"
    for name, content in FILES.items():
        assert (tmp_path / "target" / name).read_bytes() == content
