# SPDX-License-Identifier: MIT
"""reverse.py -- zones that no namespace asks for: of addresses, and local; what of them is forwarded."""

import ipaddress
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


# ---- names of addresses ----


def reverse(d, address, *options):
    """dig -x"""
    return d.dig(ipaddress.ip_address(address).reverse_pointer, "PTR", "+rec", *options)


def test_addresses_have_names():
    with Upstream() as upstream, cmap.Daemon(namespace=["internal"], reverse=["172.31.16.0/20", "fd00:1::/64"],
                                             forward=[str(upstream)]) as d:
        d.service("web.internal", [("A", 60)])
        d.service("b.internal", [("SRV", 30)])
        d.register("web.internal", "i-1", "172.31.16.1")
        d.register("b.internal", "b-1", "172.31.16.1", "fd00:1::7", port=47760)
        d.register("b.internal", "b-2", "172.31.16.1", port=47761, lease="1h")
        found = reverse(d, "172.31.16.1")
        equal(sorted(found.values()), ["b-1.b.internal.", "b-2.b.internal.", "web.internal."])
        equal({record.ttl for record in found.answer}, {30})
        check("aa" in found.flags, "it is ours")
        equal(reverse(d, "fd00:1::7").values(), ["b-1.b.internal."])
        nobody = reverse(d, "172.31.31.255")
        equal((nobody.status, [(r.name, r.type) for r in nobody.authority]),
              ("NXDOMAIN", [("31.31.172.in-addr.arpa.", "SOA")]))
        equal(d.dig("16.31.172.in-addr.arpa", "NS").values(), ["localhost."])
        equal(upstream.asked, [])
        reverse(d, "172.31.32.1")
        reverse(d, "8.8.8.8")
        equal(upstream.asked, ["1.32.31.172.in-addr.arpa.", "8.8.8.8.in-addr.arpa."])
        d.deregister("web.internal", "i-1")
        equal(sorted(reverse(d, "172.31.16.1").values()), ["b-1.b.internal.", "b-2.b.internal."])


def test_health_decides_who_is_named():
    with cmap.Daemon(namespace=["internal"], reverse=["10.0.0.0/8"]) as d:
        d.service("b.internal", [("SRV", 30)], HealthCheckCustomConfig={})
        for instance in ("b-1", "b-2"):
            d.register("b.internal", instance, "10.0.0.1", port=80)
        for told, named in (({"b-1": "UNHEALTHY"}, ["b-2"]), ({"b-2": "UNHEALTHY"}, ["b-1", "b-2"]),
                            ({"b-1": "HEALTHY"}, ["b-1"])):
            for instance, health in told.items():
                d.call("UpdateInstanceCustomHealthStatus",
                       {"ServiceId": d.find("b.internal"), "InstanceId": instance, "Status": health})
            equal(sorted(reverse(d, "10.0.0.1").values()), [f"{name}.b.internal." for name in named])


def test_the_networks_change_with_SIGHUP():
    with cmap.Daemon(namespace=["internal"]) as d:
        d.service("web.internal", [("A", 60)])
        d.register("web.internal", "i-1", "10.1.2.3")
        equal(reverse(d, "10.1.2.3").status, "REFUSED")
        d.configure(reverse=["private"])
        d.reload()
        equal(reverse(d, "10.1.2.3").values(), ["web.internal."])
        equal(reverse(d, "192.168.1.1").status, "NXDOMAIN")
        d.restart()
        equal(reverse(d, "10.1.2.3").values(), ["web.internal."])
        d.configure(reverse=["10.1.2.0/24"])
        d.reload()
        equal(reverse(d, "10.1.2.3").values(), ["web.internal."])
        equal(reverse(d, "192.168.1.1").status, "REFUSED")
        d.configure(reverse=["10.1.2.0/8"])
        check("has bits behind its prefix" in d.reload(), "a network must be one")
        equal(reverse(d, "10.1.2.3").values(), ["web.internal."])


tap.main(globals())
