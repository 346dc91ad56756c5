# SPDX-License-Identifier: MIT
"""answers.py -- what DNS clients are told: records, rotation, negative answers, EDNS, truncation, transports."""

import ipaddress
import socket
import time

import cmap
import tap
import wire
from tap import check, equal
from wire import Record

SOA = "localhost. hostmaster.prod."


def start():
    # One thread, so that dig, whose port changes, sees one rotation.
    return cmap.Daemon(namespace=["prod"], udp_threads=1, listen=["127.0.0.1:0"])


def targets(instances, service):
    return {f"{i}.{service}." for i in instances}


def expect_negative(answer, status, zone="prod.", ttl=5):
    """NODATA or NXDOMAIN: the zone's SOA, whose TTL is the time to remember it (RFC 2308)."""
    equal(answer.status, status)
    check("aa" in answer.flags, "authoritative")
    equal(answer.answer, [])
    equal([(r.name, r.type, r.ttl) for r in answer.authority], [(zone, "SOA", ttl)])
    equal(answer.authority[0].data.split()[-1], str(ttl), "MINIMUM of the SOA")


# ---- records ----


def test_A_records(d):
    d.service("web.prod", [("A", 60)])
    for i in range(1, 4):
        d.register("web.prod", f"i-{i}", ipv4=f"172.31.16.{i}")
    answer = d.dig("web.prod")
    equal(answer.status, "NOERROR")
    equal(answer.flags, {"qr", "aa"})
    equal(sorted(answer.answer), [Record("web.prod.", 60, "A", f"172.31.16.{i}") for i in range(1, 4)])
    equal((answer.authority, answer.additional), ([], []))


def test_AAAA_records(d):
    d.service("six.prod", [("AAAA", 30)])
    d.register("six.prod", "i-1", ipv6="fd00:0:0::16")
    d.register("six.prod", "i-2", ipv6="fd00::17", ipv4="10.0.0.1")
    answer = d.dig("six.prod", "AAAA")
    equal(sorted(answer.answer), [Record("six.prod.", 30, "AAAA", f"fd00::{i}") for i in (16, 17)])
    expect_negative(d.dig("six.prod", "A"), "NOERROR")


def test_SRV_records_and_the_addresses_of_their_targets(d):
    d.service("_http._tcp.api.prod", [("SRV", 20)])
    d.register("_http._tcp.api.prod", "c-1", ipv4="10.1.0.1", port=47760)
    d.register("_http._tcp.api.prod", "c-2", ipv4="10.1.0.2", ipv6="fd01::2", port=45283)
    d.register("_http._tcp.api.prod", "c-3", ipv6="fd01::3", port=1)
    name = "_http._tcp.api.prod."
    answer = d.dig(name, "SRV")
    equal(sorted(answer.answer), [Record(name, 20, "SRV", f"1 1 {port} c-{i}.{name}")
                                  for i, port in ((3, 1), (2, 45283), (1, 47760))])
    equal(sorted(answer.additional), [
        Record("c-1." + name, 20, "A", "10.1.0.1"), Record("c-2." + name, 20, "A", "10.1.0.2"),
        Record("c-2." + name, 20, "AAAA", "fd01::2"), Record("c-3." + name, 20, "AAAA", "fd01::3")])
    # They answer themselves, too; the service has no addresses of its own.
    equal(d.dig("c-2." + name).answer, [Record("c-2." + name, 20, "A", "10.1.0.2")])
    equal(d.dig("c-2." + name, "AAAA").answer, [Record("c-2." + name, 20, "AAAA", "fd01::2")])
    expect_negative(d.dig("c-1." + name, "AAAA"), "NOERROR")
    expect_negative(d.dig(name, "A"), "NOERROR")


def test_a_target_of_an_id_with_dots(d):
    d.service("dots.prod", [("SRV", 60)])
    d.register("dots.prod", "10.0.1.5", ipv4="10.0.1.5", port=80)
    equal(d.dig("dots.prod", "SRV").values(), ["1 1 80 10.0.1.5.dots.prod."])
    equal(d.dig("10.0.1.5.dots.prod").values(), ["10.0.1.5"])
    expect_negative(d.dig("1.5.dots.prod"), "NOERROR")  # an empty non-terminal


def test_CNAME_records(d):
    d.service("www.prod", [("CNAME", 15)], routing="WEIGHTED")
    d.register("www.prod", "i-1", cname="example.org")
    for qtype in ("CNAME", "A", "AAAA", "SRV"):
        answer = d.dig("www.prod", qtype)
        equal(answer.status, "NOERROR")
        equal(answer.answer, [Record("www.prod.", 15, "CNAME", "example.org.")])
    # Two CNAMEs never stand at one name: one after the other.
    d.register("www.prod", "i-2", cname="example.com")
    seen = [tuple(d.dig("www.prod").values()) for _ in range(4)]
    equal(sorted(seen), [("example.com.",)] * 2 + [("example.org.",)] * 2)


def test_a_CNAME_into_our_own_zone_is_followed(d):
    d.service("target.prod", [("A", 60)])
    d.register("target.prod", "i-1", ipv4="10.2.0.1")
    d.service("alias.prod", [("CNAME", 15)])
    d.register("alias.prod", "i-1", cname="target.prod")
    equal(d.dig("alias.prod").answer, [Record("alias.prod.", 15, "CNAME", "target.prod."),
                                       Record("target.prod.", 60, "A", "10.2.0.1")])
    equal(d.dig("alias.prod", "CNAME").answer, [Record("alias.prod.", 15, "CNAME", "target.prod.")])
    d.register("alias.prod", "i-1", cname="no.such.prod")
    answer = d.dig("alias.prod")
    equal((answer.status, answer.values()), ("NXDOMAIN", ["no.such.prod."]))


def test_A_AAAA_and_SRV_in_one_service(d):
    d.service("all.prod", [("A", 10), ("AAAA", 20), ("SRV", 30)])
    d.register("all.prod", "i-1", ipv4="10.3.0.1", ipv6="fd03::1", port=8080)
    d.register("all.prod", "i-2", ipv4="10.3.0.2", port=8081)
    equal(sorted(d.dig("all.prod", "A").answer),
          [Record("all.prod.", 10, "A", f"10.3.0.{i}") for i in (1, 2)])
    equal(d.dig("all.prod", "AAAA").answer, [Record("all.prod.", 20, "AAAA", "fd03::1")])
    answer = d.dig("all.prod", "SRV")
    equal(sorted(answer.answer), [Record("all.prod.", 30, "SRV", f"1 1 808{i} i-{i + 1}.all.prod.")
                                  for i in (0, 1)])
    equal(sorted(r.data for r in answer.additional), ["10.3.0.1", "10.3.0.2", "fd03::1"])


def test_SOA_and_NS_at_the_apex(d):
    revision = d.status()["Revision"]
    soa = Record("prod.", 5, "SOA", f"{SOA} {revision} 7200 900 1209600 5")
    equal(d.dig("prod", "SOA").answer, [soa])
    equal(d.dig("prod", "NS").values(), ["localhost."])
    expect_negative(d.dig("prod", "A"), "NOERROR")
    d.service("serial.prod", [("A", 60)])
    check(int(d.dig("prod", "SOA").values()[0].split()[2]) > revision, "a change moves the serial on")


def test_a_service_at_the_apex(d):
    d.namespace("apex.example", Properties={"DnsProperties": {"SOA": {"TTL": 60}}})
    d.service("apex.example", [("A", 40)])
    d.register("apex.example", "i-1", ipv4="10.4.0.1")
    equal(d.dig("apex.example").answer, [Record("apex.example.", 40, "A", "10.4.0.1")])
    equal(d.dig("apex.example", "SOA").answer[0].ttl, 60)
    expect_negative(d.dig("no.apex.example"), "NXDOMAIN", "apex.example.", 60)


def test_ANY_gives_one_RRset(d):
    answer = d.dig("all.prod", "ANY", "+notcp")
    equal(answer.status, "NOERROR")
    equal({r.type for r in answer.answer}, {"A"})  # RFC 8482


# ---- the picture of Cloud Map, and a host with several containers ----


def test_services_in_two_private_subnets(d):
    d.namespace("local")
    for service, addresses in {"service-a": ["172.31.16.1"], "service-b": ["172.31.16.2", "172.31.32.1"],
                               "service-c": ["172.31.32.2"]}.items():
        d.service(f"{service}.local", [("A", 5)])
        for address in addresses:
            d.register(f"{service}.local", address.replace(".", "-"), ipv4=address)
        for _ in range(2):
            equal(sorted(d.dig(f"{service}.local").values()), addresses)


def test_equal_addresses_are_given_once(d):
    containers = {"c-1": ("172.31.16.1", 47760), "c-2": ("172.31.16.1", 45283),
                  "c-3": ("172.31.16.2", 50077), "c-4": ("172.31.16.2", 52330)}
    d.service("bridge.prod", [("A", 5), ("SRV", 5)])
    for instance, (address, port) in containers.items():
        d.register("bridge.prod", instance, ipv4=address, port=port)
    equal(sorted(d.dig("bridge.prod").values()), ["172.31.16.1", "172.31.16.2"])
    answer = d.dig("bridge.prod", "SRV")
    equal(sorted(answer.values()), sorted(f"1 1 {port} {i}.bridge.prod." for i, (_, port) in containers.items()))
    equal({(r.name, r.data) for r in answer.additional},
          {(f"{i}.bridge.prod.", address) for i, (address, _) in containers.items()})
    # An address stays as long as one of its instances.
    d.deregister("bridge.prod", "c-1")
    equal(sorted(d.dig("bridge.prod").values()), ["172.31.16.1", "172.31.16.2"])
    d.deregister("bridge.prod", "c-2")
    equal(d.dig("bridge.prod").values(), ["172.31.16.2"])


# ---- rotation ----


def test_the_head_moves_by_one_with_each_query(d):
    d.service("ring.prod", [("A", 60)])
    for i in range(12):
        d.register("ring.prod", f"i-{i}", ipv4=f"10.5.0.{i}")
    answers = [d.dig("ring.prod").values() for _ in range(24)]
    order = [values[0] for values in answers[:12]]
    equal(len(set(order)), 12, "heads of twelve answers")
    for i, values in enumerate(answers):
        equal(values, [order[(i + k) % 12] for k in range(8)], f"answer {i}")


def test_up_to_8_records_and_all_of_fewer(d):
    d.service("eight.prod", [("A", 60), ("SRV", 60)])
    for n in range(1, 11):
        d.register("eight.prod", f"i-{n}", ipv4=f"10.6.0.{n}", port=n)
        values = d.dig("eight.prod").values()
        equal((len(values), len(set(values))), (min(n, 8), min(n, 8)))
        answer = d.dig("eight.prod", "SRV")
        equal(len(set(answer.values())), min(n, 8))
        equal({r.name for r in answer.additional}, {v.split()[3] for v in answer.values()})


def test_rotation_is_even_for_each_type(d):
    with wire.Udp(d.address()) as client:
        for qtype in ("A", "SRV"):
            heads = [wire.Message(client.ask(wire.query("eight.prod", qtype))).values()[0] for _ in range(100)]
            equal({heads.count(h) for h in heads}, {10}, f"times each of ten was the head of {qtype}")


def test_a_client_that_sorts_by_nearness_still_takes_each_in_its_turn(d):
    """RFC 6724 rule 9: nobody follows the head who shares a longer prefix with the client than the head does."""
    near, far = ["127.16.0.1", "127.16.0.2"], "127.32.0.1"
    d.service("fair.prod", [("A", 60)])
    for address in near + [far]:
        d.register("fair.prod", address.replace(".", "-"), ipv4=address)
    answers = [d.dig("fair.prod", "A", "-b", "127.16.0.9").values() for _ in range(6)]
    heads = [values[0] for values in answers]
    equal({heads.count(address) for address in near + [far]}, {2}, f"each is the head twice of {heads}")
    for values in answers:
        equal(set(values), {far} if values[0] == far else set(near) | {far})


def test_a_weighted_service_answers_one_at_a_time(d):
    d.service("weighted.prod", [("A", 60)], routing="WEIGHTED")
    for i in range(4):
        d.register("weighted.prod", f"i-{i}", ipv4=f"10.7.0.{i + 1}")
    seen = [d.ask("weighted.prod").values() for _ in range(8)]
    equal({len(values) for values in seen}, {1})
    equal(sorted(v[0] for v in seen), sorted([f"10.7.0.{i + 1}" for i in range(4)] * 2))


# ---- negative answers ----


def test_NODATA_for_a_type_that_is_not_there(d):
    for qtype in ("AAAA", "TXT", "SRV", "MX", "TYPE65", "NS", "SOA", "CNAME"):
        expect_negative(d.dig("web.prod", qtype), "NOERROR")


def test_NODATA_for_a_service_without_instances(d):
    d.service("idle.prod", [("A", 60), ("SRV", 60)])
    for qtype in ("A", "SRV", "AAAA"):
        expect_negative(d.dig("idle.prod", qtype), "NOERROR")
    d.register("idle.prod", "i-1", ipv4="10.8.0.1", port=1)
    equal(d.dig("idle.prod").values(), ["10.8.0.1"])
    d.deregister("idle.prod", "i-1")
    expect_negative(d.dig("idle.prod"), "NOERROR")
    expect_negative(d.dig("i-1.idle.prod"), "NXDOMAIN")
    d.call("DeleteService", {"Id": d.find("idle.prod")})
    expect_negative(d.dig("idle.prod"), "NXDOMAIN")


def test_NODATA_for_an_empty_non_terminal(d):
    expect_negative(d.dig("api.prod"), "NOERROR")  # _http._tcp.api.prod is below it
    expect_negative(d.dig("_tcp.api.prod", "SRV"), "NOERROR")


def test_NXDOMAIN_for_what_is_not_there(d):
    for name in ("no.prod", "no.web.prod", "a.b.c.d.e.prod", "webb.prod", "eb.prod", "i-1.web.prod"):
        expect_negative(d.dig(name), "NXDOMAIN")
        expect_negative(d.dig(name, "TXT"), "NXDOMAIN")


def test_REFUSED_outside_our_zones(d):
    for name in (".", "com", "prod.com", "xprod", "web.prod.example.org"):
        answer = d.dig(name)
        equal((answer.status, answer.flags), ("REFUSED", {"qr"}))
        equal(answer.answer + answer.authority + answer.additional, [])
    equal(d.dig("web.prod", "A", "-c", "CH").status, "REFUSED")


def test_a_namespace_without_DNS_is_no_zone(d):
    d.namespace("calls", kind="Http")
    d.service("api.calls")
    d.register("api.calls", "i-1", ipv4="10.9.0.1")
    equal(d.dig("api.calls").status, "REFUSED")


def test_the_longest_zone_answers(d):
    d.namespace("example")
    d.service("x.example", [("A", 60)])
    d.register("x.example", "i-1", ipv4="10.10.0.1")
    d.namespace("sub.example")
    d.service("x.sub.example", [("A", 60)])
    d.register("x.sub.example", "i-1", ipv4="10.10.0.2")
    equal(d.dig("x.example").values(), ["10.10.0.1"])
    equal(d.dig("x.sub.example").values(), ["10.10.0.2"])
    expect_negative(d.dig("no.example"), "NXDOMAIN", "example.")
    expect_negative(d.dig("no.sub.example"), "NXDOMAIN", "sub.example.")


def test_a_deleted_namespace_is_REFUSED(d):
    ident = d.namespace("gone.example")
    expect_negative(d.dig("x.gone.example"), "NXDOMAIN", "gone.example.")
    d.call("DeleteNamespace", {"Id": ident})
    expect_negative(d.dig("x.gone.example"), "NXDOMAIN", "example.")  # the zone above has it now


# ---- the message ----


def test_the_question_keeps_its_case(d):
    for name in ("WEB.prod", "wEb.PrOd", "web.PROD"):
        answer = d.dig(name)
        equal(len(answer.values()), 3)
        equal({r.name for r in answer.answer}, {name + "."})
        query = wire.query(name)
        with wire.Udp(d.address()) as client:
            reply = client.ask(query)
        equal(reply[12:len(query)], query[12:], "the question's octets")
    answer = d.dig("C-1._HTTP._tcp.API.prod")
    equal(answer.answer[0].name, "C-1._HTTP._tcp.API.prod.")


def test_EDNS(d):
    plain = d.ask("web.prod")
    equal((plain.opt, plain.is_whole), (None, True))
    for size in (0, 512, 1232, 4096, 65535):
        reply = d.ask("web.prod", edns=wire.opt(size))
        equal((reply.status, reply.opt), ("NOERROR", wire.Opt(1232, 0, 0)))
    equal(d.ask("web.prod", edns=wire.opt(4096, flags=wire.DO)).opt, wire.Opt(1232, 0, wire.DO))
    equal(d.dig("web.prod", "A", "+dnssec").edns_flags, ["do"])
    # A version we do not speak; options we do not know.
    bad = d.ask("web.prod", edns=wire.opt(4096, version=1))
    equal((bad.status, bad.answer, bad.opt), ("BADVERS", [], wire.Opt(1232, 0, 0)))
    equal(d.ask("web.prod", edns=wire.opt(options=b"\xff\xf0\0\2hi")).status, "NOERROR")


def test_RD_is_echoed_and_RA_never_set(d):
    answer = d.dig("web.prod", "A", "+rec")
    equal(answer.flags, {"qr", "aa", "rd"})


def long_ids(n):
    return [f"{'x' * 50}-{i}" for i in range(n)]


def test_truncation_at_512_and_again_over_TCP(d):
    d.service("long.prod", [("SRV", 60)])
    for i, ident in enumerate(long_ids(8)):
        d.register("long.prod", ident, ipv4=f"10.11.0.{i + 1}", port=80)
    cut = d.dig("long.prod", "SRV", "+noedns", "+ignore")
    check("tc" in cut.flags, "TC is set")
    check(cut.size <= 512, f"{cut.size} octets")
    check(0 < len(cut.answer) < 8, f"{len(cut.answer)} records fit")
    record = 12 + 6 + len(wire.name_octets("x" * 52 + ".long.prod"))
    check(512 - cut.size < record, "another record would not have fit")
    whole = d.dig("long.prod", "SRV", "+noedns")
    equal((whole.retried, whole.transport), (True, "TCP"))
    equal({r.data.split()[3] for r in whole.answer}, targets(long_ids(8), "long.prod"))
    equal(len(whole.additional), 8)
    # With EDNS it fits.
    edns = d.dig("long.prod", "SRV", "+bufsize=4096")
    equal((len(edns.answer), len(edns.additional), edns.transport), (8, 8, "UDP"))


def test_additional_is_dropped_before_anything_is_cut(d):
    d.service("short.prod", [("SRV", 60)])
    for i in range(8):
        d.register("short.prod", f"inst-{i}", ipv4=f"10.12.0.{i + 1}", ipv6=f"fd0c::{i + 1}", port=80)
    answer = d.dig("short.prod", "SRV", "+noedns")
    equal((len(answer.answer), answer.transport, "tc" in answer.flags), (8, "UDP", False))
    check(answer.size <= 512 and 0 < len(answer.additional) < 16, f"{answer.size} octets")


def test_200_instances_in_a_service():
    with cmap.Daemon(namespace=["prod"], answers=0) as d:
        d.service("many.prod", [("A", 60), ("SRV", 60)])
        addresses = {f"10.200.{i // 100}.{i % 100 + 1}" for i in range(200)}
        for i, address in enumerate(sorted(addresses)):
            d.register("many.prod", f"i-{i}", ipv4=address, port=i + 1)
        whole = d.dig("many.prod")
        equal((whole.retried, whole.transport), (True, "TCP"))
        equal(len(whole.answer), 200)
        equal(set(whole.values()), addresses)
        cut = d.dig("many.prod", "A", "+ignore", "+nocookie")
        fits = (1232 - 12 - len(wire.question("many.prod")) - len(wire.opt())) // 16
        equal(("tc" in cut.flags, len(cut.answer)), (True, fits))
        srv = d.dig("many.prod", "SRV")
        equal((srv.transport, len(set(srv.values()))), ("TCP", 200))
        # The addresses of the first 32 at least; a client finds the others by asking for them.
        equal([r.name for r in srv.additional[:32]], [v.split()[3] for v in srv.values()[:32]])
        listed = d.instances("many.prod")
        equal({i["Attributes"]["AWS_INSTANCE_IPV4"] for i in listed.values()}, addresses)
        # The order goes round also when all are given.
        with wire.Udp(d.address()) as client:
            heads = {wire.Message(client.ask(wire.query("many.prod"))).values()[0] for _ in range(200)}
        equal(heads, addresses)


# ---- transports ----


def test_TCP(d):
    answer = d.dig("web.prod", "A", "+tcp")
    equal((answer.transport, len(answer.answer)), ("TCP", 3))
    expect_negative(d.dig("no.prod", "A", "+tcp"), "NXDOMAIN")


def test_several_queries_on_one_TCP_connection(d):
    names = ["web.prod", "six.prod", "no.prod", "WEB.prod", "example.org"] * 20
    queries = [wire.query(name, ident=i) for i, name in enumerate(names)]
    with wire.Tcp(d.address()) as client:
        # One after the other, then all at once, then octet by octet.
        for query in queries[:5]:
            equal(wire.Message(client.ask(query)).id, wire.Message(query).id)
        client.send(*queries)
        replies = [wire.Message(client.receive()) for _ in queries]
        equal([r.id for r in replies], list(range(100)))
        equal([r.status for r in replies], ["NOERROR", "NOERROR", "NXDOMAIN", "NOERROR", "REFUSED"] * 20)
        for octet in len(queries[0]).to_bytes(2, "big") + queries[0]:
            client.socket.sendall(bytes([octet]))
        equal(len(wire.Message(client.receive()).answer), 3)
    with wire.Tcp(d.address()) as client:
        # A client that has said all it will say still gets its answers.
        client.send(*queries[:3])
        client.socket.shutdown(socket.SHUT_WR)
        equal([wire.Message(client.receive()).id for _ in range(3)], [0, 1, 2])
        equal(client.receive(), None)


def test_TCP_connections_are_limited():
    with cmap.Daemon(namespace=["prod"], tcp_connections=10, tcp_idle="1h") as d:
        open_ones = [wire.Tcp(d.address()) for _ in range(10)]
        for client in open_ones:
            equal(wire.Message(client.ask(wire.query("no.prod"))).status, "NXDOMAIN")
        with wire.Tcp(d.address()) as one_too_many:
            equal(one_too_many.receive(), None)
        equal(wire.Message(open_ones[0].ask(wire.query("no.prod"))).status, "NXDOMAIN")
        open_ones.pop().socket.close()

        def another():
            with wire.Tcp(d.address()) as client:
                try:
                    return client.ask(wire.query("no.prod"))
                except ConnectionError:
                    return None

        tap.wait_until(another, "the place of the one that left is free")
        for client in open_ones:
            client.socket.close()


def test_silent_TCP_connections_are_closed():
    with cmap.Daemon(namespace=["prod"], tcp_idle="1s") as d, wire.Tcp(d.address()) as client:
        for _ in range(2):
            began = time.monotonic()
            equal(wire.Message(client.ask(wire.query("no.prod"))).status, "NXDOMAIN")
        equal(client.receive(), None)
        check(time.monotonic() - began > 0.99, "not before its time")


def test_a_TCP_reply_has_at_most_65535_octets():
    with cmap.Daemon(namespace=["prod"], answers=0) as d:
        service = d.service("big.prod", [("SRV", 60)])
        connection = d.connect()
        record = 12 + 6 + len(wire.name_octets("x" * 60 + ".big.prod"))
        for i in range(65535 // record + 10):
            cmap.call(connection, "RegisterInstance", {
                "ServiceId": service, "InstanceId": "x" * 56 + f"{i:04}",
                "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": str(i + 1)}})
        connection.close()
        with wire.Tcp(d.address()) as client:
            reply = wire.Message(client.ask(wire.query("big.prod", "SRV")))
        check(reply.is_whole and reply.flags & wire.TC, "TC is set")
        equal(len(set(reply.values())), (65535 - 12 - len(wire.question("big.prod"))) // record)


def loopback_of_6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
    except OSError as error:
        raise tap.Skip(f"no IPv6 here: {error}") from None


def test_an_IPv6_listener():
    loopback_of_6()
    with cmap.Daemon(namespace=["prod"], listen=["[::1]:0"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        six = d.address(6)
        equal(d.dig("web.prod", at=six).values(), ["10.0.0.1"])
        answer = d.dig("web.prod", "A", "+tcp", at=six)
        equal((answer.values(), answer.transport), (["10.0.0.1"], "TCP"))
        expect_negative(d.dig("no.prod", at=six), "NXDOMAIN")


def expect_answer_from(address):
    """An unconnected socket takes a reply from anywhere, and tells where it came from."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.sendto(wire.query("web.prod", ident=7), address)
        reply, source = s.recvfrom(4096)
    equal(wire.Message(reply).id, 7)
    equal(source[:2], address, "address of the reply")


def test_a_wildcard_listener_answers_from_the_address_asked():
    with cmap.Daemon(namespace=["prod"], listen=["0.0.0.0:0"]) as d:
        port = d.addresses()[0][1]
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        for address in ("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.0.9"):
            check(ipaddress.ip_address(address).is_loopback, "on loopback")
            expect_answer_from((address, port))
            equal(d.dig("web.prod", at=(address, port)).values(), ["10.0.0.1"])
            equal(d.dig("web.prod", "A", "+tcp", at=(address, port)).values(), ["10.0.0.1"])


def test_an_IPv6_wildcard_listener():
    loopback_of_6()
    with cmap.Daemon(namespace=["prod"], listen=["[::]:0"]) as d:
        expect_answer_from(("::1", d.addresses()[0][1]))


def test_several_listeners_answer_the_same():
    with cmap.Daemon(namespace=["prod"], listen=["127.0.0.1:0", "127.0.0.2:0", "127.0.0.1:0"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        equal(len(set(d.addresses())), 3)
        equal(d.addresses("tcp"), d.addresses())
        for address in d.addresses():
            equal(d.dig("web.prod", at=address).values(), ["10.0.0.1"])
        udp = [f"udp {host}:{port}" for host, port in d.addresses()]
        check(set(udp) <= set(d.status()["Listeners"]), "Status names them")


if __name__ == "__main__":
    tap.main(globals(), start)
