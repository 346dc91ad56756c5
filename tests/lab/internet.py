# SPDX-License-Identifier: MIT
"""
internet.py -- what lies outside the lab's VPC: 203.0.113.0/24 behind the router's address 203.0.113.1.

Whoever goes out is masked by that address (the NAT gateway), and there is no route back in, except to a host that
has been given an address of the internet's (an elastic one). One host stands for all of the internet. It has a real
name server, NSD, with the zones below, which everybody may ask.
"""

import os

import lab
import nsd
import tap

ROUTER, SERVER, SITE = "203.0.113.1", "203.0.113.53", "203.0.113.80"

ZONES = {
    "example.com": f"""
@           300 SOA ns hostmaster 1 3600 600 86400 60
            300 NS ns
ns          300 A {SERVER}
www         300 A {SITE}
alias       300 CNAME www
brief         1 A {SITE}
""",
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
""",
}


class Internet(lab.Host):
    """Made by lab.Vpc.internet()."""

    def __init__(self, vpc):
        super().__init__(vpc, "internet", SERVER)
        lab.need("nft")
        lab.make_namespaces(self.ns)
        self.ip(f"link add eth0 type veth peer name internet netns {vpc.router.ns}", "link set lo up",
                "link set eth0 up", *(f"addr add 203.0.113.{i}/24 dev eth0" for i in (53, 80, *range(101, 106))))
        vpc.router.ip("link set internet up", f"addr add {ROUTER}/24 dev internet")
        vpc.router.nft("""table ip nat {
            chain in { type nat hook prerouting priority -100; }
            chain out { type nat hook postrouting priority 100; oifname internet masquerade; }
        }""")

    def serve_zones(self):
        """NSD with the zones above."""
        program = nsd.program()
        directory = os.path.join(self.vpc.cmapd.dir, "nsd")
        os.makedirs(directory)
        config = nsd.CONFIG.format(port=53, dir=directory, size=1232).replace("127.0.0.1", SERVER)
        for name, text in ZONES.items():
            config += f'zone:\n    name: "{name}"\n    zonefile: "{self.vpc.write(os.path.join("nsd", name), text)}"\n'
        server = self.start("nsd", program, "-d", "-c", self.vpc.write("nsd/conf", config))
        ask = ("dig", "+short", "+tries=1", "+time=1", f"@{SERVER}", "example.com", "SOA")
        server.wait(lambda: "hostmaster" in self.run(*ask).out, "it answers")
        with open(os.path.join(directory, "log"), encoding="utf-8") as log:
            said = log.read()
        tap.check("error" not in said and "warning" not in said, said)
        return server

    def give(self, address, host):
        """An address of the internet's leads to a host of the VPC."""
        self.vpc.router.ip(f"addr add {address}/32 dev internet")
        self.vpc.router.nft(f"add rule ip nat in ip daddr {address} dnat to {host.address}")
