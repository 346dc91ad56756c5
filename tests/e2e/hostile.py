# SPDX-License-Identifier: MIT
"""
hostile.py -- names and values meant to do harm: what is accepted comes back octet by octet, by the API, from the file,
after a restart and in the DNS; all else gets the one error that rules.py expects.

Environment: CMAP_HOSTILE, how many requests (3000); CMAP_SEED, where randomness begins (1; make torture takes the
time). A failure tells both: the same two make the same requests.
"""

import collections
import contextlib
import json
import math
import os
import random
import re
import socket

import cmap
import rules
import tap
import texts
import wire
from rules import INPUT, SERIAL, fold, lower
from tap import check, equal

CASES = int(os.environ.get("CMAP_HOSTILE", "3000"))
SEED = int(os.environ.get("CMAP_SEED", "1"))
BODY_MAX, DEPTH_MAX = 65536, 32
GRAPHIC = "".join(map(chr, range(0x21, 0x7F)))
LETTERS = "abcXYZ019-"
TYPES = {"CreateHttpNamespace": "HTTP", "CreatePrivateDnsNamespace": "DNS_PRIVATE", "CreatePublicDnsNamespace": "DNS_PUBLIC"}
KINDS = ((), ("A",), ("SRV",), ("CNAME",), ("AAAA", "A", "SRV"))
WRONG = {  # though some are right at other places, or look so
    "AWS_INSTANCE_IPV4": ("0.0.0.0", "255.255.255.255", "224.0.0.1", "239.255.255.255", "010.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.256",
                          "::1", "1.2.3.4 ", "223.255.255.255"),
    "AWS_INSTANCE_IPV6": ("::", "ff02::1", "fe80::1%lo", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::g", "12345::", "10.0.0.1", "[::1]",
                          "feff::1"),
    "AWS_INSTANCE_PORT": ("0", "00", "65534", "65536", "65537", "http", "80,81"),
    "AWS_INSTANCE_CNAME": ("a..b", ".a", "a b", "x" * 64, "a.b..", "m\u00fcller", "*.a", "a\\.b", ".".join("a" * 127), ".".join("a" * 128)),
    "CMAP_WEIGHT": ("0", "254", "256", "257", "1.5"),
    "CMAP_LEASE": ("8d", "999ms", "604800001ms", "604799999ms", "1 s", "99999999999999999999s", "-5m", "30", "s", "1S", "7d1h")}
ARN = "arn:aws:servicediscovery:us-east-1:000000000000:"


class World:
    """cmapd, and what it must hold. Everything kept is a dict of what was sent, by id."""

    def __init__(self):
        self.d = cmap.Daemon(log_level="debug")
        self.texts = texts.Texts(random.Random(SEED))
        self.connection, self.udp = self.d.connect(), wire.Udp(self.d.address())
        self.namespaces, self.services, self.instances = {}, {}, {}
        self.by_name, self.by_dns = {}, {}  # ids of namespaces
        self.names = set()  # that services and SRV records have in the DNS
        self.told = collections.Counter()
        tap.say(f"CMAP_HOSTILE={CASES} CMAP_SEED={SEED}")

    # What tap.py asks of a daemon.
    def is_running(self):
        return self.d.is_running()

    def stop(self):
        self.close()
        self.d.stop()
        check_log(self.d)

    def close(self):
        self.connection.close()
        self.udp.socket.close()
        if not self.is_running():
            self.d.close()

    def tell_log(self):
        self.d.tell_log()

    def restart(self, between):
        self.close()
        self.d.stop()
        check_log(self.d)
        between()
        self.d.start()
        self.connection, self.udp = self.d.connect(), wire.Udp(self.d.address())

    # ---- asking the API ----

    def ask(self, operation, body):
        """What an operation of whatever is sent is answered with: None or the type of its error, and its JSON."""
        reply = cmap.post(self.connection, operation, body)
        answer = json.loads(reply.body.decode())  # which must be UTF-8
        kind = answer.get("__type")
        self.told[kind] += 1
        equal(reply.headers["Content-Type"], "application/x-amz-json-1.1")
        if kind is None:
            equal(reply.status, 200)
            return None, answer
        equal(reply.status, 413 if kind == "RequestTooLargeException" else 400, kind)
        equal(reply.headers["x-amzn-ErrorType"], kind)
        check(isinstance(answer["Message"], str) and answer["Message"], "an error has a message")
        return kind, answer

    def call(self, operation, **members):
        kind, answer = self.ask(operation, members)
        equal(kind, None, f"{operation} {members}: {answer}")
        return answer

    def expect(self, operation, body, rule):
        """
        Sends a Json. rule tells the error of what has the right form, from its value. Returns the value and the answer,
        or None if it was rightly refused.
        """
        if len(body.octets) > BODY_MAX:
            want = "RequestTooLargeException"
        elif not body.readable:
            want = SERIAL
        else:
            want = rules.shape_fault(operation, body.value) or rule(body.value)
        got, answer = self.ask(operation, body.octets)
        if got != want:
            raise AssertionError(f"CMAP_HOSTILE={CASES} CMAP_SEED={SEED}: {operation} {body.octets[:2000]}\n"
                                 f"got {got}, want {want}: {str(answer)[:2000]}")
        return (body.value, answer) if want is None else None

    # ---- asking the DNS ----

    def resolve(self, name, qtype):
        """A reply to the name with its letters in any case; the reply has them as they were asked."""
        asked = "".join(self.texts.pick((c.lower(), c.upper())) for c in name.rstrip("."))
        reply = wire.Message(self.udp.ask(wire.query(asked, qtype, edns=wire.opt())))
        equal(reply.question, [(asked + ".", qtype, 1)])
        check(all(record.name == asked + "." for record in reply.answer), f"{asked}: {reply.answer}")
        return reply

    def home(self, name):
        """The namespace of the DNS that a folded name belongs to."""
        labels = name.split(".")
        return next((self.by_dns[n] for n in (".".join(labels[i:]) for i in range(len(labels))) if n in self.by_dns), None)

    def splits(self, name):
        """A namespace of that folded name would take names away from the one above it."""
        below = [n for n in self.names if n == name or n.endswith("." + name)]
        return any(len(fold(self.namespaces[self.home(n)]["Name"])) < len(name) for n in below)

    def dns_name(self, service):
        """Folded; None if it has none."""
        if not service["records"]:
            return None
        zone = fold(self.namespaces[service["NamespaceId"]]["Name"])
        return zone if service["Name"] == "." else lower(service["Name"]) + "." + zone

    def name_fault(self, name, ns_id):
        is_free = rules.is_domain_name(name) and self.home(name) == ns_id and name not in self.names
        return None if is_free else INPUT

    # ---- what can be sent ----

    def tags(self):
        """A list, mostly of tags that are accepted."""
        t, pairs = self.texts, []
        if t.is_rarely(6):
            return t.array([t.object([("Key", t.spell(f"k{i}")), ("Value", t.string(""))])
                            for i in range(t.pick((49, 50, 51, 199, 200, 201)))])
        for i in range(t.pick((0, 1, 2, 3))):
            key, value = f"{i}{t.pick(texts.PIECES)}", t.pick(texts.PIECES)
            if t.is_rarely(5):
                key, value = t.text(128), t.text(256)
            elif not t.is_rarely(3):
                key, value = ("".join(re.findall(rules.TAG, text)) for text in (key, value))
            if t.is_rarely(5):
                key = t.pick(("aws:", "AWS:x", "aWs:y", "aws", "xaws:", "\u212aws:", "k1", "K1"))
            pairs.append(t.object([("Key", t.string(key)), ("Value", t.string(value))]))
        return t.array(pairs)

    def common(self):
        """Members of everything that is created, some of them."""
        t = self.texts
        some = [("CreatorRequestId", lambda: t.string(t.text(64))), ("Description", lambda: t.string(t.text(1024))),
                ("Tags", self.tags)]
        return [(name, make()) for name, make in some if t.is_rarely(50)]

    def tags_rule(self, tags):
        fault = rules.tags_fault(tags or [])
        return fault or ("TooManyTagsException" if len(tags or []) > rules.MOST_TAGS else None)


def start():
    """With a zone whose services are fixed, and one of each kind besides those that are made at random."""
    w = World()
    for kind, name in (("CreatePrivateDnsNamespace", "hostile.example"), ("CreateHttpNamespace", "calls")):
        make_namespace(w, kind, w.texts.object([("Name", w.texts.spell(name)), ("Vpc", w.texts.spell("v"))]))
    w.ns, w.http = w.by_dns["hostile.example"], w.by_name["calls"]
    w.fixed = {}
    for records in KINDS:
        name = "-".join(records) or "none"
        w.fixed[name] = make_service(w, w.texts.spell(name), w.ns, records)
    w.fixed["call"] = make_service(w, w.texts.spell("call"), w.http, ())
    w.empty = make_service(w, w.texts.spell("empty"), w.http, ())
    return w


def check_log(d):
    with open(d.log, "rb") as log:
        for line in log.read().split(b"\n")[:-1]:
            check(re.fullmatch(rb"cmapd: (error|warning|info|debug): [ -~]*", line), f"a line of the log: {line!r}")


def held(pairs):
    """Of a kept thing, the members that an answer has: what is absent and what is empty read alike."""
    return {key: value for key, value in pairs.items() if value}


# ---- namespaces ----


def make_namespace(w, operation, body):
    old = None

    def rule(value):
        nonlocal old
        ident = w.by_name.get(value["Name"]) or (operation != "CreateHttpNamespace" and w.by_dns.get(fold(value["Name"])))
        fault = w.tags_rule(value.get("Tags"))
        if fault is None and ident:
            old = w.namespaces[ident]
            is_same = value.get("CreatorRequestId") and {**value, "Type": TYPES[operation]} == old
            return None if is_same else "NamespaceAlreadyExists"
        if fault is None and operation != "CreateHttpNamespace":
            is_free = rules.is_domain_name(value["Name"]) and not w.splits(fold(value["Name"]))
            return None if is_free else INPUT
        return fault

    done = w.expect(operation, body, rule)
    if done is None or old is not None:
        return
    value, answer = done
    ident = w.call("GetOperation", **answer)["Operation"]["Targets"]["NAMESPACE"]
    w.namespaces[ident] = {**value, "Type": TYPES[operation]}
    w.by_name[value["Name"]] = ident
    if operation != "CreateHttpNamespace":
        w.by_dns[fold(value["Name"])] = ident
    look_at_namespace(w, ident)


def tags_of(w, kind, ident):
    tags = w.call("ListTagsForResource", ResourceARN=f"{ARN}{kind}/{ident}")["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def tag_map(thing):
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags") or []}


def look_at_namespace(w, ident):
    ns = w.namespaces[ident]
    got = w.call("GetNamespace", Id=ident)["Namespace"]
    equal(got["Properties"]["HttpProperties"]["HttpName"], ns["Name"])
    equal({k: got[k] for k in ("Name", "Type", "Description", "CreatorRequestId") if k in got},
          held({k: ns.get(k) for k in ("Name", "Type", "Description", "CreatorRequestId")}))
    equal(tags_of(w, "namespace", ident), tag_map(ns))
    if ns["Type"] != "HTTP":
        reply = w.resolve(ns["Name"], "SOA")
        equal((reply.status, [r.type for r in reply.answer], bool(reply.flags & wire.AA)), ("NOERROR", ["SOA"], True), ns["Name"])
        equal(w.resolve(ns["Name"], "TXT").status, "NOERROR", ns["Name"])


def test_names_of_namespaces(w):
    t = w.texts
    for _ in range(CASES * 20 // 100):
        operation = t.pick(list(TYPES))
        if t.is_rarely(15):
            name = t.text(1024 if operation == "CreateHttpNamespace" else 253)
        elif operation == "CreateHttpNamespace":
            name = t.pick((t.label(GRAPHIC), t.label(GRAPHIC), t.long(1024), t.name(GRAPHIC, 1024)))
        else:
            name = t.name(GRAPHIC if operation == "CreatePrivateDnsNamespace" and t.is_rarely(50) else LETTERS, 253)
        if t.is_rarely(5):  # below one that is there, or it again in another case
            name = t.pick(("", "a.", "*.")) + t.pick((str, str.upper))(t.pick(list(w.by_name)))
        members = [("Name", t.string(name))] + w.common()
        if operation == "CreatePrivateDnsNamespace":
            members.append(("Vpc", t.string(t.text(64) if t.is_rarely(20) else "vpc-1")))
        if t.is_rarely(3):
            members.append(("Name", t.string(name + "x")))  # this one counts
        make_namespace(w, operation, t.object(members))
    tap.say(f"{len(w.namespaces)} namespaces, {len(w.by_dns)} in the DNS: {dict(w.told)}")
    check(len(w.by_dns) * 30 > CASES, "not only refusals")


def test_a_star_in_a_namespace_is_no_wildcard(w):
    for name in [n for n in w.by_dns if "*" in n.split(".")][:200]:
        other = ".".join("z" if label == "*" else label for label in name.split("."))
        if w.home(other) is None:
            equal(w.resolve(other, "SOA").status, "REFUSED", f"{other} beside {name}")


# ---- services ----


def make_service(w, name, ns_id, records, members=()):
    """Returns its id; None if it was refused, or is there already."""
    t, old = w.texts, None
    ns = w.namespaces[ns_id]
    members = [("Name", name), ("NamespaceId", t.spell(ns_id)), *members]
    if records:
        members.append(("DnsConfig", t.object([("DnsRecords", t.array([
            t.object([("Type", t.spell(kind)), ("TTL", texts.Json(60, b"60", True))]) for kind in records]))])))

    def key(text):
        return text if ns["Type"] == "HTTP" else lower(text)

    def rule(value):
        nonlocal old
        fault = w.tags_rule(value.get("Tags"))
        if fault:
            return fault
        old = next((s for s in ns.get("services", []) if key(w.services[s]["Name"]) == key(value["Name"])), None)
        if old:
            is_same = value.get("CreatorRequestId") and {**value, "records": records} == w.services[old]
            return None if is_same else "ServiceAlreadyExists"
        if records and ns["Type"] == "HTTP" or (records == ("CNAME",) and value["Name"] == "."):
            return INPUT
        dns_name = w.dns_name({**value, "records": records})
        return w.name_fault(dns_name, ns_id) if dns_name else None

    done = w.expect("CreateService", t.object(members), rule)
    if done is None or old:
        return None
    value, answer = done
    ident = answer["Service"]["Id"]
    w.services[ident] = {**value, "records": records}
    ns.setdefault("services", []).append(ident)
    if records:
        w.names.add(w.dns_name(w.services[ident]))
    look_at_service(w, ident)
    return ident


def look_at_service(w, ident):
    service = w.services[ident]
    ns = w.namespaces[service["NamespaceId"]]
    got = w.call("GetService", Id=ident)["Service"]
    equal({k: got[k] for k in ("Name", "NamespaceId", "Description", "CreatorRequestId") if k in got},
          held({k: service.get(k) for k in ("Name", "NamespaceId", "Description", "CreatorRequestId")}))
    equal(tags_of(w, "service", ident), tag_map(service))
    equal(w.call("GetServiceAttributes", ServiceId=ident)["ServiceAttributes"]["Attributes"], service.get("attributes", {}))
    w.call("DiscoverInstances", NamespaceName=ns["Name"], ServiceName=service["Name"], MaxResults=1)
    name = w.dns_name(service)
    if name:
        found = w.call("Cmap_v1.FindService", Name=name)
        equal(found.get("Service", {}).get("Id"), ident, f"{name} {found}")


def probe(w, ident):
    """An instance with nothing hostile, whose records are asked for at the service's name."""
    service, n = w.services[ident], len(w.services)
    port, ipv4 = 1 + n % 65535, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
    pairs = {"AWS_INSTANCE_IPV4": ipv4, "AWS_INSTANCE_PORT": str(port), "AWS_INSTANCE_CNAME": f"w{n}.example.net"}
    if not make_instance(w, ident, w.texts.spell("0"), w.texts.object([(k, w.texts.spell(v)) for k, v in pairs.items()])):
        return  # there is no room for another label, or one is needed that nobody gave
    name = w.dns_name(service)
    want = {"A": ipv4, "SRV": f"1 1 {port} 0.{name}.", "CNAME": f"w{n}.example.net."}
    for kind in service["records"]:
        if kind in want:
            equal(w.resolve(name, kind).values(), [want[kind]], f"{name} {kind}")


def test_names_of_services(w):
    t, before = w.texts, len(w.services)
    spaces, dns = list(w.namespaces), list(w.by_dns.values())
    for _ in range(CASES * 15 // 100):
        ns_id = t.pick((w.ns, w.http, t.pick(spaces), t.pick(dns)))
        name = t.text(127) if t.is_rarely(20) else t.name(t.pick((LETTERS, LETTERS + "_", "09")), 127)
        if t.is_rarely(3):
            name = t.pick((".", "_http._tcp", "..", "*", "0", "1.2.3.4", "_", "a_", "x" * 63, "x" * 64))
        records = t.pick(KINDS if w.namespaces[ns_id]["Type"] != "HTTP" or t.is_rarely(5) else KINDS[:1])
        ident = make_service(w, t.string(name), ns_id, records, w.common())
        if ident and records:
            probe(w, ident)
    tap.say(f"{len(w.services)} services, {len(w.names)} of them in the DNS: {dict(w.told)}")
    check((len(w.services) - before) * 30 > CASES, "not only refusals")


# ---- instances ----


def make_instance(w, service_id, name, attributes, creator=None):
    t, same = w.texts, False
    service = w.services[service_id]
    is_http = w.namespaces[service["NamespaceId"]]["Type"] == "HTTP"

    def target(value):
        return lower(value["InstanceId"]) + "." + w.dns_name(service) if "SRV" in service["records"] else None

    def rule(value):
        nonlocal same
        old = w.instances.get((service_id, value["InstanceId"]))
        if target(value) and not rules.is_domain_name(target(value)) or target(value) and target(value).startswith("."):
            return INPUT
        fault = rules.attributes_fault(value["Attributes"], service["records"], is_http)
        same = bool(old and value.get("CreatorRequestId") and value == old)
        return fault or (w.name_fault(target(value), service["NamespaceId"]) if target(value) and not old else None)

    members = [("ServiceId", t.spell(service_id)), ("InstanceId", name), ("Attributes", attributes)]
    if creator:
        members.append(("CreatorRequestId", creator))
    done = w.expect("RegisterInstance", t.object(members), rule)
    if done is None:
        return False
    value = done[0]
    w.instances[service_id, value["InstanceId"]] = value
    if target(value):
        w.names.add(target(value))
    operation = w.call("GetOperation", **done[1])["Operation"]
    equal(operation["Targets"], {"INSTANCE": value["InstanceId"], "SERVICE": service_id})
    look_at_instance(w, service_id, value["InstanceId"])
    return True


def look_at_instance(w, service_id, ident):
    value, service = w.instances[service_id, ident], w.services[service_id]
    got = w.call("GetInstance", ServiceId=service_id, InstanceId=ident)["Instance"]
    equal((got["Id"], got["Attributes"], got.get("CreatorRequestId", "")),
          (ident, value["Attributes"], value.get("CreatorRequestId") or ""))
    if "SRV" in service["records"]:
        name = f"{ident}.{w.dns_name(service)}"
        for kind, key in (("A", "AWS_INSTANCE_IPV4"), ("AAAA", "AWS_INSTANCE_IPV6")):
            text = value["Attributes"].get(key)
            want = [str(rules.ipaddress.ip_address(text))] if text else []
            reply = w.resolve(name, kind)
            equal((reply.status, reply.values()), ("NOERROR", want), name)
    elif service["records"] == ("CNAME",) and sum(s == service_id for s, _ in w.instances) == 1:
        equal(w.resolve(w.dns_name(service), "CNAME").values(), [value["Attributes"]["AWS_INSTANCE_CNAME"].rstrip(".") + "."])


def reserved(w, records):
    """Attributes that an instance of such records needs; now and then one of them makes no sense."""
    t = w.texts
    pairs = {"AWS_INSTANCE_IPV4": t.pick(("10.0.0.1", "127.0.0.1", "255.255.255.254", "1.2.3.4")),
             "AWS_INSTANCE_IPV6": t.pick(("::1", "2001:DB8::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8")),
             "AWS_INSTANCE_PORT": t.pick(("1", "80", "65535", "00080")),
             "AWS_INSTANCE_CNAME": t.pick(("www.example.com", "_a.B-c.", "x" * 63 + ".y", "a", t.name(LETTERS, 253))),
             "CMAP_WEIGHT": t.pick(("1", "255")), "CMAP_LEASE": t.pick(("7d", "1h", "604800s"))}
    wanted = {"A": ["AWS_INSTANCE_IPV4"], "AAAA": ["AWS_INSTANCE_IPV6"], "CNAME": ["AWS_INSTANCE_CNAME"],
              "SRV": ["AWS_INSTANCE_PORT", t.pick(("AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6"))]}
    chosen = {key for kind in records for key in wanted[kind]} | {key for key in pairs if t.is_rarely(8)}
    pairs = {key: pairs[key] for key in sorted(chosen)}
    if pairs and t.is_rarely(12):
        key = t.pick(sorted(pairs))
        pairs[key] = t.pick(WRONG[key] + ("", " ", "-1", "1 ", "+1", "0x1", "1e1", "*", ".", "%s%s%s", "\uff11", "4294967297",
                                          "18446744073709551617", t.text(1024)))
    if t.is_rarely(3):
        pairs[t.pick(("AWS_EC2_INSTANCE_ID", "AWS_INIT_HEALTH_STATUS", "CMAP_", "CMAP_LEASES", "AWS_", "aws_x", "cmap_lease"))] = "x"
    return pairs


def attributes(w, records):
    t = w.texts
    pairs = reserved(w, records)
    for _ in range(t.pick((0, 1, 2, 3)) if not t.is_rarely(4) else t.pick((28, 29, 30, 31))):
        key = t.text(255) if t.is_rarely(5) else t.pick(("", "", "AWS_", "k8s.io/")) + t.label(GRAPHIC, t.pick((5, 255)))[:255]
        value = t.text(1024) if t.is_rarely(10) else t.label(GRAPHIC) + t.pick(("", " ", "\t")) + t.label(GRAPHIC + " \t", 99)
        pairs[key] = value
    if t.is_rarely(4):  # as many octets as there may be, or one less, or one more
        pairs = {k: v for k, v in pairs.items() if k.startswith(("AWS_I", "CMAP_")) and k.isascii() and v.isascii()}
        room = 5000 + t.pick((-1, 0, 1)) - sum(len(k) + len(v) for k, v in pairs.items())
        for i in range(1, 6):
            size = max(0, min(room - 2, 1024))
            pairs[f"f{i}"], room = t.pick(GRAPHIC) * size, room - 2 - size
    return t.object([(t.spell(key), t.string(value)) for key, value in pairs.items()])


def test_ids_and_attributes_of_instances(w):
    t, before = w.texts, len(w.instances)
    alphabet, fixed, services = LETTERS + "_/:.@-", list(w.fixed.values()), list(w.services)
    for _ in range(CASES * 25 // 100):
        service_id = t.pick(fixed) if t.is_rarely(60) else t.pick(services)
        name = t.text(64) if t.is_rarely(8) else t.label(alphabet, 64) if t.is_rarely(50) else t.name(LETTERS, 64)
        if t.is_rarely(5):
            name = t.pick((".", "..", "a.", ".a", "10.0.1.5", "fd00::1", "arn:x", "@", "/", "-", "_", "0", "i/../../j", "I-1", "i-1"))
        if service_id != w.empty:
            make_instance(w, service_id, t.string(name), attributes(w, w.services[service_id]["records"]),
                          t.string(t.text(64)) if t.is_rarely(30) else None)
    tap.say(f"{len(w.instances)} instances: {dict(w.told)}")
    check((len(w.instances) - before) * 16 > CASES, "not only refusals")


# ---- what changes ----


def change_tags(w, kind, ident, thing):
    t, tags = w.texts, tag_map(thing)
    arn = t.spell(f"{ARN}{kind}/{ident}")
    if t.is_rarely(25):
        keys = t.array([t.string(t.pick(sorted(tags) or ["none"])), t.string(t.text(128))])
        done = w.expect("UntagResource", t.object([("ResourceARN", arn), ("TagKeys", keys)]), lambda value: None)
        tags = {k: v for k, v in tags.items() if done is None or k not in done[0]["TagKeys"]}
    else:
        def rule(value):
            fault = rules.tags_fault(value["Tags"])
            return fault or ("TooManyTagsException" if len({**tags, **tag_map(value)}) > rules.MOST_TAGS else None)

        done = w.expect("TagResource", t.object([("ResourceARN", arn), ("Tags", w.tags())]), rule)
        tags = {**tags, **tag_map(done[0])} if done else tags
    thing["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]


def change_attributes(w, ident, service):
    t, pairs = w.texts, service.setdefault("attributes", {})
    members = [("ServiceId", t.spell(ident))]
    if t.is_rarely(25):
        keys = t.array([t.string(t.pick(sorted(pairs) or ["none"])), t.string(t.text(255))])
        done = w.expect("DeleteServiceAttributes", t.object(members + [("Attributes", keys)]), lambda value: None)
        for key in done[0]["Attributes"] if done else ():
            pairs.pop(key, None)
        return

    def rule(value):
        is_full = len({**pairs, **value["Attributes"]}) > rules.MOST_ATTRIBUTES
        return "ServiceAttributesLimitExceededException" if is_full else None

    n = t.pick((1, 1, 2, 3)) if not t.is_rarely(5) else t.pick((0, 29, 30, 31))
    given = t.object([(t.spell(t.text(255)), t.string(t.text(1024))) for _ in range(n)])
    done = w.expect("UpdateServiceAttributes", t.object(members + [("Attributes", given)]), rule)
    pairs.update(done[0]["Attributes"] if done else {})


def change_namespace(w, ident, ns):
    t, same = w.texts, False
    operation = {"HTTP": "UpdateHttpNamespace", "DNS_PRIVATE": "UpdatePrivateDnsNamespace",
                 "DNS_PUBLIC": "UpdatePublicDnsNamespace"}[ns["Type"]]

    def rule(value):
        nonlocal same
        text = value["Namespace"].get("Description")
        same = bool(value.get("UpdaterRequestId")) and value["UpdaterRequestId"] == ns.get("updater")
        return INPUT if same and text is not None and text != ns.get("Description") else None

    done = w.expect(operation, t.object([
        ("Id", t.spell(ident)), ("UpdaterRequestId", t.string(t.text(64))),
        ("Namespace", t.object([("Description", t.string(t.text(1024)))]))]), rule)
    if done and not same:
        ns["updater"] = done[0].get("UpdaterRequestId")
        if done[0]["Namespace"].get("Description") is not None:
            ns["Description"] = done[0]["Namespace"]["Description"]


def test_tags_descriptions_and_attributes_that_change(w):
    t = w.texts
    services, spaces = list(w.services)[:500], list(w.namespaces)[:500]
    for _ in range(CASES * 15 // 100):
        ident, ns_id = t.pick(services), t.pick(spaces)
        t.pick((lambda: change_tags(w, "service", ident, w.services[ident]),
                lambda: change_tags(w, "namespace", ns_id, w.namespaces[ns_id]),
                lambda: change_attributes(w, ident, w.services[ident]),
                lambda: change_namespace(w, ns_id, w.namespaces[ns_id])))()
        look_at_service(w, ident)
        look_at_namespace(w, ns_id)
    tap.say(dict(w.told))


# ---- ids that are none ----


def finds(w, value):
    """FindService: the name of a namespace is at its end."""
    name = value["Name"]
    ends = [name] + [name[m.end():] for m in re.finditer(r"\.", name)]
    return None if any(fold(end) in w.by_dns or end in w.by_name for end in ends) else "NamespaceNotFound"


def test_ids_that_name_nothing(w):
    t = w.texts
    empty, services = t.spell(w.empty), t.spell("none")
    places = (  # the open member's limit, what stands beside it, what is said if it is well-formed
        ("GetNamespace", "Id", 255, {}, "NamespaceNotFound"), ("DeleteNamespace", "Id", 255, {}, "NamespaceNotFound"),
        ("GetService", "Id", 255, {}, "ServiceNotFound"), ("DeleteService", "Id", 255, {}, "ServiceNotFound"),
        ("CreateService", "NamespaceId", 255, {"Name": services}, "NamespaceNotFound"),
        ("ListInstances", "ServiceId", 255, {}, "ServiceNotFound"),
        ("ListInstances", "NextToken", 4096, {"ServiceId": empty}, INPUT),
        ("GetInstance", "InstanceId", 64, {"ServiceId": empty}, "InstanceNotFound"),
        ("DeregisterInstance", "InstanceId", 64, {"ServiceId": empty}, "InstanceNotFound"),
        ("GetOperation", "OperationId", 255, {}, "OperationNotFound"),
        ("GetServiceAttributes", "ServiceId", 255, {}, "ServiceNotFound"),
        ("ListTagsForResource", "ResourceARN", 1011, {}, "ResourceNotFoundException"),
        ("TagResource", "ResourceARN", 1011, {"Tags": t.array([])}, "ResourceNotFoundException"),
        ("DiscoverInstances", "ServiceName", 127, {"NamespaceName": t.spell("calls")}, "ServiceNotFound"),
        ("ListNamespaces", "NextToken", 4096, {}, INPUT), ("ListOperations", "NextToken", 4096, {}, INPUT),
        ("Cmap_v1.FindService", "Name", 1152, {}, lambda value: finds(w, value)))
    for _ in range(CASES * 10 // 100):
        operation, member, most, others, want = t.pick(places)
        text = t.pick(("", "", "ns-", "srv-", ARN + "namespace/", ARN + "service/", w.ns)) + t.text(most)
        body = t.object([(member, t.string(text)), *others.items()])

        def rule(value):
            if value.get(member) is None:
                return INPUT if operation == "CreateService" else None
            if member == "NamespaceId" and text == w.ns or operation == "GetNamespace" and text == w.ns:
                return None
            if member == "ServiceName":
                names = [w.services[s]["Name"] for s in w.namespaces[w.http]["services"]]
                return None if value["ServiceName"] in names else "ServiceNotFound"
            return want(value) if callable(want) else want

        if not (text == w.ns and operation in ("DeleteNamespace", "CreateService")):
            w.expect(operation, body, rule)


def test_attributes_asked_for(w):
    """What is discovered by an attribute is what has it, whatever is in it."""
    t = w.texts
    of_call = {ident: value["Attributes"] for (service, ident), value in w.instances.items() if service == w.fixed["call"]}
    known = [pair for pairs in of_call.values() for pair in pairs.items()] or [("k", "v")]
    for _ in range(CASES * 2 // 100):
        key, value = t.pick(known)
        body = t.object([("NamespaceName", t.spell("calls")), ("ServiceName", t.spell("call")), (
            "QueryParameters", t.object([(t.spell(key), t.string(value if not t.is_rarely(20) else t.text(1024)))])),
            ("MaxResults", texts.Json(1000, b"1000", True))])
        done = w.expect("DiscoverInstances", body, lambda value: None)
        if done is not None and len(of_call) < 1000:
            wanted = (done[0].get("QueryParameters") or {}).items()
            equal({i["InstanceId"]: i["Attributes"] for i in done[1]["Instances"]},
                  {ident: pairs for ident, pairs in of_call.items() if wanted <= pairs.items()})


# ---- what is no JSON, or a strange one ----


def read(octets):
    """The value of a body; ValueError if it has none."""
    def no_number(text):
        raise ValueError(text)

    def integer(text):
        return int(text) if len(text) < 30 and -1 << 63 <= int(text) < 1 << 63 else no_number(text)

    def real(text):
        return float(text) if math.isfinite(float(text)) else no_number(text)

    def walk(value, depth):
        if isinstance(value, str) and re.search("[\0\ud800-\udfff]", value):
            raise ValueError(value)
        if isinstance(value, (list, dict)):
            if depth == DEPTH_MAX:
                raise ValueError("too deep")
            for item in value if isinstance(value, list) else [*value, *value.values()]:
                walk(item, depth + 1)

    if octets == b"":
        return {}
    try:
        value = json.loads(octets.decode(), parse_constant=no_number, parse_int=integer, parse_float=real,
                           object_pairs_hook=lambda pairs: [walk(pair, 0) for pair in pairs] and dict(pairs))
        walk(value, 0)
    except RecursionError:
        raise ValueError("too deep") from None
    return value


def nested(t, depth):
    """Some JSON with no more brackets inside each other."""
    if depth == 0 or t.is_rarely(20):
        return t.pick((lambda: t.spell(t.text(30)).octets, lambda: t.pick(texts.OTHERS), lambda: b"%d" % t.random.getrandbits(62)))()
    inside = nested(t, depth - 1)
    return t.pick((b"[%s]", b"[0, %s]", b"{\"a\":%s}", b"{\"a\":1,\"a\":%s}", b"{\"\": %s}")) % inside


def mutated(t, octets):
    """Some octets are changed, lost, doubled or put in."""
    octets = bytearray(octets)
    for _ in range(t.pick((1, 1, 2, 5))):
        at = t.random.randrange(len(octets) + 1)
        end = at + t.pick((0, 0, 1, 4))
        octets[at:end] = t.pick((b"", bytes([t.random.randrange(256)]), octets[at:at + 8], *texts.SPOILS, *texts.NO_NUMBERS,
                                 b",", b":", b"{", b"}", b"[", b"]", b"\"", b"\\", b" ", b"\\u0000", b"\\ud83d\\ude00", b"/**/", b"\xef\xbb\xbf"))
    return bytes(octets)


def body_of_any_kind(w):
    t = w.texts
    base = [("ServiceId", t.spell(w.empty)), ("InstanceId", t.string(t.text(64)))]
    if t.is_rarely(10):
        n = t.pick((30, 31, 32, 33, 100, 2047, 2049, 30000))
        return t.pick((b"[" * n + b"]" * n, b"[" * n, b"{\"a\":" * n + b"1" + b"}" * n, b"\"" + b"[" * n + b"\""))
    if t.is_rarely(10):
        octets = t.object(base).octets
        size = t.pick((BODY_MAX - 1, BODY_MAX, BODY_MAX + 1, 1 << 20))
        return t.pick((octets.ljust(size), b"{\"x\":\"" + octets.hex().encode().ljust(size - 8, b"7") + b"\"}", b"[" * size))[:size]
    if t.is_rarely(5):
        return t.random.randbytes(t.random.randrange(100))
    depth = t.pick((1, 3, 30, 31, 32, 33))
    extra = texts.Json(None, t.pick((nested(t, depth), b"[" * depth + b"]" * depth)), True)
    octets = t.object(base + [(t.text(100), extra)]).octets
    return mutated(t, octets) if t.is_rarely(70) else octets


def test_bodies_of_any_kind(w):
    t = w.texts
    for _ in range(CASES * 13 // 100):
        octets = body_of_any_kind(w)
        try:
            body = texts.Json(read(octets), octets, True)
        except ValueError:
            body = texts.Json(None, octets, False)
        known = (w.empty, f"{ARN}service/{w.empty}")
        w.expect("GetInstance", body, lambda value: "InstanceNotFound" if value["ServiceId"] in known else "ServiceNotFound")
    tap.say(dict(w.told))
    check(w.told["RequestTooLargeException"] * 500 > CASES, "bodies that are too long")


# ---- heads ----


def talk(d, octets):
    """The first answer's status, headers and body."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(tap.PATIENCE)
        s.connect(d.socket)
        s.sendall(octets)
        reply = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := s.recv(65536):
                reply += piece
    head, _, body = reply.partition(b"\r\n\r\n")
    check(head.startswith(b"HTTP/1."), f"{octets[:500]} is answered {reply[:500]}")
    return int(head.split()[1]), head.decode("latin-1"), body


def test_headers_of_any_kind(w):
    t = w.texts
    for _ in range(CASES * 3 // 100):
        value = t.pick((t.text(2000).encode("utf-8", "replace"), t.random.randbytes(t.random.randrange(40)), b"%s%n" * 9))
        value = re.sub(rb"[\r\n]", b"", value).strip(b" \t")
        name = t.pick((b"X-Amz-Target", b"X-Amz-Target", b"Authorization", b"User-Agent", b"X-" + value[:9]))
        target = b"" if name == b"X-Amz-Target" else b"X-Amz-Target: Cmap_v1.Status\r\n"
        status, _, body = talk(w.d, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: 2\r\n%s: %s\r\n\r\n{}" %
                                  (target, name, value))
        told = f"{name}: {value[:200]} ({len(value)}): {status} {body[:200]}"
        check(status in (200, 400, 431), told)
        is_clean = len(value) < 4000 and re.fullmatch(rb"[\t -~\x80-\xff]*", name + value)
        if name == b"X-Amz-Target" and is_clean:
            equal((status, json.loads(body)["__type"]), (400, "UnknownOperationException"), told)
        elif status != 200 and b"{" in body[:1]:  # else it is libmicrohttpd's, to a head that it could not read
            check(json.loads(body)["__type"] in ("BadRequest", "RequestHeaderFieldsTooLarge", "UnknownOperationException"), told)


def test_regions_of_any_kind(w):
    """The one thing that an answer takes from a header."""
    t = w.texts
    for region in ("eu-west-3", "a", "x" * 32, "x" * 33, "", *(t.text(32) for _ in range(CASES // 200))):
        if re.search("[\r\n\0]", region) or len(region) > 1000:
            continue
        body = json.dumps({"Id": w.ns}).encode()
        head = (f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Amz-Target: {cmap.AWS}GetNamespace\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: AWS4-HMAC-SHA256 Credential=AK/20261122/{region}/servicediscovery/aws4_request, "
                f"SignedHeaders=host, Signature={'0' * 64}\r\n\r\n")
        status, _, answer = talk(w.d, head.encode() + body)
        if status == 200:
            arn = json.loads(answer)["Namespace"]["Arn"]
            used = region if re.fullmatch(r"[a-z0-9-]{1,32}", region) else "us-east-1"
            equal(arn, f"arn:aws:servicediscovery:{used}:000000000000:namespace/{w.ns}", region)
        else:
            equal((status, bool(re.fullmatch("[\t -~\x80-\U0010ffff]*", region))), (400, False), region)


# ---- names that nobody has ----


def test_labels_of_any_kind(w):
    """A dot inside a label separates nothing, and no octet but a letter has another that is the same."""
    t, known = w.texts, [name for name in sorted(w.names) if "." in name]
    for _ in range(CASES * 10 // 100):
        labels = [label.encode() for label in t.pick(known).split(".")]
        at = t.random.randrange(len(labels))
        if t.is_rarely(30) and len(labels) > 1:
            at = t.random.randrange(len(labels) - 1)
            labels[at:at + 2] = [labels[at] + b"." + labels[at + 1]]
        elif t.is_rarely(50):
            labels[at] = bytes(octet ^ (t.pick((0x80, 0x40, 0x20, 0x10)) if t.is_rarely(30) else 0) for octet in labels[at])
        else:
            labels.insert(at, t.pick((b"\0", b"*", b"\\000", b"\\.", b".", b"\xff", b"%s", b"'", b"\\", b" ", b"\n", b"x" * 63)))
        if any(len(label) > 63 for label in labels) or sum(len(label) + 1 for label in labels) > 254:
            continue
        name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        octets = wire.header(7, 0, qd=1) + name + b"\0\1\0\1"
        reply = w.udp.ask(octets)
        equal(reply[12:12 + len(name) + 4], octets[12:], "the question")
        parts = [label.decode("latin-1") for label in labels]
        if lower(".".join(parts)) not in w.names or any("." in part for part in parts):
            check(reply[6:8] == b"\0\0", f"{labels} has an answer: {reply}")


# ---- the file, and after a restart ----


def unpack(octets, separator, is_escaped):
    pairs = {}
    for line in octets.decode().split("\n")[:-1]:
        key, value = line.split(separator, 1)
        if is_escaped:
            key, value = (re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n"}.get(m[1], m[1]), text) for text in (key, value))
        equal(key in pairs, False, "a key twice")
        pairs[key] = value
    return pairs


def text_of(octets):
    return None if octets is None else octets.decode()


def check_file(w):
    """What stands on disk is what was sent: text in UTF-8, without its escapes in JSON."""
    with contextlib.closing(cmap.database(w.d.db)) as db:
        db.text_factory = bytes
        equal(db.execute("PRAGMA integrity_check").fetchall(), [(b"ok",)])
        rows = db.execute("SELECT id, name, creator_request_id, description, vpc, tags FROM namespace").fetchall()
        equal({row[0].decode(): (*map(text_of, row[1:5]), unpack(row[5], "\t", True)) for row in rows},
              {ident: (ns["Name"], ns.get("CreatorRequestId") or "", ns.get("Description"), ns.get("Vpc") if ns["Type"] == "DNS_PRIVATE"
                       else None, tag_map(ns)) for ident, ns in w.namespaces.items()})
        rows = db.execute("SELECT id, name, creator_request_id, description, tags, attributes FROM service").fetchall()
        equal({row[0].decode(): (*map(text_of, row[1:4]), unpack(row[4], "\t", True), unpack(row[5], "\t", True)) for row in rows},
              {ident: (s["Name"], s.get("CreatorRequestId") or "", s.get("Description"), tag_map(s), s.get("attributes", {}))
               for ident, s in w.services.items()})
        rows = db.execute("SELECT service_id, id, creator_request_id, attributes FROM instance").fetchall()
        equal({(row[0].decode(), row[1].decode()): (row[2].decode(), unpack(row[3], " ", False)) for row in rows},
              {key: (i.get("CreatorRequestId") or "", i["Attributes"]) for key, i in w.instances.items()})


def test_all_is_in_the_file_and_there_after_a_restart(w):
    w.restart(lambda: check_file(w))
    for look, things in ((look_at_namespace, w.namespaces), (look_at_service, w.services)):
        for ident in things:
            look(w, ident)
    for service_id, ident in w.instances:
        look_at_instance(w, service_id, ident)


def test_pages_of_what_has_strange_ids(w):
    for service_id in w.fixed.values():
        wanted = {ident: value["Attributes"] for (s, ident), value in w.instances.items() if s == service_id}
        for size in (1, 7, 100) if len(wanted) < 1000 else (100,):
            found, token = [], {}
            while True:
                page = w.call("ListInstances", ServiceId=service_id, MaxResults=size, **token)
                found += page["Instances"]
                if "NextToken" not in page:
                    break
                token = {"NextToken": page["NextToken"]}
            equal(len(found), len(wanted), "instances of all pages")
            equal({item["Id"]: item["Attributes"] for item in found}, wanted)


def test_namespaces_found_by_their_names(w):
    for ns in list(w.namespaces.values())[-100:]:
        if len(ns["Name"]) <= 255:  # what a filter may have
            found = w.call("ListNamespaces", Filters=[{"Name": "NAME", "Values": [ns["Name"]]}])["Namespaces"]
            equal([n["Name"] for n in found], [ns["Name"]])


def test_exported_zones_read_back(w):
    for ident in list(w.by_dns.values())[-200:]:
        name = w.call("Cmap_v1.ExportZone", NamespaceId=ident)["RecordSets"][0]["Name"]
        check(not re.search(r'(?<!\\)[";()@$\s]', re.sub(r"\\\\", "", name)), f"what a zone file gives a meaning stands bare: {name}")
        labels = [re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if len(m[1]) > 1 else m[1], label)
                  for label in re.findall(r"((?:\\.|[^.\\])+)\.", name)]
        equal(".".join(labels), fold(w.namespaces[ident]["Name"]), name)


if __name__ == "__main__":
    tap.main(globals(), start)
