"""requests, urequests and mip, unmodified, over the driver's sockets."""

import os
import sys

import quectel
from scenario import digest, main, online, same

_HTTP = "http://web.example/"
_HTTPS = "https://secure.example/"


def _program(name):
    """The program, imported once the interface is the module `socket`."""
    quectel.install(online())
    return __import__(name)


def _get(requests, url, size, wanted):
    answer = requests.get(url)
    same(answer.status_code, 200, "status")
    same(answer.reason, b"OK", "reason")
    same(int(answer.headers["Content-Length"]), size, "length")
    content = answer.content
    same((len(content), digest(content)), (size, wanted), "content")
    answer.close()


def page(name, secure, size, wanted):
    """A page of `size` bytes with this digest, more often than there are sockets."""
    requests = _program(name)
    for _ in range(2 if size > 10000 else 14):
        _get(requests, (_HTTPS if secure else _HTTP) + "page.txt", size, wanted)


def post(name, secure):
    """Text, JSON, a long body; what the server says it got."""
    requests = _program(name)
    url = (_HTTPS if secure else _HTTP) + "post"
    scheme = b"https" if secure else b"http"
    said = requests.post(url, data=b"two words", headers={"Content-Type": "text/plain"})
    same(said.content, b"POST " + scheme + b" text/plain|two words", "text")
    said = requests.post(url, json={"a": [1, 2]})
    same(said.content, b"POST " + scheme + b' application/json|{"a": [1, 2]}', "JSON")
    long = b"0123456789" * 300
    said = requests.post(url, data=long, headers={"Content-Type": "text/plain"})
    same(said.text.split("|")[1], long.decode(), "long")


def other_ways(name):
    """A page that is missing, one that has moved, a server that refuses, a name of nobody."""
    requests = _program(name)
    answer = requests.get(_HTTP + "missing")
    same(answer.status_code, 404, "missing")
    answer.close()
    answer = requests.get(_HTTP + "moved")
    same((answer.status_code, answer.text), (200, "page"), "moved")
    answer = requests.get(_HTTP + "page.txt", stream=True)
    same(answer.raw.read(2) + answer.raw.read(), b"page", "stream")
    answer.close()
    same(requests.head(_HTTP + "page.txt").status_code, 200, "head")
    for url in ("http://refusing.example/", "http://nowhere.example/"):
        # More often than there are sockets.
        for _ in range(14):
            try:
                requests.get(url)
                raise AssertionError("%s answered" % url)
            except OSError:
                pass
    _get(requests, _HTTP + "page.txt", 4, digest(b"page"))


def install(folder, package, index):
    """mip.install of a package from an index, or of a URL; what it wrote is importable."""
    mip = _program("mip")
    if index:
        mip.install(package, index=index, target=folder, mpy=False)
    else:
        mip.install(package, target=folder)
    sys.path.insert(0, folder)
    import packed.deep

    import packed

    print(packed.NAME, packed.deep.NAME, os.stat(folder + "/packed/data.bin")[6])


if __name__ == "__main__":
    main(globals())
