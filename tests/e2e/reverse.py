# SPDX-License-Identifier: MIT
"""reverse.py -- zones that no namespace asks for: local; what of them is forwarded, and what is not."""

import socket
import threading

import cmap
from tap import check, equal
import tap
import wire


class Upstream:
    """An upstream resolver for which no name exists; asked: the names it was asked for."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.asked = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            octets, client = self.socket.recvfrom(4096)
            if not octets:
                return
            name = wire.Message(octets).question[0][0]
            self.asked.append(name)
            end = 12 + len(wire.name_octets(name)) + 4
            self.socket.sendto(octets[:2] + b"\x81\x83\0\x01\0\0\0\0\0\0" + octets[12:end], client)

    def __str__(self):
        return "127.0.0.1:%d" % self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def test_local_is_a_zone_while_a_namespace_lies_below():
    with Upstream() as upstream, cmap.Daemon(namespace=["prod.local"], forward=[str(upstream)]) as d:
        def dig(name, qtype="A"):
            return d.dig(name, qtype, "+rec")

        soa = dig("local", "SOA")
        equal((soa.status, len(soa.answer), "aa" in soa.flags), ("NOERROR", 1, True))
        equal(dig("local").status, "NOERROR")
        equal(dig("printer.local").status, "NXDOMAIN")
        equal(dig("_ipp._tcp.local", "PTR").authority[0].name, "local.")
        equal(dig("x.prod.local").authority[0].name, "prod.local.")
        equal(upstream.asked, [])
        operation = d.call("DeleteNamespace", {"Id": d.call("ListNamespaces")["Namespaces"][0]["Id"]})
        check(operation["OperationId"], "it is deleted")
        check("aa" not in dig("printer.local").flags, "nobody's any more")
        equal(upstream.asked, ["printer.local."])


tap.main(globals())
