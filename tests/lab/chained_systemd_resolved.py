# SPDX-License-Identifier: MIT
"""
Chained resolvers: systemd-resolved on a host, in front of cmapd.

    server  172.31.16.3   resolved: cmapd for all                -> 172.31.0.2, cmapd, which forwards
    laptop  172.31.32.9   resolved: cmapd for its namespaces,   -+-> 172.31.0.2, cmapd
                          the resolver of its network for all    +-> 203.0.113.53, on the internet
                          other names

Programs come to it by resolv.conf (the stub at 127.0.0.53) or by nsswitch.conf (nss-resolve). It has built-in ideas of
names with one dot or none, of .local, and of signatures: what they cost here, cmapctl doctor says.
"""

import internet
import lab
from chained_resolvers import in_front
from lab import check, equal

CMAPD, PORT = "172.31.0.2", "172.31.0.2:5300"  # at both
TASKS = {"web-1": "172.31.16.1", "web-2": "172.31.32.1"}
SERVICES = ("web.internal", "web.prod.local", "web.cloud.example.net")
# More in SRV records than 512 bytes hold.
CROWD = [f"task-with-a-name-that-is-nearly-as-long-as-a-name-may-be-{i}" for i in range(8)]

OURS = "/etc/systemd/resolved.conf.d/cmap.conf"
# As README has it.
LINES = f"""[Resolve]
DNS={PORT}
Domains=~internal
"""

ACCOUNT = "systemd-resolve:x:64053:"

# What systemd-networkd leaves for it when DHCP has told of a resolver.
LEASE = f"""ADMIN_STATE=configured
OPER_STATE=routable
DNS={internet.SERVER}
MDNS=no
LLMNR=no
"""


class Resolved:
    """It and its files on a machine."""

    def __init__(self, machine):
        self.machine, self.program = machine, None
        machine.write("/etc/passwd", machine.read("/etc/passwd") + ACCOUNT + "64053::/:/usr/sbin/nologin\n")
        machine.write("/etc/group", machine.read("/etc/group") + ACCOUNT + "\n")
        machine.output("mkdir", "-p", "/run/systemd/netif/links")
        self.use_stub()

    def use_stub(self):
        self.machine.output("ln", "-sf", "../run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf")

    def configure(self, text):
        """Starts it, or starts it again, with this in its file; None: as it is."""
        if text is not None:
            self.machine.write(OURS, text)
        if self.program is not None:
            self.program.stop()
        path = lab.installed("/lib/systemd/systemd-resolved", "systemd-resolved")
        self.program = self.machine.start("resolved", path, env=lab.with_libraries())
        self.program.wait(lambda: self.machine.run("dig", "+tries=1", "+time=1", "localhost").status == 0, "it answers")


def start():
    lab.installed("/lib/systemd/systemd-resolved", "systemd-resolved")
    vpc = lab.Vpc(namespace=["internal", "prod.local", "cloud.example.net"], forward=[internet.SERVER],
                  listen=[f"{CMAPD}:53", PORT])
    vpc.internet().serve_zones()
    for task, address in TASKS.items():
        vpc.task(task, address)
    for service in SERVICES:
        vpc.cmapd.service(service, [("A", 1), ("SRV", 1)])
        for task, address in TASKS.items():
            vpc.cmapd.register(service, task, address, port=80)
    for i, task in enumerate(CROWD):
        vpc.ctl("register", "crowd.internal", "--id", task, "--ip", f"172.31.17.{i}", "--port", "80")
    vpc.machine("server", "172.31.16.3")
    laptop = vpc.machine("laptop", "172.31.32.9")
    vpc.resolved = {name: Resolved(vpc.hosts[name]) for name in ("server", "laptop")}
    laptop.write("/run/systemd/netif/links/" + laptop.output("cat", "/sys/class/net/eth0/ifindex").strip(), LEASE)
    return vpc


def resolves(machine, name):
    """Some of the tasks, nothing else."""
    found = machine.getent(name)
    return bool(found) and set(found) <= set(TASKS.values())


def test_README_tells_it_enough(vpc):
    vpc.resolved["laptop"].configure(LINES)
    in_front(vpc, vpc.hosts["laptop"])


def test_only_foreign_names_go_to_the_resolver_of_the_network(vpc):
    laptop, outside = vpc.hosts["laptop"], vpc.hosts["internet"]
    vpc.resolved["laptop"].configure(LINES)
    before = outside.counted("first")
    for name in ("web.internal", "crowd.internal"):
        check(laptop.getent(name), name)
    equal(laptop.getent("none.internal"), [])
    equal(outside.counted("first"), before, "it was asked for names of ours")
    equal(laptop.getent("www.example.com"), [internet.SITE])
    check(outside.counted("first") > before, "it is asked for its own")


def test_cmapd_can_be_all_it_has(vpc):
    server = vpc.hosts["server"]
    vpc.resolved["server"].configure(f"[Resolve]\nDNS={CMAPD}\nDomains=~.\n")
    in_front(vpc, server)
    check(resolves(server, "web.prod.local"), "also below .local")
    equal(server.getent("alias.example.com"), [internet.SITE])


def test_large_answers_and_those_with_DO_come_whole(vpc):
    server = vpc.hosts["server"]
    vpc.resolved["server"].configure(LINES)
    for name, qtype, wanted in (("crowd.internal", "SRV", len(CROWD)),
                                ("crowd.example.com", "A", len(internet.CROWD))):
        cut = server.dig(name, qtype, "+noedns", "+ignore")
        check("tc" in cut.flags and len(cut.values()) < wanted, f"{name}: {cut.flags}")
        for options in ((), ("+noedns",), ("+dnssec",), ("+tcp", "+dnssec")):
            answer = server.dig(name, qtype, *options)
            equal((answer.status, len(answer.values())), ("NOERROR", wanted), f"{name} {options}")


def test_short_names_are_looked_for_below_a_search_domain(vpc):
    laptop = vpc.hosts["laptop"]
    vpc.resolved["laptop"].configure(LINES)
    equal(laptop.getent("web"), [])
    vpc.resolved["laptop"].configure(LINES.replace("~internal", "internal"))
    check("search internal" in laptop.read("/run/systemd/resolve/stub-resolv.conf"), "it has told glibc")
    check(resolves(laptop, "web"), "web, below internal")
    check(resolves(laptop, "web.internal"), "and by all of its name")


def test_programs_may_come_by_nsswitch(vpc):
    laptop = vpc.hosts["laptop"]
    lab.need_nss("resolve", "libnss-resolve")
    vpc.resolved["laptop"].configure(LINES)
    before = laptop.read("/etc/nsswitch.conf")
    laptop.output("rm", "/etc/resolv.conf")
    laptop.write("/etc/nsswitch.conf", "hosts: resolve [!UNAVAIL=return] files dns\n")
    laptop.write("/etc/resolv.conf", f"nameserver {TASKS['web-1']}\n")  # who is no name server
    check(resolves(laptop, "web.internal"), "ours")
    equal(laptop.getent("www.example.com"), [internet.SITE])
    equal(laptop.getent("none.internal"), [])
    laptop.write("/etc/nsswitch.conf", before)
    vpc.resolved["laptop"].use_stub()


def healed(vpc, code, names):
    """cmapctl doctor finds this and nothing else about these names; it is done, and the service is restarted."""
    laptop = vpc.hosts["laptop"]
    words = ("--server", PORT, *names)
    check(not all(resolves(laptop, name) for name in names), f"{names} resolve, before")
    finding = laptop.only(code, *words)
    laptop.obey(finding)
    equal(laptop.only("restart", *words)["Change"], "systemctl restart systemd-resolved")
    vpc.resolved["laptop"].configure(None)
    equal(laptop.codes(*words), [])
    for name in names:
        check(resolves(laptop, name), name)
    return finding


def test_doctor_knows_the_lines_of_README(vpc):
    vpc.resolved["laptop"].configure("")
    equal(healed(vpc, "resolved-route", ["web.internal"])["Change"] + "\n", LINES)


def test_doctor_knows_that_local_wants_a_line_of_its_own(vpc):
    laptop = vpc.hosts["laptop"]
    vpc.resolved["laptop"].configure("[Resolve]\nDomains=~.\n")
    check("~local" in healed(vpc, "resolved-local", ["web.prod.local"])["Change"], "the line")
    equal(len(laptop.dig("local", "SOA").values()), 1, "though it is no namespace, but has one below")
    equal((laptop.dig("none.local").status, laptop.getent("none.local")), ("NXDOMAIN", []))


def test_doctor_knows_where_signatures_are_wanted(vpc):
    """Names of a domain that is known to be private are not: below internal and local all is well."""
    laptop = vpc.hosts["laptop"]
    for wish in ("yes", "allow-downgrade"):
        vpc.resolved["laptop"].configure(f"[Resolve]\nDNS={CMAPD}\n"
                                         f"Domains=~internal ~local ~cloud.example.net\nDNSSEC={wish}\n")
        for name in SERVICES[:2]:
            check(resolves(laptop, name), f"{name}, with DNSSEC={wish}")
            equal(laptop.codes(name), [], name)
        finding = healed(vpc, "resolved-dnssec", ["web.cloud.example.net"])
        equal((finding["File"], finding["Line"], finding["Old"]), (OURS, 4, f"DNSSEC={wish}"))


if __name__ == "__main__":
    lab.main(globals(), start)
