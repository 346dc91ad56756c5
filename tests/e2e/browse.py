# SPDX-License-Identifier: MIT
"""browse.py -- DNS-SD as a browser sees it: from a domain to types, services, and where they are."""

import re
import shlex

import cmap
import tap
from tap import check, equal

ZONE = "corp.internal"


def start(**settings):
    d = cmap.Daemon(namespace=[ZONE, "other.internal"], browse=[ZONE.upper() + "."], **settings)
    d.service(f"Web.{ZONE}", [("A", 60), ("AAAA", 60)])
    d.service(f"v1.api.{ZONE}", [("SRV", 30)])
    d.service("web.other.internal", [("A", 60)])
    d.register(f"Web.{ZONE}", "w-1", "10.0.0.1", "fd00::1", CMAP_PORT_http=8080, CMAP_WEIGHT=3)
    d.register(f"Web.{ZONE}", "w-2", "10.0.0.2", CMAP_PORT_http=8081, lease="1h")
    d.register(f"v1.api.{ZONE}", "v-1", "10.0.1.1", port=99, **{"CMAP_PORT_http": 80, "CMAP_PORT_dns.udp": 53})
    d.register("web.other.internal", "w-1", "10.0.9.1", CMAP_PORT_http=80)
    d.call("UpdateServiceAttributes", {"ServiceId": d.find(f"Web.{ZONE}"),
                                       "Attributes": {"Path": "/a b", "txtvers": "1"}})
    return d


def walk(ask, domain):
    """What a browser finds from the domain that it searches: {type: {instance: (SRV, TXT, addresses)}}."""
    found = {}
    for browsed in ask(f"b._dns-sd._udp.{domain}", "PTR"):
        for kind in ask(f"_services._dns-sd._udp.{browsed}", "PTR"):
            services = found.setdefault(kind, {})
            for instance in ask(kind, "PTR"):
                srv = ask(instance, "SRV")
                targets = {line.split()[3] for line in srv}
                services[instance] = (sorted(srv), [shlex.split(text) for text in ask(instance, "TXT")],
                                      sorted(a for t in targets for kind_ in ("A", "AAAA") for a in ask(t, kind_)))
    return found


FOUND = {
    f"_http._tcp.{ZONE}.": {
        f"Web._http._tcp.{ZONE}.": (
            [f"1 1 8081 w-2.web.{ZONE}.", f"1 3 8080 w-1.web.{ZONE}."], [["txtvers=1", "Path=/a b"]],
            ["10.0.0.1", "10.0.0.2", "fd00::1"]),
        f"v1\\.api._http._tcp.{ZONE}.": ([f"1 1 80 v-1.v1.api.{ZONE}."], [[""]], ["10.0.1.1"])},
    f"_dns._udp.{ZONE}.": {
        f"v1\\.api._dns._udp.{ZONE}.": ([f"1 1 53 v-1.v1.api.{ZONE}."], [[""]], ["10.0.1.1"])}}


def test_a_walk_from_domains_to_addresses():
    with start() as d:
        equal(walk(lambda name, qtype: d.dig(name, qtype).values(), ZONE), FOUND)
        equal(walk(lambda name, qtype: d.dig(name, qtype).values(), "other.internal"), {})
        d.restart()
        equal(walk(lambda name, qtype: d.dig(name, qtype, "+tcp").values(), ZONE), FOUND)


def test_a_walk_with_kdig():
    kdig = tap.need("kdig", "knot-dnsutils")
    with start() as d:
        host, port = d.address()

        def ask(name, qtype):
            done = cmap.run(kdig, f"@{host}", "-p", str(port), "+short", "+norec", "-q", name, "-t", qtype)
            equal(done.status, 0, done.err)
            return done.out.splitlines()

        equal(walk(ask, ZONE), FOUND)


def test_one_reply_says_all():
    with start() as d:
        reply = d.dig(f"_http._tcp.{ZONE}", "PTR")
        equal(sorted((r.name, r.type) for r in reply.additional if r.type in ("SRV", "TXT")),
              sorted([(f"Web._http._tcp.{ZONE}.", t) for t in ("SRV", "SRV", "TXT")]
                     + [(f"v1\\.api._http._tcp.{ZONE}.", t) for t in ("SRV", "TXT")]))
        equal(sorted(r.data for r in reply.additional if r.type in ("A", "AAAA")),
              ["10.0.0.1", "10.0.0.2", "10.0.1.1", "fd00::1"])


def test_what_is_exported_has_it():
    with start() as d:
        text = d.ctl("export", ZONE).out
        for line in (rf"_http\._tcp\S*\s+\d+\s+IN\s+PTR\s+Web\._http\._tcp", r'TXT\s+"txtvers=1" "Path=/a b"',
                     r"v1\\\.api\._http\._tcp\S*\s+\d+\s+IN\s+SRV\s+1 1 80 "):
            check(re.search(line, text), f"{line} in {text}")


def test_the_namespaces_change_with_SIGHUP():
    with start() as d:
        d.configure(browse=["other.internal", "none.internal"])
        said = d.reload()
        check("browse: no namespace 'none.internal' exists" in d.logged(), said)
        equal(d.dig(f"b._dns-sd._udp.{ZONE}", "PTR").status, "NXDOMAIN")
        equal(d.dig(f"_http._tcp.{ZONE}", "PTR").status, "NXDOMAIN")
        equal(d.dig(f"_http._tcp.web.{ZONE}", "SRV").status, "NOERROR")
        equal(d.dig("_http._tcp.other.internal", "PTR").values(), ["web._http._tcp.other.internal."])
        d.configure(browse=["other.internal", "not a name"])
        check("cmapd.conf:" in (refused := d.reload()) and "'not a name' is not a domain name" in refused, refused)
        equal(d.dig("_http._tcp.other.internal", "PTR").values(), ["web._http._tcp.other.internal."])
        d.configure(browse=[])
        d.reload()
        equal(d.dig("_http._tcp.other.internal", "PTR").status, "NXDOMAIN")


def test_200_services_over_TCP():
    with cmap.Daemon(namespace=[ZONE], browse=[ZONE]) as d:
        for i in range(200):
            d.service(f"payments-{i}.{ZONE}", [("A", 60)])
            d.register(f"payments-{i}.{ZONE}", "i", f"10.1.0.{i + 1}", CMAP_PORT_http=80)
        cut = d.dig(f"_http._tcp.{ZONE}", "PTR", "+ignore")
        check("tc" in cut.flags and cut.size <= 1232, cut.text)
        whole = d.dig(f"_http._tcp.{ZONE}", "PTR")
        check(whole.retried and "tc" not in whole.flags, whole.text)
        equal(sorted(whole.values()), sorted(f"payments-{i}._http._tcp.{ZONE}." for i in range(200)))
        d.deregister(f"payments-7.{ZONE}", "i")
        equal(len(d.dig(f"_http._tcp.{ZONE}", "PTR").values()), 199)


tap.main(globals())
