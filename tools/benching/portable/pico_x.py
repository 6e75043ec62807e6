import pico_board
def rep(f):
    for _ in range(100): f()
def main(name, baud, scenes):
    import quectel
    nic = getattr(quectel, name)(pico_board.uart(baud))
    pico_board.online(nic)
    s = pico_board.connected(nic, pico_board.SINK)
    for _ in range(50):
        nic.poll()
    m = nic.module; c = m.channel
    print("state", m.tasks, m.senders, m.calls, m.watches, c.busy, c.uart.any())
    pico_board.measure("nothing", 1, lambda: None)
    pico_board.measure("lambda", 100, rep, lambda: None)
    pico_board.measure("nic.poll", 100, rep, nic.poll)
    pico_board.measure("nic.poll lookup", 100, rep, lambda: nic.poll)
    pico_board.measure("module.poll", 100, rep, m.poll)
    pico_board.measure("any", 100, rep, c.uart.any)
    pico_board.measure("busy", 100, rep, lambda: c.busy)
    pico_board.measure("senders", 100, rep, lambda: m.senders)
    pico_board.measure("m.poll lookup", 100, rep, lambda: m.poll)
    print("state", m.tasks, m.senders, m.calls, m.watches, c.busy, c.uart.any())
    print("done")
