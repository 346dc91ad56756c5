# SPDX-License-Identifier: MIT
"""
Chained resolvers: what a Debian desktop has in nsswitch.conf before dns, and nscd, in front of cmapd.

    laptop  172.31.16.3   program -> nscd -> files -> mdns4_minimal -> avahi, which asks its neighbours
                                                   -> dns           -> cmapd, or dnsmasq on 127.0.0.1

nss-mdns takes names like web.local for multicast DNS, and a program waits five seconds to hear that no neighbour has
it. It steps aside where a name server has an SOA for local, as cmapd has. nscd keeps an answer in one order.
"""

import lab
from lab import check, equal

TASKS = {"web-1": "172.31.16.1", "web-2": "172.31.32.1"}
DEBIAN = "files mdns4_minimal [NOTFOUND=return] dns"
ACCOUNT = "avahi:x:64054:"

AVAHI = """[server]
enable-dbus=no
use-ipv6=no
[publish]
disable-publishing=yes
"""

# It knows the service, and nothing of local.
DNSMASQ = """keep-in-foreground
user=root
pid-file
no-resolv
bind-interfaces
listen-address=127.0.0.1
server=/web.local/172.31.0.2
"""

NSCD = """logfile /dev/stderr
server-user root
enable-cache hosts yes
persistent hosts no
"""


def start():
    vpc = lab.Vpc(namespace=["internal", "prod.local", "local"])
    for service in ("web.internal", "web.prod.local", "web.local"):
        vpc.cmapd.service(service, [("A", 60)])
        for task, address in TASKS.items():
            vpc.cmapd.register(service, task, address)
    laptop = vpc.machine("laptop", "172.31.16.3")
    laptop.write("/etc/nsswitch.conf", f"hosts: {DEBIAN}\n")
    laptop.write("/etc/dnsmasq.conf", DNSMASQ)
    return vpc


def start_avahi(laptop):
    """Once."""
    lab.need_nss("mdns4_minimal", "libnss-mdns")
    if any(program.name == "avahi" for program in laptop.programs):
        return
    lab.need("avahi-daemon")
    laptop.write("/etc/passwd", laptop.read("/etc/passwd") + ACCOUNT + "64054::/:/usr/sbin/nologin\n")
    laptop.write("/etc/group", laptop.read("/etc/group") + ACCOUNT + "\n")
    laptop.write("/etc/avahi/avahi-daemon.conf", AVAHI)
    laptop.output("mkdir", "-p", "/run/avahi-daemon")
    avahi = laptop.start("avahi", "avahi-daemon", "--no-drop-root", "--no-chroot", env=lab.with_libraries())
    avahi.wait(lambda: "startup complete" in avahi.said(), "it has started")


def resolves(laptop, name):
    """To tasks and nothing else; an answer may leave out the nearer one."""
    found = laptop.getent(name)
    return bool(found) and set(found) <= set(TASKS.values())


def test_nss_mdns_leaves_names_to_cmapd(vpc):
    laptop = vpc.hosts["laptop"]
    start_avahi(laptop)
    equal(len(laptop.dig("local", "SOA").values()), 1, "what nss-mdns asks for")
    for name in ("web.internal", "web.prod.local", "web.local"):
        check(resolves(laptop, name), name)
    equal(laptop.codes("web.internal", "web.prod.local", "web.local"), [])
    equal(laptop.getent("none.local"), [])


def test_doctor_knows_who_keeps_a_name_from_DNS(vpc):
    laptop = vpc.hosts["laptop"]
    start_avahi(laptop)
    dnsmasq = laptop.start("dnsmasq", "dnsmasq")
    dnsmasq.wait(lambda: laptop.run("dig", "+tries=1", "+time=1", "@127.0.0.1", "web.local").out.count("172.31"),
                 "it answers")
    laptop.use_resolver("127.0.0.1")
    equal(laptop.getent("web.local"), [])
    said = laptop.findings("--server", "172.31.0.2", "web.local")
    equal([one["Code"] for one in said], ["dnsmasq-server", "nss-mdns"])
    equal((said[1]["File"], said[1]["Line"], said[1]["Old"], said[1]["Change"]),
          ("/etc/nsswitch.conf", 1, f"hosts: {DEBIAN}", "hosts: files dns"))
    laptop.obey(said[1])
    check(resolves(laptop, "web.local"), "by one of its two lines")
    laptop.write("/etc/nsswitch.conf", f"hosts: {DEBIAN}\n")
    laptop.write("/etc/dnsmasq.conf", DNSMASQ + said[0]["Change"] + "\n")
    dnsmasq.stop()
    laptop.start("dnsmasq", "dnsmasq").wait(lambda: resolves(laptop, "web.local"), "by the other one, too")
    equal(laptop.codes("--server", "172.31.0.2", "web.local"), [])


def firsts(laptop):
    """The addresses that some lookups put first."""
    return {laptop.getent("web.internal")[0] for _ in range(12)}


def start_nscd(laptop):
    nscd = laptop.start("nscd", "nscd", "--foreground")
    return nscd.wait(lambda: laptop.run("test", "-S", "/run/nscd/socket").status == 0, "it serves")


def test_doctor_knows_that_nscd_keeps_one_order(vpc):
    laptop = vpc.hosts["laptop"]
    lab.need("nscd")
    laptop.write("/etc/nsswitch.conf", "hosts: files dns\n")
    laptop.use_resolver(lab.RESOLVER)
    equal(firsts(laptop), set(TASKS.values()), "without it")
    laptop.write("/etc/nscd.conf", NSCD)
    laptop.output("mkdir", "-p", "/run/nscd")
    nscd = start_nscd(laptop)
    equal(len(firsts(laptop)), 1, "all connections go to one task")
    finding = laptop.only("nscd-hosts", "web.internal")
    equal((finding["File"], finding["Line"]), ("/etc/nscd.conf", 3))
    laptop.obey(finding)
    nscd.stop()
    start_nscd(laptop)
    equal(firsts(laptop), set(TASKS.values()))
    equal(laptop.codes("web.internal"), [])


if __name__ == "__main__":
    lab.main(globals(), start)
