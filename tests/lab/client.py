# SPDX-License-Identifier: MIT
"""
client.py TIMES NAME PORT -- connects to the first address that glibc has for the name, asking anew each time, and
writes as JSON which task answered how often.
"""

import json
import socket
import sys

times, name, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
counts = {}
for _ in range(times):
    *kind, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(*kind) as connection:
        connection.settimeout(10)
        connection.connect(address)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: task\r\n\r\n")
        with connection.makefile("rb") as page:
            task = page.read().split(b"\r\n\r\n")[1].decode().strip()
    counts[task] = counts.get(task, 0) + 1
print(json.dumps(counts))
