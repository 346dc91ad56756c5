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
        connection.sendall(b"GET / HTTP/1.1\r\nHost: task\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as page:
            head, _, body = page.read().partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        sys.exit(head.decode())
    task = body.decode().strip()
    counts[task] = counts.get(task, 0) + 1
print(json.dumps(counts))
