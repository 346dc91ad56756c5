# SPDX-License-Identifier: MIT
"""
Chained resolvers: dnsmasq or unbound on a host, in front of cmapd.

    client-1  172.31.16.3   program -> dnsmasq on 127.0.0.1 -+-> 172.31.0.2, cmapd: internal
    client-2  172.31.32.9   program -> unbound on 127.0.0.1 -+-> 203.0.113.53, on the internet: all other names

A line or two send the names of cmapd's namespaces to it. What they keep, they keep for the TTL that cmapd gave and no
longer: so long the same task is a program's first choice, then comes the next one's turn, and a task that has been
deregistered is gone.
"""

import internet
import lab
from lab import check, equal, wait_until

SERVICE, TTL = "web.internal", 1
TASKS = {"web-1": "172.31.16.1", "web-2": "172.31.32.1"}

DNSMASQ = f"""
user=root
keep-in-foreground
log-facility=-
pid-file
no-resolv
no-hosts
bind-interfaces
listen-address=127.0.0.1
server={internet.SERVER}
stop-dns-rebind
# To it the addresses of the lab's internet are private ones.
rebind-domain-ok=/example.com/
"""

# What it needs for cmapd, as README has it.
OURS = "/etc/dnsmasq.d/cmap.conf"
LINES = """server=/internal/172.31.0.2
rebind-domain-ok=/internal/
"""

UNBOUND = f"""
server:
    interface: 127.0.0.1
    username: ""
    chroot: ""
    directory: ""
    pidfile: ""
    use-syslog: no
    do-daemonize: no
    module-config: "iterator"
    private-address: 172.16.0.0/12
    # This, and the stub zone, are what it needs for cmapd:
    private-domain: "internal"
stub-zone:
    name: "internal"
    stub-addr: 172.31.0.2
forward-zone:
    name: "."
    forward-addr: {internet.SERVER}
"""


def start():
    vpc = lab.Vpc()
    vpc.internet().serve_zones()
    vpc.cmapd.service(SERVICE, [("A", TTL), ("SRV", TTL)])
    for task, address in TASKS.items():
        vpc.task(task, address)
        vpc.cmapd.register(SERVICE, task, address, port=80)
    vpc.machine("client-1", "172.31.16.3").use_resolver("127.0.0.1")
    vpc.host("client-2", "172.31.32.9").use_resolver("127.0.0.1")
    return vpc


def serves(client, name, *command):
    program = client.start(command[0], *command)
    return program.wait(lambda: client.run("dig", "+short", "+tries=1", "+time=1", name, "SOA").out, "it answers")


def in_front(vpc, client):
    check(set(client.getent(SERVICE)) <= set(TASKS.values()), "addresses")
    reached = set()
    wait_until(lambda: reached.update(client.connect(1, SERVICE)) or len(reached) == 2, "each task has its turn")
    equal(sorted(client.dig(SERVICE, "SRV").values()), [f"1 1 80 {task}.{SERVICE}." for task in TASKS])
    for _ in range(2):  # from cmapd and from what is kept
        for name, qtype, status in ((SERVICE, "AAAA", "NOERROR"), ("none.internal", "A", "NXDOMAIN")):
            answer = client.dig(name, qtype)
            equal((answer.status, answer.values()), (status, []), f"{name} {qtype}")
    equal(client.getent("www.example.com"), [internet.SITE])
    vpc.cmapd.deregister(SERVICE, "web-2")
    wait_until(lambda: client.getent(SERVICE) == [TASKS["web-1"]], "web-2 is gone", seconds=TTL + 2)
    vpc.cmapd.register(SERVICE, "web-2", TASKS["web-2"], port=80)


def start_dnsmasq(client, name, lines):
    """As Debian does; again if it runs already."""
    client.write(OURS, lines)
    client.write("/etc/dnsmasq.conf", DNSMASQ)
    for program in client.programs:
        if program.name == "dnsmasq":
            program.stop()
    serves(client, name, "dnsmasq", "--conf-dir=/etc/dnsmasq.d")


def test_dnsmasq(vpc):
    client = vpc.hosts["client-1"]
    start_dnsmasq(client, "internal", LINES)
    in_front(vpc, client)
    equal(client.codes(SERVICE), [], "cmapctl doctor")


def test_doctor_knows_what_dnsmasq_needs(vpc):
    client = vpc.hosts["client-1"]
    start_dnsmasq(client, "example.com", "")
    equal(client.getent(SERVICE), [])
    asked = ("--server", "172.31.0.2", SERVICE)
    found = client.findings(*asked)
    equal([finding["Code"] for finding in found], ["dnsmasq-server", "dnsmasq-rebind"])
    for finding in found:
        client.obey(finding)
    equal(client.read(OURS), LINES)
    equal(client.only("restart", *asked)["Change"], "systemctl restart dnsmasq")
    start_dnsmasq(client, "internal", client.read(OURS))
    equal(client.codes(*asked), [])
    check(client.getent(SERVICE), "it resolves")
    start_dnsmasq(client, "internal", LINES.splitlines()[0] + "\n")
    equal(client.getent(SERVICE), [], "private addresses")
    client.cured("dnsmasq-rebind", *asked)
    equal(client.read(OURS), LINES)


def test_unbound(vpc):
    client = vpc.hosts["client-2"]
    serves(client, "internal", "unbound", "-c", vpc.write("unbound.conf", UNBOUND))
    in_front(vpc, client)


if __name__ == "__main__":
    lab.main(globals(), start)
