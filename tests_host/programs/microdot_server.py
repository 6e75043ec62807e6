"""microdot, unmodified, as a web server on the module's TCP LISTENER."""

import asyncio

import quectel
from scenario import HOST, main, online


def _application(together):
    """An app whose page `/together/N` is given only once `together` clients are waiting for it."""
    from microdot import Microdot

    app = Microdot()
    waiting = []
    everybody = asyncio.Event()

    @app.get("/")
    async def index(request):
        return "hello %s" % request.args.get("name")

    @app.get("/long/<int:size>")
    async def long(request, size):
        return b"0123456789" * (size // 10)

    @app.post("/echo")
    async def echo(request):
        return request.body

    @app.get("/together/<int:number>")
    async def meet(request, number):
        waiting.append(number)
        if len(waiting) == together:
            everybody.set()
        await everybody.wait()
        return "%d of %d" % (number, len(waiting))

    @app.get("/stop")
    async def stop(request):
        request.app.shutdown()
        return "bye"

    return app


async def _tell(nic, app, port):
    """Tell the test, at its own port, as soon as there is a server."""
    while app.server is None:  # noqa: ASYNC110 - microdot has no event for it
        await asyncio.sleep(0)
    s = nic.socket()
    s.connect((HOST, port))
    s.write("ready\n")
    s.close()


async def _serve(nic, app, own_port, test_port):
    task = asyncio.create_task(_tell(nic, app, test_port))
    await app.start_server(host="0.0.0.0", port=own_port)
    await task


def serve(own_port, test_port, together):
    """Serve on own_port until a client asks for /stop."""
    nic = online()
    quectel.install(nic)
    app = _application(together)
    asyncio.run(_serve(nic, app, own_port, test_port))


if __name__ == "__main__":
    main(globals())
