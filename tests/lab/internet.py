# SPDX-License-Identifier: MIT
"""
internet.py -- what lies outside the lab's VPC: 203.0.113.0/24 behind the router's address 203.0.113.1.

Whoever goes out is masked by that address (the NAT gateway), and there is no route back in, except to a host that
has been given an address of the internet's (an elastic one). One host stands for all of the internet. It has a real
name server, NSD, at two addresses and with the zones below, which everybody may ask.
"""

import json
import os
import signal

import lab
import nsd
import tap

ROUTER, SERVER, SECOND, SITE = "203.0.113.1", "203.0.113.53", "203.0.113.54", "203.0.113.80"

# More than one UDP packet holds.
CROWD = [f"198.51.100.{i}" for i in range(1, 121)]

ZONES = {
    "example.com": f"""
@           300 SOA ns hostmaster 1 3600 600 86400 60
            300 NS ns
ns          300 A {SERVER}
www         300 A {SITE}
alias       300 CNAME www
brief         1 A {SITE}
*.sites     300 A {SITE}
""" + "".join(f"crowd 300 A {address}\n" for address in CROWD),
    "amazonaws.com": f"""
@               300 SOA ns.example.com. hostmaster 1 3600 600 86400 60
                300 NS ns.example.com.
s3.us-east-1     60 A 203.0.113.101
                 60 AAAA 2001:db8::101
*.s3.us-east-1   60 CNAME s3.us-east-1
ecs.us-east-1    60 A 203.0.113.102
                 60 AAAA 2001:db8::102
api.ecr.us-east-1 60 A 203.0.113.103
                 60 AAAA 2001:db8::103
                 60 HTTPS 1 . alpn=h2
*.dkr.ecr.us-east-1 60 A 203.0.113.104
sts.us-east-1    60 A 203.0.113.105
internal-lb-1.us-east-1.elb   1 A 172.31.16.5
                              1 A 172.31.32.5
""",
}

# At the server's door: who asks is counted, and addresses can be made silent.
WATCHED = f"""table ip watched {{
    set silent {{ type ipv4_addr; }}
    set strangers {{ type ipv4_addr; flags dynamic; size 1024; }}
    set ports {{ type inet_service; flags dynamic; size 65535; }}
    counter first {{ }}
    counter second {{ }}
    counter streams {{ }}
    chain in {{
        type filter hook input priority 0;
        iifname eth0 ip daddr {SERVER} udp dport 53 counter name first
        iifname eth0 ip daddr {SECOND} udp dport 53 counter name second
        iifname eth0 udp dport 53 add @strangers {{ ip saddr }} add @ports {{ udp sport }}
        iifname eth0 tcp dport 53 ct state new counter name streams
        iifname eth0 meta l4proto {{ tcp, udp }} th dport 53 ip daddr @silent drop
    }}
}}"""


class Internet(lab.Host):
    """Made by lab.Vpc.internet()."""

    def __init__(self, vpc):
        super().__init__(vpc, "internet", SERVER)
        self.dir, self.server = None, None
        lab.need("nft")
        lab.make_namespaces(self.ns)
        self.ip(f"link add eth0 type veth peer name internet netns {vpc.router.ns}", "link set lo up",
                "link set eth0 up", *(f"addr add 203.0.113.{i}/24 dev eth0" for i in (53, 54, 80, *range(101, 106))))
        vpc.router.ip("link set internet up", f"addr add {ROUTER}/24 dev internet")
        vpc.router.nft("""table ip nat {
            chain in { type nat hook prerouting priority -100; }
            chain out { type nat hook postrouting priority 100; oifname internet masquerade; }
        }""")

    def serve_zones(self):
        """NSD with the zones above; what it is asked is counted."""
        self.nft(WATCHED)
        self.dir = os.path.join(self.vpc.cmapd.dir, "nsd")
        os.makedirs(self.dir)
        config = nsd.CONFIG.format(port=53, dir=self.dir, size=1232)
        config = config.replace("127.0.0.1@53", f"{SERVER}@53\n    ip-address: {SECOND}@53")
        for name in ZONES:
            config += f'zone:\n    name: "{name}"\n    zonefile: "{self.write_zone(name, ZONES[name])}"\n'
        self.server = self.start("nsd", nsd.program(), "-d", "-c", self.vpc.write("nsd/conf", config))
        for address in (SERVER, SECOND):
            self.server.wait(lambda at=address: "hostmaster" in self.ask("example.com", "SOA", at), "it answers")
        with open(os.path.join(self.dir, "log"), encoding="utf-8") as log:
            said = log.read()
        tap.check("error" not in said and "warning" not in said, said)
        return self.server

    def write_zone(self, name, text):
        """At once the old one or the new: its path."""
        path = os.path.join(self.dir, name)
        os.replace(self.vpc.write(f"nsd/{name}.new", text), path)
        return path

    def change_zone(self, name, old, new, probe):
        """Puts new in place of old in a zone; probe: a name and type whose answer changes with that."""
        before = self.ask(*probe)
        self.write_zone(name, ZONES[name].replace(old, new))
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait(lambda: self.ask(*probe) not in (before, ""), f"{probe} changes")

    def ask(self, name, qtype="A", at=SERVER):
        """What the server itself says, in short."""
        return self.run("dig", "+short", "+tries=1", "+time=1", f"@{at}", name, qtype).out

    # ---- what arrives at the server ----

    def counted(self, name):
        """Packets that asked since serve_zones(): "first" or "second" server, or "streams", connections to either."""
        listed = json.loads(self.output("nft", "-j", "list", "counter", "ip", "watched", name))
        return next(item["counter"]["packets"] for item in listed["nftables"] if "counter" in item)

    def seen(self, name):
        """Whence it was asked over UDP: "strangers", their addresses, or "ports"."""
        listed = json.loads(self.output("nft", "-j", "list", "set", "ip", "watched", name))
        return next(item["set"].get("elem", []) for item in listed["nftables"] if "set" in item)

    def silence(self, *addresses):
        """From now on these drop what they are asked, and no others."""
        self.nft("flush set ip watched silent")
        for address in addresses:
            self.nft(f"add element ip watched silent {{ {address} }}")

    def give(self, address, host, port=None):
        """An address of the internet's leads to a host of the VPC, or to one port of it."""
        only = f"meta l4proto {{ tcp, udp }} th dport {port}" if port else ""
        self.vpc.router.ip(f"addr add {address}/32 dev internet")
        self.vpc.router.nft(f"add rule ip nat in ip daddr {address} {only} dnat to {host.address}")
