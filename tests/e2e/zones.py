# SPDX-License-Identifier: MIT
"""zones.py -- zone files beside registrations: start, SIGHUP, errors; cmapctl export, as other servers load it."""

import os
import re
import signal

import cmap
import tap
from tap import check, equal


class Zones(cmap.Daemon):
    """cmapd with a zone_dir of its own; files: texts by namespace."""

    def __init__(self, files=None, start=True, **settings):
        super().__init__(start=False, **settings)
        self.zone_dir = os.path.join(self.dir, "zones")
        os.mkdir(self.zone_dir)
        self.configure(zone_dir=self.zone_dir)
        for name, text in (files or {}).items():
            self.write(name, text)
        if start:
            self.start()

    def path(self, name):
        return os.path.join(self.zone_dir, name + ".zone")

    def write(self, name, text):
        with open(self.path(name), "w", encoding="latin-1") as out:
            out.write(text)

    def values(self, name, qtype="A"):
        answer = self.dig(name, qtype)
        equal(answer.status, "NOERROR", name)
        return sorted(answer.values())


def check_zone(name, text, directory):
    """What nsd-checkzone and named-checkzone say to it; those that are not installed say nothing. How many did."""
    path = os.path.join(directory, "exported")
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
    n = 0
    for program, *options in (("nsd-checkzone",), ("named-checkzone", "-k", "ignore", "-i", "none")):
        found = cmap.find(program)
        if found:
            ran = cmap.run(found, *options, name, path)
            equal(ran.status, 0, f"{program}: {ran.out}{ran.err}")
            n += 1
    return n


# ---- reading ----


def test_a_file_beside_registrations():
    with Zones({"prod": "$TTL 60\n@ MX 10 mail\nmail A 192.0.2.25\n*.any TXT wild\nweb A 192.0.2.1\n"
                        "web TXT note\nlab NS ns.lab\nns.lab A 192.0.2.53\n"}, namespace=["prod"]) as d:
        equal(d.values("prod", "MX"), ["10 mail.prod."])
        equal(d.values("mail.prod"), ["192.0.2.25"])
        equal(d.values("x.y.any.prod", "TXT"), ['"wild"'])
        equal(d.values("web.prod"), ["192.0.2.1"])
        d.service("web.prod", [("A", 5)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        equal(d.values("web.prod"), ["10.0.0.1"], "what is registered wins")
        equal(d.values("web.prod", "TXT"), ['"note"'])
        check(f"{d.path('prod')}:5: A of 'web.prod.' is not given: the name is registered" in d.logged(),
              "the conflict is logged")
        referral = d.dig("x.lab.prod")
        equal(referral.status, "NOERROR")
        check("aa" not in referral.flags, "a referral is no answer of ours")
        equal([r.data for r in referral.authority], ["ns.lab.prod."])
        equal([(r.name, r.data) for r in referral.additional], [("ns.lab.prod.", "192.0.2.53")])
        d.restart()
        equal(d.values("web.prod"), ["10.0.0.1"])
        equal(d.values("mail.prod"), ["192.0.2.25"])


def test_SIGHUP_reads_it_again():
    with Zones({"prod": "a 60 A 192.0.2.1\n"}, namespace=["prod"]) as d:
        d.write("prod", "b 60 A 192.0.2.2\n")
        equal(d.values("a.prod"), ["192.0.2.1"], "not before")
        check("reloaded" in d.reload(), "it says so")
        equal(d.dig("a.prod").status, "NXDOMAIN")
        equal(d.values("b.prod"), ["192.0.2.2"])
        os.unlink(d.path("prod"))
        d.reload()
        equal(d.dig("b.prod").status, "NXDOMAIN")
        # The directory itself may change.
        other = os.path.join(d.dir, "other")
        os.mkdir(other)
        with open(os.path.join(other, "prod.zone"), "w", encoding="ascii") as out:
            out.write("c 60 A 192.0.2.3\n")
        d.configure(zone_dir=other)
        d.reload()
        equal(d.values("c.prod"), ["192.0.2.3"])


def test_a_bad_file_at_SIGHUP_leaves_all_as_it_was():
    with Zones({"prod": "a 60 A 192.0.2.1\n", "corp": "a 60 A 192.0.2.1\n"}, namespace=["prod", "corp"]) as d:
        d.write("prod", "b 60 A 192.0.2.2\n")
        d.write("corp", "b 60 A 192.0.2.2\n\nb 60 A 192.0.2.256\n")
        d.configure(answers=3)
        said = d.reload()
        check(f"reload refused: {d.path('corp')}:3: '192.0.2.256' is no IPv4 address\n" in said, said)
        for zone in ("prod", "corp"):
            equal(d.values("a." + zone), ["192.0.2.1"])
            equal(d.dig("b." + zone).status, "NXDOMAIN")
        d.write("corp", "")
        check("reloaded" in d.reload(), "mended")
        equal(d.values("b.prod"), ["192.0.2.2"])


def test_a_bad_file_at_start_ends_cmapd():
    d = Zones({"prod": "a 60 A x\n"}, namespace=["prod"], start=False)
    for again in (False, True):
        d.launch()
        equal(d.process.wait(timeout=tap.PATIENCE), 78, "EX_CONFIG")
        check(f"cmapd: error: {d.path('prod')}:1: 'x' is no IPv4 address\n" in d.logged(), d.logged())
        check("listening" not in d.logged(), "nothing is served")
        check(not again or "namespace 'prod' created" not in d.logged(), "the second time it was loaded")
    d.configure(zone_dir=os.path.join(d.dir, "none"))
    d.launch()
    equal(d.process.wait(timeout=tap.PATIENCE), 78)
    check(f"zone_dir '{d.dir}/none': No such file or directory" in d.logged(), d.logged())
    d.close()


def test_a_namespace_made_later_reads_its_file():
    with Zones({"late": "a 60 A 192.0.2.1\n", "bad": "a 60 A x\n"}) as d:
        check("'/" in d.logged() and "late.zone' is not read: no namespace 'late' exists" in d.logged(), d.logged())
        equal(d.dig("a.late").status, "REFUSED")
        d.namespace("Late")
        equal(d.values("a.late"), ["192.0.2.1"])
        d.namespace("bad")
        check("namespace 'bad' is without static records until the file is mended" in d.logged(), d.logged())
        equal(d.dig("a.bad").status, "NXDOMAIN")
        check("reload refused" in d.reload(), "until then no reload")
        d.write("bad", "a 60 A 192.0.2.2\n")
        d.reload()
        equal(d.values("a.bad"), ["192.0.2.2"])
        # A private namespace may be called like a path; it reads nothing from elsewhere.
        os.mkdir(os.path.join(d.zone_dir, "x"))
        d.write("x/late", "a 60 A 192.0.2.3\n")
        d.namespace("x/late")
        equal(d.dig("a.x/late").status, "NXDOMAIN")
        d.reload()
        equal(d.dig("a.x/late").status, "NXDOMAIN")


def test_check_config_reads_all_files():
    d = Zones({"prod": "a 60 A 192.0.2.1\n"}, start=False)
    equal(cmap.run(cmap.CMAPD, "--config", d.config, "--check-config"), (0, "", ""))
    d.write("other", "\n$INCLUDE x\n")
    equal(cmap.run(cmap.CMAPD, "--config", d.config, "--check-config"),
          (78, "", f"cmapd: {d.path('other')}:2: '$INCLUDE' is not supported: write the records here\n"))
    os.rename(d.path("other"), d.path("Other"))
    ran = cmap.run(cmap.CMAPD, "--config", d.config, "--check-config")
    equal(ran.status, 78)
    check("Other.zone: a zone file is called like its namespace, in lower case" in ran.err, ran.err)
    d.close()


def test_queries_go_on_while_files_are_read():
    with Zones({"prod": "$TTL 60\n" + "".join(f"h{i} A 10.1.{i >> 8}.{i & 255}\n" for i in range(20000))},
               namespace=["prod"]) as d:
        d.process.send_signal(signal.SIGHUP)
        for i in range(300):
            equal(d.ask(f"h{i * 60}.prod").values(), [f"10.1.{i * 60 >> 8}.{i * 60 & 255}"])
        tap.wait_until(lambda: "reloaded" in d.logged(), "reload")


# ---- export ----

EVERYTHING = r"""$TTL 60
@ SOA ns1 hostmaster 1 1h 15m 2w 30
@ NS ns1
@ NS ns.example.
ns1 A 192.0.2.53
@ MX 10 mail
mail A 192.0.2.25
mail AAAA fd00::25
* TXT "any \"x\" ; y" "\000\255"
sub NS ns1.sub
ns1.sub A 192.0.2.1
deep.sub TXT occluded
self NS self
self A 192.0.2.4
sub DS 1 8 2 A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3
unk TYPE65400 \# 4 DEADBEEF
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
caa CAA 0 issue "ca.example; x=y"
naptr NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:x@y!" .
tlsa TLSA 3 1 1 A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3
sshfp SSHFP 1 1 A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3A0B1C2D3
https HTTPS 1 . alpn="h2" port=8443
uri URI 1 2 "http://a/;b"
hinfo HINFO PC Linux
rp RP a b
gpos GPOS -32.6882 116.8652 10.0
kx KX 1 a
weird\.\000\255\(\;\$x TXT w
ptr PTR a\.b.other.
alias CNAME mail
"""


def test_export_of_everything_there_is():
    with Zones({"prod": EVERYTHING}, namespace=["prod", "in.prod"]) as d:
        d.service("web.prod", [("A", 5), ("AAAA", 6), ("SRV", 7)])
        d.register("web.prod", "a:b@c/d", ipv4="10.0.0.1", ipv6="fd00::1", port=80)
        d.register("web.prod", "i-2", ipv4="10.0.0.1", ipv6="fd00::1", port=81, lease="1h")
        d.service("al.prod", [("CNAME", 5)], routing="WEIGHTED")
        d.register("al.prod", "1", cname="web.prod")
        d.register("al.prod", "2", cname="other.example")
        d.service("other.in.prod", [("A", 5)])
        d.register("other.in.prod", "1", ipv4="10.9.9.9")
        ran = d.ctl("export", "prod")
        equal((ran.status, ran.err), (0, ""))
        for line in ("prod. 60 IN SOA ns1.prod. hostmaster.prod. ", "prod. 60 IN NS ns.example.",
                     "web.prod. 7 IN SRV 1 1 80 a:b\\@c/d.web.prod.", "a:b\\@c/d.web.prod. 7 IN AAAA fd00::1",
                     "al.prod. 5 IN CNAME web.prod.", "ns1.sub.prod. 60 IN A 192.0.2.1",
                     "gpos.prod. 60 IN TYPE27 \\# 23 ", "ptr.prod. 60 IN PTR a\\.b.other."):
            equal(ran.out.replace("\t", " ").count("\n" + line), 1, line)
        for word in ("other.example", "occluded", "10.9.9.9"):
            check(word not in ran.out, word)
        n = ran.out.count("\n")
        check(ran.out.endswith(f"; {n - 2} records, this is the end\n"), ran.out[-100:])
        # What is exported can be read again, and gives the same.
        back = Zones({"prod": "".join(line + "\n" for line in ran.out.split("\n") if line[:1] != ";")},
                     namespace=["prod"])
        with back:
            again = back.ctl("export", "prod").out

            def records(text):
                return sorted(re.sub(r"(SOA\t\S+ \S+) \d+", r"\1 N", line) for line in text.split("\n")
                              if line and line[0] != ";")

            equal(records(again), records(ran.out))
        if check_zone("prod", ran.out, d.dir) == 0:
            raise tap.Skip("neither nsd-checkzone nor named-checkzone is installed (Debian packages nsd, bind9-utils)")


def test_export_of_100000_records():
    lines = "".join(f"h{i} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(100000))
    with Zones({"prod": "$TTL 60\n" + lines}, namespace=["prod"]) as d:
        ran = d.ctl("export", "prod")
        equal((ran.status, ran.err), (0, ""))
        check(ran.out.endswith("; 100002 records, this is the end\n"), ran.out[-100:])
        equal(len(set(ran.out.split("\n"))), 100002 + 3)


def test_export_is_refused_where_there_is_no_zone():
    with Zones() as d:
        d.namespace("things", kind="Http")
        equal(d.ctl("export", "things"), (1, "", "cmapctl: namespace 'things' has no DNS, and so no zone\n"))
        equal(d.ctl("export", "none").status, 4)


tap.main(globals())
