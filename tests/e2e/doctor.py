# SPDX-License-Identifier: MIT
"""
doctor.py -- cmapctl doctor on made-up hosts: a folder with their files, the real cmapd, and name servers that lie. Each
finding is there once and once is not, mostly because what it says was done.
"""

import json
import os
import shutil
import socket
import struct
import tempfile
import threading

import cmap
import findings
import tap
import wire
from tap import check, equal

CMAPD, OTHER, ODD, SECOND = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"  # SECOND is cmapd, too
STUB = "127.0.0.53"
PLAIN = {"/etc/resolv.conf": f"nameserver {CMAPD}\n", "/etc/nsswitch.conf": "hosts: files dns\n"}


def free_port():
    """A port that was free for UDP and TCP on the addresses used here."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("", 0))
            port = udp.getsockname()[1]
            with socket.socket() as tcp:
                try:
                    tcp.bind(("", port))
                except OSError:
                    continue
                return port


def start():
    port = free_port()
    d = cmap.Daemon(namespace=["internal", "prod.local", "local"], listen=[f"{CMAPD}:{port}", f"{SECOND}:{port}"])
    d.port = port
    for name in ("web.internal", "api.internal", "web.prod.local"):
        d.service(name, [("A", 5)])
        d.register(name, "i-1", ipv4="10.0.0.1")
    return d


# ---- name servers that lie ----

def record(name, qtype, data, ttl=5):
    return wire.name_octets(name) + struct.pack("!HHIH", wire.TYPES[qtype], 1, ttl, len(data)) + data


def soa(name):
    return record(name, "SOA", wire.name_octets("ns." + name) + wire.name_octets("root." + name)
                  + struct.pack("!5I", 1, 2, 3, 4, 5))


ADDRESS = socket.inet_aton("10.0.0.1")


class Fake:
    """Answers for web in zones as it should, and NXDOMAIN for all else, unless its manner is another."""

    def __init__(self, host, port, zones=(), manner="good", tcp=True):
        self.zones, self.manner = set(zones), manner
        self.stop, self.stopped = os.pipe()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((host, port))
        self.odd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.odd.bind((ODD, 0))
        self.tcp = socket.socket() if tcp else None
        if tcp:
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.tcp.bind((host, port))
            self.tcp.listen(5)
        self.threads = [threading.Thread(target=t, daemon=True)
                        for t in (self.serve_udp, self.serve_tcp) if t != self.serve_tcp or tcp]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.udp, self.tcp):
            if one is not None:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # says that a UDP socket is not connected, and wakes its reader
        for thread in self.threads:
            thread.join()
        for one in (self.udp, self.odd, self.tcp):
            if one is not None:
                one.close()
        os.close(self.stop)
        os.close(self.stopped)

    def serve_udp(self):
        while True:
            octets, client = self.udp.recvfrom(4096)
            if not octets:
                return
            reply = self.reply(wire.Message(octets), True)
            if reply is not None:
                (self.odd if self.manner == "odd" else self.udp).sendto(reply, client)

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                octets = connection.recv(4096)
                if len(octets) > 14:
                    reply = self.reply(wire.Message(octets[2:]), False)
                    connection.sendall(struct.pack("!H", len(reply)) + reply)

    def reply(self, query, udp):
        name, qtype, _ = query.question[0]
        name = name.rstrip(".")
        zone = next((z for z in self.zones if name == z or name.endswith("." + z)), None)
        exists = zone is not None and name in (zone, "web." + zone)
        answer, authority, flags = [], [], wire.QR | wire.RD
        if self.manner == "silent" or (self.manner == "no edns" and query.opt is not None):
            return None
        if exists and qtype == "SOA" and name == zone:
            answer = [soa(zone)]
        elif exists and qtype == "A" and name != zone:
            answer = [record(name, "A", ADDRESS)] * (40 if self.manner == "large" else 1)
            if self.manner in ("empty", "cut") and udp:
                answer, flags = answer if self.manner == "cut" else [], flags | wire.TC
        else:
            authority = [soa(zone)] if zone else [record(".", "SOA", b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 5))]
        rcode = 0 if exists and not (self.manner == "no aaaa" and qtype == "AAAA") else 3
        return (wire.header(query.id, flags | rcode, 1, len(answer), len(authority))
                + wire.question(name, qtype) + b"".join(answer + authority))


# ---- hosts ----

class Host(findings.Patient):
    """The root of a host that has these files."""

    def __init__(self, d, files=None, **others):
        self.d, self.dir = d, tempfile.mkdtemp(prefix="cmap-host-", dir="/tmp")
        for path, text in {**PLAIN, **(files or {}), **others}.items():
            if text is not None:
                self.write(path, text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def path(self, path):
        full = self.dir + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def write(self, path, text):
        with open(self.path(path), "w", encoding="utf-8") as out:
            out.write(text)

    def read(self, path):
        if not os.path.exists(self.dir + path):
            return ""
        with open(self.dir + path, encoding="utf-8") as file:
            return file.read()

    def run(self, *words):
        env = dict(cmap.environment(), CMAP_SOCKET=os.path.join(self.d.dir, "none"))
        return cmap.run(cmap.CMAPCTL, "doctor", "--root", self.dir, "--port", str(self.d.port), *words, env=env)

    def doctor(self, *words):
        return self.run("--json", *(words or ("web.internal",)))


# ---- nothing wrong ----

def test_a_clean_host_gets_no_word(d):
    with Host(d) as host:
        for words in (("web.internal",), ("internal", "web.prod.local"), ("--socket", d.socket)):
            equal(host.run(*words), (0, "", ""), " ".join(words))
        equal(json.loads(host.run("--json", "internal").out), {"Findings": []})


def test_without_names_what_needs_none_is_looked_at(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {CMAPD}\noptions use-vc\n"}) as host:
        ran = host.run()
        equal((ran.status, ran.out.splitlines()[0]), (1, "warning resolv-use-vc: 'options use-vc' asks over TCP alone"))
        check("no NAME is given and no cmapd tells any" in ran.err, ran.err)


def test_an_api_that_was_named_must_be_there(d):
    with Host(d) as host:
        ran = host.run("--socket", d.socket + ".gone", "web.internal")
        equal((ran.status, ran.out), (69, ""), ran.err)


def test_the_api_tells_namespaces_and_where_cmapd_is(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\n"}) as host, Fake(OTHER, d.port):
        finding = host.cured("not-served", "--socket", d.socket)
        equal(finding["Change"], f"nameserver {CMAPD}")
        check("internal" in finding["What"] and "prod.local" in finding["What"], finding)


def test_findings_are_told_in_words(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {CMAPD}\n\nsearch a b\noptions ndots:5 edns0\n"}) as host:
        ran = host.run("web.internal")
        lines = ran.out.splitlines()
        equal((ran.status, ran.err, len(lines)), (1, "", 5), ran.out)
        equal(lines[0], "warning resolv-ndots: looking up a name of fewer than 5 dots asks for up to 3 names: "
                        "6 questions with A and AAAA")
        check(lines[1].startswith("  why: "), ran.out)
        equal(lines[2:], ["  change /etc/resolv.conf, line 4:", "  - options ndots:5 edns0", "  + options ndots:1 edns0"])


# ---- resolv.conf ----

def test_resolv_conf_is_missing_or_empty(d):
    with Host(d, {"/etc/resolv.conf": None}) as host:
        equal(host.cured("no-resolv-conf", "--server", f"{CMAPD}:{d.port}", "web.internal")["Change"],
              f"nameserver {CMAPD}")
    with Host(d, {"/etc/resolv.conf": "search internal\n"}) as host:
        host.cured("no-nameserver", "--server", f"{CMAPD}:{d.port}", "web.internal")


def test_a_nameserver_with_a_port_or_a_name_is_none(d):
    for text, change in ((f"{CMAPD}:5300", f"nameserver {CMAPD}"), ("ns.example", "")):
        with Host(d, {"/etc/resolv.conf": f"nameserver {SECOND}\nnameserver {text}\n"}) as host:
            finding = host.cured("bad-nameserver")
            equal((finding["File"], finding["Line"], finding["Change"]), ("/etc/resolv.conf", 2, change))


def test_a_fourth_nameserver_is_never_asked(d):
    four = "".join(f"nameserver {a}\n" for a in (CMAPD, SECOND, CMAPD, OTHER))
    with Host(d, {"/etc/resolv.conf": four}) as host:
        equal(host.cured("too-many-nameservers")["Line"], 4)


def test_options_that_cost(d):
    for code, options, wanted in (("resolv-ndots", "ndots:5", "ndots:1"), ("resolv-use-vc", "use-vc", ""),
                                  ("resolv-single-request", "single-request", "")):
        with Host(d, {"/etc/resolv.conf": f"nameserver {CMAPD}\nsearch internal\noptions edns0 {options}\n"}) as host:
            equal(host.cured(code)["Change"], f"options edns0 {wanted}".strip())
    with Host(d, {"/etc/resolv.conf": f"nameserver {CMAPD}\noptions ndots:5 single-request-reopen\n"}) as host:
        equal(host.codes(), [], "ndots without search domains")


def test_rotation_between_servers_that_do_not_know_the_same(d):
    text = f"options rotate\nnameserver {CMAPD}\nnameserver "
    with Fake(OTHER, d.port), Host(d, {"/etc/resolv.conf": text + OTHER}) as host:
        equal(host.codes(), ["resolv-rotate", "second-nameserver"])
    with Host(d, {"/etc/resolv.conf": text + SECOND}) as host:
        equal(host.codes(), [])


def test_a_second_nameserver_that_does_not_know(d):
    with Fake(OTHER, d.port) as fake, Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\nnameserver {CMAPD}\n"}) as host:
        finding = host.cured("second-nameserver")
        equal((finding["Line"], finding["Change"]), (1, ""))
        host.write("/etc/resolv.conf", f"nameserver {CMAPD}\nnameserver {OTHER}\n")
        host.only("second-nameserver")
        fake.zones.add("internal")
        equal(host.codes(), [], "one that forwards to cmapd")


def test_nobody_in_resolv_conf_knows(d):
    with Fake(OTHER, d.port), Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\n"}) as host:
        equal(host.cured("not-served", "--server", f"{CMAPD}:{d.port}", "web.internal")["Change"],
              f"nameserver {CMAPD}")
        host.write("/etc/resolv.conf", f"nameserver {OTHER}\n")
        equal(host.only("not-served")["Change"], "nameserver ADDR")


def test_names_that_nobody_has_registered(d):
    with Host(d) as host:
        finding = host.only("name-unknown", "gone.internal")
        equal(finding["Change"], "cmapctl register gone.internal --ip ADDR")
        check("File" not in finding and "Line" not in finding, finding)
        equal(host.only("name-unknown", "web.gone", "web.internal")["Change"], "cmapctl namespace create gone")


def test_a_short_name_needs_a_search_domain(d):
    with Host(d) as host:
        equal(host.cured("no-search", "api", "internal")["Change"], "search internal")
        host.write("/etc/resolv.conf", f"search corp\nnameserver {CMAPD}\n")
        equal(host.cured("no-search", "api", "--socket", d.socket)["Change"], "search corp internal")


def test_a_nameserver_that_is_not_there(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\nnameserver {CMAPD}\n"}) as host:
        finding = host.cured("unreachable")
        equal((finding["Line"], finding["Change"]), (1, ""))
        check("Connection refused" in finding["What"], finding)
        host.write("/etc/resolv.conf", f"nameserver {OTHER}\n")
        equal(host.cured("unreachable", "--server", f"{CMAPD}:{d.port}", "web.internal")["Change"],
              f"nameserver {CMAPD}")
        with Fake(OTHER, d.port, manner="silent"):
            finding = host.only("unreachable", "--server", f"{OTHER}:{d.port}", "web.internal")
            check("timed out" in finding["What"], finding)


def test_a_reply_from_elsewhere(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\n"}) as host, \
            Fake(OTHER, d.port, ["internal"], manner="odd") as fake:
        check(ODD in host.only("other-source")["What"], "tells who has answered")
        fake.manner = "good"
        equal(host.codes(), [])


# ---- nsswitch.conf and nscd ----

def test_the_hosts_line_without_dns(d):
    with Host(d, {"/etc/nsswitch.conf": "passwd: files\nhosts:\tfiles myhostname\n"}) as host:
        equal(host.cured("nss-no-dns")["Change"], "hosts: files myhostname dns")
    with Host(d, {"/etc/nsswitch.conf": None}) as host:
        equal(host.codes(), [], "no file: glibc asks DNS")


def test_multicast_dns_before_dns(d):
    line = "hosts: files mdns4_minimal [NOTFOUND=return] dns\n"
    d.service("web.local", [("A", 5)])
    d.register("web.local", "i-1", ipv4="10.0.0.1")
    words = ("--server", f"{CMAPD}:{d.port}", "web.local")
    with Host(d, {"/etc/nsswitch.conf": line}) as host:
        equal(host.codes("web.internal"), [], "a namespace that is not below .local")
        equal(host.codes("web.local"), [], "cmapd answers the SOA of local.")
    with Host(d, {"/etc/nsswitch.conf": line, "/etc/resolv.conf": f"nameserver {OTHER}"}) as host, \
            Fake(OTHER, d.port, ["prod.local"]) as fake:
        equal(host.codes("web.prod.local"), [], "names of three labels are left to DNS")
        equal(host.codes(*words), ["nss-mdns", "not-served"])
        finding = host.findings(*words)[0]
        equal(finding["Change"], "hosts: files dns")
        host.obey(finding)
        equal(host.codes(*words), ["not-served"])
        host.write("/etc/nsswitch.conf", "hosts: files dns mdns4\n")
        equal(host.codes(*words), ["not-served"])
        host.write("/etc/nsswitch.conf", line)
        fake.zones = {"local", "prod.local"}
        equal(host.codes(*words), [], "the SOA of local. is answered")


def test_resolve_before_dns(d):
    line = "hosts: mymachines resolve [!UNAVAIL=return] files dns\n"
    with Host(d, {"/etc/nsswitch.conf": line}) as host:
        equal(host.cured("nss-resolve")["Change"], "hosts: mymachines files dns")
        host.write("/etc/nsswitch.conf", line)
        host.write("/run/systemd/resolved.conf.d/10-cmap.conf", f"[Resolve]\nDNS={CMAPD}\nDomains=~internal\n")
        equal(host.codes(), [], "routed to cmapd")
        host.write("/etc/systemd/resolved.conf.d/10-cmap.conf", "")
        host.only("nss-resolve")  # the file of /etc is read in the other's place
    with Host(d, {"/etc/nsswitch.conf": "hosts: files resolve dns\n"}) as host:
        equal(host.codes(), [], "dns is asked for what is not found")


def test_nscd_keeps_hosts(d):
    with Host(d, {"/etc/nscd.conf": "enable-cache passwd yes\nenable-cache hosts yes\n"}) as host:
        equal(host.codes(), [], "it does not run")
        with socket.socket(socket.AF_UNIX) as nscd:
            nscd.bind(host.path("/run/nscd/socket"))
            equal(host.cured("nscd-hosts")["Line"], 2)


# ---- systemd-resolved ----

def test_the_stub_is_not_told_of_the_namespace(d):
    stub = {"/run/systemd/resolve/stub-resolv.conf": f"nameserver {STUB}\noptions edns0 trust-ad\n",
            "/etc/resolv.conf": None}
    with Host(d, stub) as host, Fake(STUB, d.port) as fake:
        os.symlink("/run/systemd/resolve/stub-resolv.conf", host.path("/etc/resolv.conf"))
        finding = host.only("resolved-route", "--server", f"{CMAPD}:{d.port}", "web.internal")
        equal((finding["File"], finding["Change"]),
              ("/etc/systemd/resolved.conf.d/cmap.conf",
               f"[Resolve]\nDNS={CMAPD}:{d.port}\nDomains=~internal"))
        host.obey(finding)
        finding = host.only("restart")
        check("File" not in finding, finding)
        equal(finding["Change"], "systemctl restart systemd-resolved")
        fake.zones.add("internal")
        equal(host.codes(), [])
        os.remove(host.path("/etc/systemd/resolved.conf.d/cmap.conf"))
        equal(host.codes(), [], "a link tells it")


def test_uplinks_that_all_know_need_no_route(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {STUB}\n"}) as host, Fake(STUB, d.port) as fake:
        equal(host.codes(), ["resolved-route"])
        host.write("/run/systemd/resolve/resolv.conf", f"nameserver {CMAPD}\n")
        check("resolved-route" not in host.codes(), "its only server is cmapd")
        host.write("/run/systemd/resolve/resolv.conf", f"nameserver {CMAPD}\nnameserver {OTHER}\n")
        with Fake(OTHER, d.port):
            equal(host.codes(), ["resolved-route"], "one of its servers is not")
        check(not fake.zones, "nothing else has changed")


def test_local_needs_a_route_of_its_own(d):
    files = {"/etc/resolv.conf": f"nameserver {STUB}\n",
             "/etc/systemd/resolved.conf": f"[Resolve]\nDNS={CMAPD}\nDomains=~.\n"}
    with Host(d, files) as host, Fake(STUB, d.port, ["internal"]) as fake:
        finding = host.only("resolved-local", "prod.local", "internal")
        check(finding["Change"].endswith("\nDomains=~local"), finding)
        host.obey(finding)
        fake.zones.add("prod.local")
        equal(host.codes("prod.local"), [])


def test_resolved_must_not_want_signatures(d):
    told = f"[Resolve]\nDNS={CMAPD}\nDomains=~internal\n"
    for wish in ("yes", "allow-downgrade"):
        files = {"/etc/resolv.conf": f"nameserver {STUB}\n",
                 "/etc/systemd/resolved.conf": told + f"DNSSEC={wish}\n"}
        with Host(d, files) as host, Fake(STUB, d.port, ["internal"]) as fake:
            equal(host.codes(), [], "some domains it does not want signed")
            fake.zones.clear()
            finding = host.only("resolved-dnssec")
            equal((finding["File"], finding["Line"], finding["Change"]), ("/etc/systemd/resolved.conf", 4, "DNSSEC=no"))
            host.obey(finding)
            host.only("restart")
            fake.zones.add("internal")
            equal(host.codes(), [])


# ---- dnsmasq ----

def test_dnsmasq_is_not_told_of_the_namespace(d):
    files = {"/etc/resolv.conf": f"nameserver {OTHER}\n", "/etc/dnsmasq.conf": "# all defaults\n"}
    with Host(d, files) as host, Fake(OTHER, d.port) as fake:
        finding = host.only("dnsmasq-server", "--server", f"{CMAPD}:{d.port}", "web.internal")
        equal((finding["File"], finding["Change"]),
              ("/etc/dnsmasq.d/cmap.conf", f"server=/internal/{CMAPD}#{d.port}"))
        host.obey(finding)
        equal(host.only("restart")["Change"], "systemctl restart dnsmasq")
        fake.zones.add("internal")
        equal(host.codes(), [])


def test_network_manager_has_a_dnsmasq_of_its_own(d):
    files = {"/etc/resolv.conf": f"nameserver {OTHER}\n", "/etc/NetworkManager/dnsmasq.d/a.conf": "no-resolv\n"}
    with Host(d, files) as host, Fake(OTHER, d.port):
        finding = host.only("dnsmasq-server", "--server", f"{CMAPD}:{d.port}", "web.internal")
        equal(finding["File"], "/etc/NetworkManager/dnsmasq.d/cmap.conf")
        host.obey(finding)
        equal(host.only("restart")["Change"], "systemctl restart NetworkManager")


def test_dnsmasq_drops_private_addresses(d):
    files = {"/etc/resolv.conf": f"nameserver {OTHER}\n",
             "/etc/dnsmasq.conf": "conf-dir=/etc/more,*.conf\n",
             "/etc/more/a.conf": f"server=/internal/{CMAPD}\nstop-dns-rebind\n"}
    with Host(d, files) as host, Fake(OTHER, d.port, ["internal"]):
        finding = host.cured("dnsmasq-rebind")
        equal(finding["Change"], "rebind-domain-ok=/internal/")
        check("/etc/more/a.conf" in finding["What"], finding)
    with Host(d, {"/etc/dnsmasq.conf": "stop-dns-rebind\n"}) as host:
        equal(host.codes(), [], "it is cmapd that listens there")


# ---- replies ----

def test_replies_that_do_not_come_whole(d):
    for manner, code in (("empty", "truncated-empty"), ("large", "reply-too-large"), ("no aaaa", "aaaa-nxdomain"),
                         ("no edns", "edns-lost")):
        with Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\n"}) as host, \
                Fake(OTHER, d.port, ["internal"], manner=manner) as fake:
            finding = host.only(code)
            check(OTHER in finding["What"] and "web.internal" in finding["What"], finding)
            for fake.manner in ("good", "cut"):
                equal(host.codes(), [], f"{fake.manner}, after {manner}")


def test_tcp_is_shut(d):
    with Host(d, {"/etc/resolv.conf": f"nameserver {OTHER}\n"}) as host:
        with Fake(OTHER, d.port, ["internal"], tcp=False):
            check(f"TCP port {d.port}" in host.only("no-tcp")["Change"], "tells the port")
        with Fake(OTHER, d.port, ["internal"]):
            equal(host.codes(), [])


if __name__ == "__main__":
    tap.main(globals(), start)
