# The examples of the "BG95-S5 TCP/IP Application Note", as data: plain literals, no import, so
# that MicroPython reads this file too.
#
# A key begins with the section's number. The parts of one section (3.2.1, 3.2.2, …) follow one
# another on one module: play them in the order of sorted(CONVERSATIONS). A section's first part
# says with "given" steps what was there before it.
#
# A value is a tuple of steps, each a pair:
#
#   (">", text)          the host sends this command line (and CR)
#   (">>", data)         the host sends these bytes: after a prompt, or in transparent mode
#   ("<", text)          the module answers this line, as CRLF text CRLF
#   ("<<", data)         counted data behind the header line just before, then CRLF
#   ("<=", data)         bytes of transparent mode, with nothing around them
#   ("<prompt", "> ")    the module asks for data
#   ("!", text)          a URC, framed as a line
#   ("peer", what)       the remote end: bytes that it sends, or
#                        ("accept", ip, port)        a client connects to the listener
#                        ("datagram", data, ip, port)  a datagram comes to the UDP socket
#                        ("got", data)               what has reached it since it was last asked
#                        ("got datagram", data, ip, port)
#   ("wait", seconds)    this long nothing happens
#   ("given", what)      what the world is like:
#                        ("context", id, type)       configured and active; type 1 IPv4, 2 IPv6
#                        ("local port", port)        the one the module will pick
#                        ("host", name, ip)          what DNS says
#                        ("ping", ip, times)         ms that the replies will take
#                        ("ntp", (y, m, d, h, m, s))   UTC that the server will tell
#
# Corrected here, each beside its place: broken lines, a misspelt command, a misspelt name.
# The port in QISTATE is "usbmodem" as printed; a module on a UART says "uart1".

IPV6 = "2001:db8:1111:2222:3333:4444:5555:6666"

CONVERSATIONS = {
    "2.3.1.1 context query": (
        (">", "AT+QICSGP=1"),
        ("<", '+QICSGP: 1,"","","",0'),
        ("<", "OK"),
    ),
    "2.3.1.2 context set": (
        (">", 'AT+QICSGP=1,1,"CMNBIOT","","",0'),
        ("<", "OK"),
    ),
    "3.1.1 configure a context": (
        (">", 'AT+QICSGP=1,1,"CMNBIOT","","",0'),
        ("<", "OK"),
    ),
    "3.1.2 activate a context": (
        (">", "AT+QIACT=1"),
        ("<", "OK"),
        (">", "AT+QIACT?"),
        ("<", '+QIACT: 1,1,1,"10.7.157.1"'),
        ("<", "OK"),
    ),
    "3.1.3 deactivate a context": (
        (">", "AT+QIDEACT=1"),
        ("<", "OK"),
    ),
    "3.2.1 tcp client open": (
        ("given", ("context", 1, 1)),
        ("given", ("local port", 65514)),
        (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","192.0.2.2",8009,65514,2,1,0,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.2.2 tcp client send": (
        (">", "AT+QISEND=0"),
        ("<prompt", "> "),
        (">>", b"test1\x1a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,4"),
        ("<prompt", "> "),
        (">>", b"test"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 9,9,0"),
        ("<", "OK"),
        (">", 'AT+QISENDEX=0,"3132333435"'),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 14,14,0"),
        ("<", "OK"),
        ("peer", ("got", b"test1test12345")),
    ),
    "3.2.3 tcp client read": (
        ("peer", b"test1"),
        ("!", '+QIURC: "recv",0'),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 5"),
        ("<<", b"test1"),
        ("<", "OK"),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=0,0"),
        ("<", "+QIRD: 5,5,0"),
        ("<", "OK"),
    ),
    "3.2.4 tcp client close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    "3.3.1 tcp client open, ipv6": (
        ("given", ("context", 1, 2)),
        ("given", ("local port", 11921)),
        (">", 'AT+QIOPEN=1,0,"TCP","' + IPV6 + '",5001,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","' + IPV6 + '",5001,11921,2,1,0,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.3.2 tcp client send, ipv6": (
        (">", "AT+QISEND=0"),
        ("<prompt", "> "),
        (">>", b"test1\x1a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,4"),
        ("<prompt", "> "),
        (">>", b"test"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 9,9,0"),
        ("<", "OK"),
        (">", 'AT+QISENDEX=0,"3132333435"'),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 14,14,0"),
        ("<", "OK"),
        ("peer", ("got", b"test1test12345")),
    ),
    "3.3.3 tcp client read, ipv6": (
        ("peer", b"test1"),
        ("!", '+QIURC: "recv",0'),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 5"),
        ("<<", b"test1"),
        ("<", "OK"),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=0,0"),
        ("<", "+QIRD: 5,5,0"),
        ("<", "OK"),
    ),
    "3.3.4 tcp client close, ipv6": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    "3.4.1 transparent open": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,2'),
        ("<", "CONNECT"),
    ),
    # The example prints no data of its own here, and leaves +++ to a remark.
    "3.4.2 transparent send": (
        (">>", b"Test 1"),
        ("wait", 1.0),
        ("peer", ("got", b"Test 1")),
    ),
    "3.4.3 transparent receive": (
        ("peer", b"Test 1"),
        ("<=", b"Test 1"),
    ),
    "3.4.4 transparent close": (
        ("wait", 1.0),
        (">>", b"+++"),
        ("wait", 1.0),
        ("<", "OK"),
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    "3.5.1 push open": (
        ("given", ("context", 1, 1)),
        ("given", ("local port", 65344)),
        (">", 'AT+QIOPEN=1,0,"TCP","192.0.2.2",8009,0,1'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","192.0.2.2",8009,65344,2,1,0,1,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.5.2 push send": (
        (">", "AT+QISEND=0"),
        ("<prompt", "> "),
        (">>", b"test1\x1a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,5"),
        ("<prompt", "> "),
        (">>", b"test2"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 10,10,0"),
        ("<", "OK"),
        ("peer", ("got", b"test1test2")),
    ),
    "3.5.3 push receive": (
        ("peer", b"test"),
        ("!", '+QIURC: "recv",0,4'),
        ("<<", b"test"),
    ),
    "3.5.4 push close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    "3.6.1 tcp server open": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 1,"TCP LISTENER","10.7.157.1",0,2020,3,1,1,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.6.2 tcp server accept": (
        ("peer", ("accept", "172.31.242.222", 54091)),
        ("!", '+QIURC: "incoming",11,1,"172.31.242.222",54091'),
    ),
    "3.6.3 tcp server read": (
        ("peer", b"test"),
        ("!", '+QIURC: "recv",11'),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 4"),
        ("<<", b"test"),
        ("<", "OK"),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=11,0"),
        ("<", "+QIRD: 4,4,0"),
        ("<", "OK"),
    ),
    "3.6.4 tcp server close": (
        (">", "AT+QICLOSE=11"),
        ("<", "OK"),
        (">", "AT+QICLOSE=1"),
        ("<", "OK"),
    ),
    # The state line is broken inside "usbmodem" in print.
    "3.7.1 tcp server open, ipv6": (
        ("given", ("context", 1, 2)),
        (">", 'AT+QIOPEN=1,1,"TCP LISTENER","0:0:0:0:0:0:0:1",0,12345,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 1,"TCP LISTENER","' + IPV6 + '",0,12345,3,1,1,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.7.2 tcp server accept, ipv6": (
        ("peer", ("accept", IPV6, 54091)),
        ("!", '+QIURC: "incoming",11,1,"' + IPV6 + '",54091'),
    ),
    "3.7.3 tcp server read, ipv6": (
        ("peer", b"test"),
        ("!", '+QIURC: "recv",11'),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 4"),
        ("<<", b"test"),
        ("<", "OK"),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=11,0"),
        ("<", "+QIRD: 4,4,0"),
        ("<", "OK"),
    ),
    # Printed as AT+QSWTMD; the command is QISWTMD. The silence around +++ is that of 1.2.
    "3.7.4 incoming to transparent": (
        (">", "AT+QISWTMD=11,2"),
        ("<", "CONNECT"),
        (">>", b"1234567890"),
        ("wait", 1.0),
        ("peer", ("got", b"1234567890")),
        (">>", b"+++"),
        ("wait", 1.0),
        ("<", "OK"),
    ),
    "3.7.5 tcp server close, ipv6": (
        (">", "AT+QICLOSE=11"),
        ("<", "OK"),
        (">", "AT+QICLOSE=1"),
        ("<", "OK"),
    ),
    "3.8.1 udp service open": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,2,"UDP SERVICE","127.0.0.1",0,3030,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 2,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 2,"UDP SERVICE","10.7.157.1",0,3030,2,1,2,0,"usbmodem"'),
        ("<", "OK"),
    ),
    # In print, what 3.8.2 and 3.8.3 announce stands the other way round: the reply goes to a
    # client that has been heard, the last datagram to one that has not.
    "3.8.2 udp service read and reply": (
        ("peer", ("datagram", b"AAAA", "10.7.76.34", 7687)),
        ("!", '+QIURC: "recv",2'),
        (">", "AT+QIRD=2"),
        ("<", '+QIRD: 4,"10.7.76.34",7687'),
        ("<<", b"AAAA"),
        ("<", "OK"),
        (">", "AT+QIRD=2"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", 'AT+QISEND=2,10,"10.7.76.34",7687'),
        ("<prompt", "> "),
        (">>", b"1234567890"),
        ("<", "SEND OK"),
        ("peer", ("got datagram", b"1234567890", "10.7.76.34", 7687)),
    ),
    "3.8.3 udp service send": (
        (">", 'AT+QISEND=2,10,"10.7.89.10",6969'),
        ("<prompt", "> "),
        (">>", b"1234567890"),
        ("<", "SEND OK"),
        ("peer", ("got datagram", b"1234567890", "10.7.89.10", 6969)),
    ),
    "3.8.4 udp service close": (
        (">", "AT+QICLOSE=2"),
        ("<", "OK"),
    ),
    # The state line is broken inside "usbmodem" in print.
    "3.9.1 udp service open, ipv6": (
        ("given", ("context", 1, 2)),
        (">", 'AT+QIOPEN=1,2,"UDP SERVICE","0:0:0:0:0:0:0:1",0,12345,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 2,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 2,"UDP SERVICE","' + IPV6 + '",0,12345,2,1,2,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.9.2 udp service send, ipv6": (
        (">", 'AT+QISEND=2,10,"' + IPV6 + '",5001'),
        ("<prompt", "> "),
        (">>", b"1234567890"),
        ("<", "SEND OK"),
        ("peer", ("got datagram", b"1234567890", IPV6, 5001)),
    ),
    "3.9.3 udp service read, ipv6": (
        ("peer", ("datagram", b"AAAA", IPV6, 5001)),
        ("!", '+QIURC: "recv",2'),
        (">", "AT+QIRD=2"),
        ("<", '+QIRD: 4,"' + IPV6 + '",5001'),
        ("<<", b"AAAA"),
        ("<", "OK"),
        (">", "AT+QIRD=2"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
    ),
    "3.9.4 udp service close, ipv6": (
        (">", "AT+QICLOSE=2"),
        ("<", "OK"),
    ),
    # The note ends this example at the OK; the URC that 2.3.4 promises is added.
    "3.10.1 udp client open": (
        ("given", ("context", 1, 1)),
        ("given", ("local port", 49152)),
        (">", 'AT+QIOPEN=1,0,"UDP","192.0.2.2",8009'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
    ),
    # Between URCs stand the times that the example prints, in seconds.
    "3.10.2 udp client with release assistance": (
        (">", "AT+QCSCON=1"),
        ("<", "OK"),
        (">", 'AT+QISENDEX=0,"313233",0'),
        ("<", "SEND OK"),
        ("!", "+QCSCON: 1,1"),
        ("wait", 21.1),
        ("!", "+QCSCON: 1,0"),
        (">", 'AT+QISENDEX=0,"313233",1'),
        ("<", "SEND OK"),
        ("!", "+QCSCON: 1,1"),
        ("wait", 1.2),
        ("!", "+QCSCON: 1,0"),
        (">", 'AT+QISENDEX=0,"313233",2'),
        ("<", "SEND OK"),
        ("!", "+QCSCON: 1,1"),
        ("wait", 7.1),
        ("peer", ("datagram", b"321", "192.0.2.2", 8009)),
        ("!", '+QIURC: "recv",0'),
        ("wait", 1.0),  # printed as 0.15
        ("!", "+QCSCON: 1,0"),
    ),
    "3.10.3 udp client close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    # The command misspells the name in print, its remark has www.example.com. The average of the
    # four times is 288; 287 is printed, as of times with fractions that were cut off.
    "3.11.1 ping": (
        ("given", ("context", 1, 1)),
        ("given", ("host", "www.example.com", "192.0.2.2")),
        ("given", ("ping", "192.0.2.2", (191.6, 239.6, 240.6, 478.6))),
        (">", 'AT+QPING=1,"www.example.com"'),
        ("<", "OK"),
        ("wait", 1.2),
        ("!", '+QPING: 0,"192.0.2.2",32,192,255'),
        ("!", '+QPING: 0,"192.0.2.2",32,240,255'),
        ("!", '+QPING: 0,"192.0.2.2",32,241,255'),
        ("!", '+QPING: 0,"192.0.2.2",32,479,255'),
        ("!", "+QPING: 0,4,4,0,192,479,287"),
    ),
    "3.11.2 ping, ipv6": (
        ("given", ("context", 1, 2)),
        ("given", ("ping", IPV6, (58, 49, 39, 40))),
        (">", 'AT+QPING=1,"' + IPV6 + '"'),
        ("<", "OK"),
        ("wait", 1.2),
        ("!", '+QPING: 0,"' + IPV6 + '",32,58,255'),
        ("!", '+QPING: 0,"' + IPV6 + '",32,49,255'),
        ("!", '+QPING: 0,"' + IPV6 + '",32,39,255'),
        ("!", '+QPING: 0,"' + IPV6 + '",32,40,255'),
        ("!", "+QPING: 0,4,4,0,39,58,46"),
    ),
    "3.12.1 time": (
        ("given", ("context", 1, 1)),
        ("given", ("ntp", (2013, 8, 19, 3, 10, 10))),
        (">", 'AT+QNTP=1,"192.0.2.2",123'),
        ("<", "OK"),
        ("!", '+QNTP: 0,"2013/08/19,11:10:10+32"'),
        ("wait", 47),
        (">", "AT+CCLK?"),
        ("<", '+CCLK: "13/08/19,11:10:57+32"'),
        ("<", "OK"),
    ),
    # The connectID is left out on purpose.
    "3.13.1 error code": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,"TCP","192.0.2.2",8009,0,1'),
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 552, invalid parameters"),
        ("<", "OK"),
    ),
}
