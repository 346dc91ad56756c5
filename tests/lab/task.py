# SPDX-License-Identifier: MIT
"""task.py PORT NAME -- a task: it tells its name, as a page, to whoever connects."""

import socket
import sys

PORT, NAME = int(sys.argv[1]), sys.argv[2].encode()
PAGE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s\n" % (len(NAME) + 1, NAME)

with socket.socket() as door:
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("", PORT))
    door.listen(512)
    print("ready", flush=True)
    while True:
        guest, _ = door.accept()
        with guest:
            guest.settimeout(2)
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    octets = guest.recv(4096)
                    if not octets:
                        break  # somebody who only wanted to know whether the port is open
                    request += octets
                else:
                    guest.sendall(PAGE)
            except OSError:
                pass
