# SPDX-License-Identifier: MIT
"""registry.py -- what cmapd has acknowledged it shows and keeps; how it starts, reloads and stops."""

import os
import random
import re
import resource
import signal
import socket
import threading
import time

import cmap
import tap
import wire
from tap import check, equal


def start():
    d = cmap.Daemon(namespace=["prod"])
    d.service("web.prod", [("A", 60)])
    return d


# ---- acknowledged means visible ----


def test_500_times_registered_and_resolved_at_once(d):
    connection, service = d.connect(), d.find("web.prod")
    for i in range(500):
        address = f"10.{i // 250}.{i % 250}.1"
        cmap.call(connection, "RegisterInstance", {"ServiceId": service, "InstanceId": "i-1",
                                                   "Attributes": {"AWS_INSTANCE_IPV4": address}})
        equal(d.ask("web.prod").values(), [address], f"time {i}")  # a new port: another thread of cmapd answers
    connection.close()


def test_named_ports_by_cmapctl():
    with cmap.Daemon(namespace=["prod"]) as d:
        for words in (("--attr", "CMAP_PORT_http=8080", "--attr", "CMAP_PORT_dns.udp=53"), ("--attr", "color=blue")):
            ran = d.ctl("register", "web.prod", "--id", f"i-{len(words)}", "--ip", f"10.0.0.{len(words)}", *words)
            equal(ran.status, 0, ran.err)
        answer = d.dig("_http._tcp.web.prod", "SRV")
        equal(answer.values(), ["1 1 8080 i-4.web.prod."])
        equal([tuple(r)[0::3] for r in answer.additional], [("i-4.web.prod.", "10.0.0.4")])
        equal(d.dig("_dns._udp.web.prod", "SRV").values(), ["1 1 53 i-4.web.prod."])
        equal(d.dig("i-4.web.prod").values(), ["10.0.0.4"])
        d.restart()
        equal(d.dig("_http._tcp.web.prod", "SRV").values(), ["1 1 8080 i-4.web.prod."])
        ran = d.ctl("register", "web.prod", "--ip", "10.0.0.9", "--attr", "CMAP_PORT_HTTP=8080")
        check(ran.status != 0 and "lower-case letters" in ran.err, ran.err)


def test_50_times_with_dig(d):
    for i in range(50):
        d.register("web.prod", "i-1", ipv4=f"10.2.0.{i}")
        equal(d.dig("web.prod").values(), [f"10.2.0.{i}"])


def test_10_times_with_cmapctl_and_dig(d):
    for i in range(10):
        equal(d.ctl("register", "web.prod", "--id", "i-1", "--ip", f"10.3.0.{i}"), cmap.Ran(0, "i-1\n", ""))
        equal(d.dig("web.prod").values(), [f"10.3.0.{i}"])
    equal(d.ctl("deregister", "web.prod", "i-1"), cmap.Ran(0, "", ""))
    equal(d.dig("web.prod").values(), [])


def test_deregistered_means_gone(d):
    d.register("web.prod", "i-1", ipv4="10.4.0.1")
    for i in range(100):
        d.register("web.prod", "i-2", ipv4=f"10.4.1.{i}")
        equal(len(d.ask("web.prod").values()), 2)
        d.deregister("web.prod", "i-2")
        equal(d.ask("web.prod").values(), ["10.4.0.1"])
    d.deregister("web.prod", "i-1")


def test_16_clients_at_once(d):
    """What one client has been told stays true whatever the others do."""
    errors = []
    for n in range(16):
        d.service(f"c{n}.prod", [("A", 60), ("SRV", 60)])

    def client(n):
        try:
            connection, name = d.connect(), f"c{n}.prod"
            for i in range(20):
                cmap.call(connection, "RegisterInstance", {
                    "ServiceId": d.find(name), "InstanceId": f"i-{i % 3}",
                    "Attributes": {"AWS_INSTANCE_IPV4": f"10.5.{n}.{i}", "AWS_INSTANCE_PORT": str(i + 1)}})
                check(f"10.5.{n}.{i}" in d.ask(name).values(), f"{name} {i} by A")
                check(f"1 1 {i + 1} i-{i % 3}.{name}." in d.ask(name, "SRV").values(), f"{name} {i} by SRV")
            connection.close()
        except Exception as error:  # told by the test's own thread
            errors.append(f"{n}: {error!r}")

    threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(errors, [])
    equal([len(d.instances(f"c{n}.prod")) for n in range(16)], [3] * 16)


# ---- acknowledged means on disk ----


def test_each_acknowledgement_waits_for_the_disk(d):
    with cmap.SlowStore(d, 0.001) as store:
        for i in range(1, 21):
            d.register("web.prod", "i-1", ipv4=f"10.7.0.{i}")
            check(store.syncs() >= i, f"{store.syncs()} syncs for {i} registrations one after the other")
        d.deregister("web.prod", "i-1")
        check(store.syncs() >= 21, "a sync for the deregistration")


def test_a_full_disk_refuses_and_changes_nothing():
    d = cmap.Daemon(start=False, namespace=["prod"])
    d.popen["restore_signals"] = False  # to be told EFBIG, not to be killed by SIGXFSZ
    with d.start():
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        d.register("web.prod", "leaves", ipv4="10.0.0.2", lease="1s")
        end = time.monotonic() + 1
        before = d.status()
        no_limit = resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (8192, no_limit[1]))  # less than one transaction
        for _ in range(3):
            error = d.refused("RegisterInstance", {"ServiceId": d.find("web.prod"), "InstanceId": "refused",
                                                   "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.3"}})
            equal((error.status, error.type), (503, "ServiceUnavailable"))
            check("it is not in effect" in error.message, error.message)
        error = d.refused("DeregisterInstance", {"ServiceId": d.find("web.prod"), "InstanceId": "i-1"})
        equal(error.status, 503)
        equal(d.ctl("deregister", "web.prod", "i-1").status, 75)  # try again
        equal(d.status()["Revision"], before["Revision"])
        # What has expired is not given out, though nobody can forget it yet.
        tap.wait_until(lambda: time.monotonic() > end, "the end of a lease")
        equal(d.dig("web.prod").values(), ["10.0.0.1"])
        equal(set(d.instances("web.prod")), {"i-1"})
        equal(d.status()["Store"]["State"], "failing")
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, no_limit)
        tap.wait_until(lambda: d.ctl("register", "web.prod", "--id", "i-2", "--ip", "10.0.0.3").status == 0,
                       "there is room again")
        tap.wait_until(lambda: d.status()["Instances"] == 2 and d.status()["Store"]["State"] == "ok", "all is well")
        d.restart()
        equal(sorted(d.dig("web.prod").values()), ["10.0.0.1", "10.0.0.3"])
        # What was refused is not found later either, should it be killed while the disk is full.
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (8192, no_limit[1]))
        equal(d.ctl("register", "web.prod", "--id", "refused", "--ip", "10.0.0.4").status, 75)
        d.kill()
        d.start()
        equal(sorted(d.dig("web.prod").values()), ["10.0.0.1", "10.0.0.3"])


# ---- a restart ----


def everything(d, operations):
    """All that the API tells of what is registered."""
    found = {"Namespaces": d.list("ListNamespaces", "Namespaces", {}), "Services": [], "Instances": [], "Leases": []}
    found["Namespace"] = [d.call("GetNamespace", {"Id": n["Id"]}) for n in found["Namespaces"]]
    for service in d.list("ListServices", "Services", {}):
        found["Services"] += [service, d.call("GetService", {"Id": service["Id"]})]
        for instance in d.list("ListInstances", "Instances", {"ServiceId": service["Id"]}):
            found["Instances"].append(d.call("GetInstance", {"ServiceId": service["Id"],
                                                            "InstanceId": instance["Id"]}))
        found["Leases"] += [i.get("LeaseMs") for i in d.list("Cmap_v1.ListInstances", "Instances",
                                                             {"ServiceId": service["Id"]})]
    found["Operations"] = [d.call("GetOperation", {"OperationId": o}) for o in operations]
    found["Revision"] = d.status()["Revision"]
    return found


def resolve_all(d):
    names = [("apex.example", "A"), ("apex.example", "SOA"), ("web.apex.example", "A"), ("all.apex.example", "AAAA"),
             ("all.apex.example", "SRV"), ("www.apex.example", "CNAME"), ("idle.apex.example", "A"),
             ("no.apex.example", "A"), ("i-7.all.apex.example", "A"), ("api.calls", "A")]
    return [(r.status, sorted(r.answer), sorted(r.authority)) for r in (d.ask(*n) for n in names)]


def fill(d):
    """Something of every kind. Returns the ids of operations."""
    done = []
    call = d.call
    done.append(call("CreatePrivateDnsNamespace", {
        "Name": "apex.example", "Vpc": "vpc-7", "Description": "with \u00fcml\u00e4uts", "CreatorRequestId": "once",
        "Properties": {"DnsProperties": {"SOA": {"TTL": 77}}}})["OperationId"])
    done.append(call("CreateHttpNamespace", {"Name": "calls"})["OperationId"])
    done.append(call("CreatePublicDnsNamespace", {"Name": "public.example"})["OperationId"])
    d.service("apex.example", [("A", 60)], Description="at the apex")
    d.service("web.apex.example", [("A", 60)], routing="WEIGHTED", CreatorRequestId="twice")
    d.service("all.apex.example", [("A", 10), ("AAAA", 20), ("SRV", 30)], HealthCheckCustomConfig={})
    d.service("www.apex.example", [("CNAME", 5)])
    d.service("idle.apex.example", [("A", 60)])
    d.service("Calls.public.example", [("A", 2147483647)])
    d.service("api.calls")
    done.append(d.register("apex.example", "i-1", ipv4="10.0.0.1")["OperationId"])
    d.register("web.apex.example", "i-1", ipv4="10.0.0.1", lease="1h", stage="beta", **{"a b": None})
    d.register("www.apex.example", "i-1", cname="Example.ORG")
    d.register("api.calls", "a/b:c@d.e_f", **{f"key-{i}": "v" * 100 for i in range(30)})
    d.register("api.calls", "bare")
    for i in range(150):
        d.register("all.apex.example", f"i-{i}", ipv4=f"10.1.0.{i}", ipv6=f"fd00::{i + 1:x}", port=i + 1,
                   lease="7d" if i % 2 else None, AWS_INIT_HEALTH_STATUS="UNHEALTHY" if i % 3 else None)
    for i in range(0, 150, 5):
        done.append(d.deregister("all.apex.example", f"i-{i}")["OperationId"])
    return done


def test_a_restart_loses_nothing():
    with cmap.Daemon(answers=0) as d:
        operations = fill(d)
        before, resolved = everything(d, operations), resolve_all(d)
        equal((len(before["Namespaces"]), len(before["Instances"])), (3, 125))
        d.restart()
        equal(everything(d, operations), before)
        equal(resolve_all(d), resolved)
        d.kill()
        d.start()
        equal(everything(d, operations), before)
        equal(resolve_all(d), resolved)
        # What was asked for once is known to be the same when it is asked for again.
        again = d.call("CreatePrivateDnsNamespace", {
            "Name": "apex.example", "Vpc": "vpc-7", "Description": "with \u00fcml\u00e4uts", "CreatorRequestId": "once",
            "Properties": {"DnsProperties": {"SOA": {"TTL": 77}}}})
        equal(again["OperationId"], operations[0])
        # What is deleted stays deleted.
        d.deregister("apex.example", "i-1")
        d.call("DeleteService", {"Id": d.find("apex.example")})
        d.restart()
        equal(d.ask("apex.example").values(), [])
        equal(d.refused("GetService", {"Id": d.find("apex.example")}).type, "ServiceNotFound")


def test_the_registry_is_a_sound_SQLite_database():
    with cmap.Daemon() as d:
        fill(d)
        d.stop()
        base = cmap.database(d.db)
        equal(base.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        equal(base.execute("PRAGMA journal_mode").fetchone(), ("wal",))
        base.close()


# ---- starting ----


def refused_start(d, status, line):
    """Another cmapd with d's options ends with this status and says this one line."""
    other = cmap.run(cmap.CMAPD, "--config", d.config, *d.options, cwd=d.dir)
    equal((other.status, other.out), (status, ""))
    errors = [text for text in other.err.splitlines() if not text.startswith("cmapd: info: ")]
    equal(errors, [f"cmapd: error: {line}"])


def test_a_second_cmapd_on_the_same_registry_is_refused(d):
    refused_start(d, 75, f"{d.db}: another process has it open, a cmapd or a tool such as sqlite3")
    d.register("web.prod", "i-1", ipv4="10.6.0.1")  # the first one goes on
    equal(d.dig("web.prod").values(), ["10.6.0.1"])
    d.deregister("web.prod", "i-1")


def test_what_else_keeps_it_from_starting(d):
    udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
    udp.bind(("127.0.0.1", 0))
    tcp.bind(("127.0.0.1", 0))
    tcp.listen()
    taken_udp, taken_tcp = ("127.0.0.1:%d" % s.getsockname()[1] for s in (udp, tcp))
    with open(os.path.join(d.dir, "text"), "w", encoding="ascii") as text:
        text.write("this is no database, but long enough to be read as one: " + "x" * 4096)
    other = cmap.Daemon(start=False)
    for settings, status, line in (
            ({"socket": d.socket}, 73,
             f"cannot listen on '{d.socket}': another process does, or it is no socket"),
            ({"socket": d.config}, 73,
             f"cannot listen on '{d.config}': another process does, or it is no socket"),
            ({"socket": "/nowhere/sock"}, 73, "cannot listen on '/nowhere/sock': No such file or directory"),
            ({"listen": ["127.0.0.1:0", taken_udp]}, 69, f"cannot listen on {taken_udp}: Address already in use"),
            ({"listen": [taken_tcp]}, 69, f"cannot listen on {taken_tcp}: Address already in use"),
            ({"listen": ["192.0.2.1:5300"]}, 69, "cannot listen on 192.0.2.1:5300: Cannot assign requested address"),
            ({"api": taken_tcp}, 69, f"cannot listen on {taken_tcp}: Address already in use"),
            ({"db": "/nowhere/cmap.db"}, 73, "/nowhere/cmap.db: cannot be made: there is no such directory"),
            ({"db": d.dir}, 73, f"{d.dir}: unable to open database file: Is a directory"),
            ({"db": os.path.join(d.dir, "text")}, 65,
             f"{d.dir}/text: not a registry of cmapd: it is no SQLite database")):
        other.settings.update(listen=["127.0.0.1:0"], socket=other.socket, db=other.db, api=None)
        other.configure(**settings)
        refused_start(other, status, line)
    udp.close()
    tcp.close()
    check(os.path.exists(d.socket), "the socket of the first is still there")
    d.status()
    other.close()


def test_a_registry_of_a_later_version_is_refused():
    with cmap.Daemon() as d:
        d.stop()
        base = cmap.database(d.db)
        version = base.execute("PRAGMA user_version").fetchone()[0]
        base.execute(f"PRAGMA user_version = {version + 1}")
        base.commit()
        base.close()
        other = cmap.run(cmap.CMAPD, "--config", d.config)
        equal((other.status, len(other.err.splitlines())), (65, 1))
        check(other.err.startswith(f"cmapd: error: {d.db}: "), other.err)


def test_namespaces_of_the_command_line():
    with cmap.Daemon("--namespace", "one.example", "--namespace", "Two", namespace=["three"]) as d:
        first = {n["Name"]: n for n in d.list("ListNamespaces", "Namespaces", {})}
        equal({n: first[n]["Type"] for n in first}, {"one.example": "DNS_PRIVATE", "Two": "DNS_PRIVATE"})
        equal(d.dig("no.two").status, "NXDOMAIN")
        d.restart()
        equal({n["Name"]: n for n in d.list("ListNamespaces", "Namespaces", {})}, first)


def test_a_socket_left_behind_is_taken_over():
    with cmap.Daemon(namespace=["prod"], socket_mode="0600") as d:
        d.kill()
        check(os.path.exists(d.socket), "kill -9 leaves the socket")
        d.start()
        equal(d.status()["Namespaces"], 1)
        equal(os.stat(d.socket).st_mode & 0o777, 0o600)


# ---- the configuration ----


def test_check_config_says_nothing_when_all_is_well(d):
    equal(cmap.run(cmap.CMAPD, "--config", d.config, "--check-config"), cmap.Ran(0, "", ""))
    d.status()  # and leaves alone the one that runs


def test_dump_config_goes_round():
    d = cmap.Daemon(start=False, namespace=["a.example", "b"], answers=3, negative_ttl="7s", api="[::1]:8053",
                    listen=["127.0.0.1:5300", "[::1]:5300"], region="eu-central-1", account="123456789012",
                    log_level="debug", tcp_idle="1500ms", socket_mode="0600", nameserver="ns.example.org.")
    first = cmap.run(cmap.CMAPD, "--config", d.config, "--db", "a b\"c\\d$.db", "--dump-config")
    equal((first.status, first.err), (0, ""))
    with open(d.config, "w", encoding="utf-8") as out:
        out.write(first.out)
    second = cmap.run(cmap.CMAPD, "--config", d.config, "--dump-config")
    equal(second, first)
    lines = dict(re.findall(r"^(\w+) = (.*)$", first.out, re.M))
    equal(lines["db"], r'"a b\"c\\d\$.db"')
    equal([lines[n] for n in ("answers", "negative_ttl", "tcp_idle", "socket_mode")],
          ["3", '"7s"', '"1500ms"', '"0600"'])
    equal(lines["listen"], '{"127.0.0.1:5300", "[::1]:5300"}')
    d.close()


def test_the_command_line_wins_over_the_file():
    d = cmap.Daemon(start=False, namespace=["file"], db="/file.db", answers=3)
    ran = cmap.run(cmap.CMAPD, "--config", d.config, "--db", "/line.db", "--namespace", "line",
                   "--listen", "127.0.0.9:1", "--dump-config")
    lines = dict(re.findall(r"^(\w+) = (.*)$", ran.out, re.M))
    equal([lines[n] for n in ("db", "namespace", "listen", "answers")],
          ['"/line.db"', '{"line"}', '{"127.0.0.9:1"}', "3"])
    d.close()


# ---- SIGHUP ----


class Questions:
    """A client that never stops asking one address, over UDP and TCP, and takes no answer for a failure."""

    def __init__(self, address, name, values):
        self.address, self.name, self.values = address, name, values
        self.n, self.error, self.over = 0, None, False
        self.thread = threading.Thread(target=self.ask)

    def ask(self):
        try:
            with wire.Udp(self.address) as udp, wire.Tcp(self.address) as tcp:
                while not self.over:
                    for client in (udp, tcp):
                        reply = wire.Message(client.ask(wire.query(self.name)))
                        equal(reply.values(), self.values)
                        self.n += 1
        except Exception as error:  # told by the test's own thread
            self.error = repr(error)

    def __enter__(self):
        self.thread.start()
        self.more()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()

    def more(self):
        """Returns when some more have been answered."""
        n = self.n
        tap.wait_until(lambda: self.error or self.n > n + 20, "questions are answered")
        equal(self.error, None)


def listeners(d):
    found = [re.fullmatch(r"udp (\S+):(\d+)", text) for text in d.status()["Listeners"]]
    return [(f.group(1), int(f.group(2))) for f in found if f]


def refuses(address):
    try:
        with wire.Udp(address, seconds=5) as client:
            client.ask(wire.query("web.prod"))
    except ConnectionRefusedError:
        return True
    return False


def test_SIGHUP_adds_and_removes_addresses_while_queries_are_answered():
    with cmap.Daemon(namespace=["prod"], listen=["127.0.0.1:0"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        with Questions(d.address(), "web.prod", ["10.0.0.1"]) as questions:
            for _ in range(5):
                d.configure(listen=["127.0.0.2:0", "127.0.0.1:0", "127.0.0.3:0"])
                d.reload()
                added = [a for a in listeners(d) if a != d.address()]
                equal([a[0] for a in added], ["127.0.0.2", "127.0.0.3"])
                for address in added:
                    equal(d.dig("web.prod", at=address).values(), ["10.0.0.1"])
                    equal(d.dig("web.prod", "A", "+tcp", at=address).values(), ["10.0.0.1"])
                questions.more()
                d.configure(listen=["127.0.0.1:0"])
                d.reload()
                equal(listeners(d), [d.address()])
                for address in added:
                    check(refuses(address), f"{address} is still answered on")
                    equal(socket.socket().connect_ex(address) != 0, True, "TCP is refused")
                questions.more()
        equal(questions.error, None)


def test_SIGHUP_changes_settings_while_queries_are_answered():
    with cmap.Daemon(namespace=["prod"], log_level="info") as d:
        d.service("web.prod", [("A", 60)])
        for i in range(4):
            d.register("web.prod", f"i-{i}", ipv4=f"10.0.0.{i}")
        d.service("one.prod", [("A", 60)])
        d.register("one.prod", "i-1", ipv4="10.0.0.1")
        with Questions(d.address(), "one.prod", ["10.0.0.1"]) as questions:
            for seconds in (7, 0, 86400):
                d.configure(negative_ttl=f"{seconds}s")
                d.reload()
                soa = d.dig("no.prod").authority[0]
                equal((soa.ttl, soa.data.split()[-1]), (seconds, str(seconds)))
            d.configure(answers=2)
            d.reload()
            equal(len(d.dig("web.prod").values()), 2)
            d.configure(answers=0)
            d.reload()
            equal(len(d.dig("web.prod").values()), 4)
            d.configure(namespace=["prod", "new.example"])
            d.reload()
            equal(d.dig("no.new.example").status, "NXDOMAIN")
            d.configure(nameserver="ns1.example.org.")
            d.reload()
            equal(d.dig("prod", "NS").values(), ["ns1.example.org."])
            equal(d.dig("prod", "SOA").values()[0].split()[0], "ns1.example.org.")
            d.configure(log_level="error")
            d.process.send_signal(signal.SIGHUP)  # it says nothing of this one
            tap.wait_until(lambda: d.status() and d.ask("prod", "SOA").answer, "it goes on")
            questions.more()


def test_SIGHUP_names_what_waits_for_a_restart():
    with cmap.Daemon(namespace=["prod"]) as d:
        db = d.db
        d.configure(db=d.db + "2", udp_threads=3)
        said = d.reload()
        equal(re.findall(r"warning: (.*)\n", said),
              ["'db' has changed; it takes effect at the next start",
               "'udp_threads' has changed; it takes effect at the next start"])
        equal(d.status()["Store"]["Path"], db)


def test_SIGHUP_with_a_broken_file_changes_nothing():
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with cmap.Daemon(namespace=["prod"], negative_ttl="9s") as d:
        with open(d.config, encoding="utf-8") as text:
            good = text.read()
        line = good.count("\n") + 1
        before = d.status()
        for added, reason in (
                ('answers = "eight"\n', f"{d.config}:{line}: answers: 'eight' is not a number from 0 to 1000"),
                ("\nanswer = 8\n", f"{d.config}:{line + 1}: no such option 'answer'"),
                ('answers = "8\n', f"{d.config}:{line}: no closing quote"),
                (f'listen += {{"127.0.0.2:0", "127.0.0.1:{port}"}}\n',
                 f"cannot listen on 127.0.0.1:{port}: Address already in use")):
            with open(d.config, "w", encoding="utf-8") as out:
                out.write(good + added)
            equal(d.reload(), f"cmapd: error: reload refused: {reason}\n")
            equal(d.dig("no.prod").authority[0].ttl, 9)
            equal(d.status()["Listeners"], before["Listeners"])
        os.unlink(d.config)
        equal(d.reload(), f"cmapd: error: reload refused: {d.config}: No such file or directory\n")
        d.configure(negative_ttl="3s")
        d.reload()
        equal(d.dig("no.prod").authority[0].ttl, 3)
    taken.close()


def test_many_SIGHUPs_at_once():
    with cmap.Daemon(namespace=["prod"]) as d:
        for i in range(200):
            d.configure(listen=["127.0.0.1:0"] + ["127.0.0.2:0"] * (i % 2), negative_ttl=f"{i % 7}s")
            d.process.send_signal(signal.SIGHUP)
            if random.random() < 0.1:
                d.ask("no.prod")
        d.configure(listen=["127.0.0.1:0"], negative_ttl="8s")
        d.reload()
        tap.wait_until(lambda: d.dig("no.prod").authority[0].ttl == 8, "the last file is in force")
        equal(listeners(d), [d.address()])


# ---- stopping ----


def test_SIGTERM_and_SIGINT_stop_it_in_order():
    for number in (signal.SIGTERM, signal.SIGINT):
        d = cmap.Daemon(namespace=["prod"], api="127.0.0.1:0")
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        # Clients that are connected and say nothing do not hold it up.
        idle = [d.connect() for _ in range(3)]
        for connection in idle:
            connection.connect()
        began = time.monotonic()
        with wire.Tcp(d.address()):
            d.stop(number)
        check(time.monotonic() - began < 5, "it stops without waiting for idle clients")
        equal(d.logged().splitlines()[-1], f"cmapd: info: stopping on signal {int(number)}")
        check(not os.path.exists(d.socket), "the socket is gone")
        check(not os.path.exists(d.db + "-wal"), "the WAL is in the file")
        d.close()


def test_what_is_under_way_is_answered_before_it_stops():
    with cmap.Daemon(namespace=["prod"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-0", ipv4="10.0.0.1")
        answers = []

        def register(i):
            answers.append(d.register("web.prod", f"i-{i}", ipv4=f"10.0.0.{i + 1}"))

        with cmap.SlowStore(d, 1.5):
            threads = [threading.Thread(target=register, args=(i,)) for i in range(1, 4)]
            for thread in threads:
                thread.start()
            tap.wait_until(lambda: d.status()["Store"]["State"] == "waiting", "the store hangs")
            d.process.send_signal(signal.SIGTERM)
            tap.wait_until(lambda: "stopping on signal 15" in d.logged(), "it stops")
            equal(d.ask("web.prod").values(), ["10.0.0.1"])  # queries are answered meanwhile
            for thread in threads:
                thread.join()
            equal(len(answers), 3)
            equal(d.process.wait(timeout=tap.PATIENCE), 0)
        d.start()
        equal(set(d.instances("web.prod")), {f"i-{i}" for i in range(4)})


if __name__ == "__main__":
    tap.main(globals(), start)
