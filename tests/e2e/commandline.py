# SPDX-License-Identifier: MIT
"""commandline.py -- command lines and files that are wrong: the one line on stderr, and the status, of each; and
what dig sees of those that are right."""

import collections
import json
import os
import re
import tempfile

import cmap
import tap
from tap import check, equal

USAGE, NOINPUT, CONFIG = 64, 66, 78
NO, NOT_FOUND, UNREACHABLE = 1, 4, 69

# What follows cmapd, the status, the line behind "cmapd: ".
CMAPD = [
    (["--no-such-option"], USAGE, "unknown option '--no-such-option'"),
    (["--no-such=value"], USAGE, "unknown option '--no-such'"),
    (["-x"], USAGE, "unknown option '-x'"),
    (["--negative_ttl", "5s"], USAGE, "unknown option '--negative_ttl'"),
    (["word"], USAGE, "unexpected argument 'word'"),
    (["--version", "word"], USAGE, "unexpected argument 'word'"),
    (["--listen"], USAGE, "--listen needs a value"),
    (["--check-config=yes"], USAGE, "--check-config takes no value"),
    (["--listen", "localhost"], USAGE, "--listen: 'localhost' is not an address such as 127.0.0.1:53 or [::1]:53"),
    (["--listen", "127.0.0.1:"], USAGE, "--listen: '127.0.0.1:' is not an address such as 127.0.0.1:53 or [::1]:53"),
    (["--listen", "127.0.0.1:65536"], USAGE,
     "--listen: '127.0.0.1:65536' is not an address such as 127.0.0.1:53 or [::1]:53"),
    (["--listen", "[::1:53"], USAGE, "--listen: '[::1:53' is not an address such as 127.0.0.1:53 or [::1]:53"),
    (["--listen", "127.0.0.1:53", "--listen", "127.0.0.1"], USAGE, "--listen: '127.0.0.1' is there already"),
    (["--api", "127.0.0.1"], USAGE,
     "--api: '127.0.0.1' is not an address with a port such as 127.0.0.1:8053 or [::1]:8053"),
    (["--api", "0.0.0.0:8053"], USAGE,
     "--api: 0.0.0.0:8053 is not a loopback address; 'access_keys = FILE' or 'api_without_keys = true' in the file allows it"),
    (["--api", "127.0.0.1:53"], USAGE, "--api: 127.0.0.1:53 is an address of listen, too"),
    (["--namespace", ""], USAGE, "--namespace: '' is not a domain name"),
    (["--namespace", "a..b"], USAGE, "--namespace: 'a..b' is not a domain name"),
    (["--namespace", "x" * 64], USAGE, f"--namespace: '{'x' * 64}' is not a domain name"),
    (["--socket", ""], USAGE, "--socket: an empty path"),
    (["--socket", "/" + "x" * 107], USAGE, "--socket: a path of 108 bytes; 107 is the most"),
    (["--db", ""], USAGE, "--db: an empty path"),
    (["--config", ""], USAGE, "--config: an empty path"),
    (["--config", "/nowhere/cmapd.conf"], NOINPUT, "/nowhere/cmapd.conf: No such file or directory"),
    (["--config", "/"], NOINPUT, "/: Is a directory"),
    (["--config", "/nowhere\n/x"], NOINPUT, "/nowhere\\x0A/x: No such file or directory"),
]

# What the file holds, and the line behind "cmapd: FILE:"; all with status 78.
FILES = [
    ("anwsers = 8", "1: no such option 'anwsers'"),
    ("# fine\n\nlisten = localhost", "3: listen: 'localhost' is not an address such as 127.0.0.1:53 or [::1]:53"),
    ("listen = {}", "1: listen: no address to listen on"),
    ("answers = 1001", "1: answers: '1001' is not a number from 0 to 1000"),
    ("answers = -1", "1: answers: '-1' is not a number from 0 to 1000"),
    ("answers = 0x8", "1: answers: '0x8' is not a number from 0 to 1000"),
    ("answers = \"\"", "1: answers: '' is not a number from 0 to 1000"),
    ("answers = 8\nanswers = 9", "2: 'answers' is set twice, first on line 1"),
    ("negative_ttl = 5", "1: negative_ttl: '5' is not a duration from 0 to 1d in whole seconds"),
    ("negative_ttl = 1500ms", "1: negative_ttl: '1500ms' is not a duration from 0 to 1d in whole seconds"),
    ("negative_ttl = 25h", "1: negative_ttl: '25h' is not a duration from 0 to 1d in whole seconds"),
    ("tcp_idle = 0s", "1: tcp_idle: '0s' is not a duration from 1s to 1h"),
    ("udp_size = 511", "1: udp_size: '511' is not a number from 512 to 4096"),
    ("socket_mode = 888", "1: socket_mode: '888' is not a mode from 0000 to 0777"),
    ("api_without_keys = maybe", "1: api_without_keys: 'maybe' is neither true nor false"),
    ("api_name = a.b", "1: api_name: there is no address to give for it; set api, too"),
    ("api = 192.0.2.1:80", "1: api: 192.0.2.1:80 is not a loopback address; 'access_keys = FILE' or 'api_without_keys = true' in the file allows it"),
    ("log_level = loud", "1: log_level: 'loud' is not one of error, warning, info, debug"),
    ("account = 123", "1: account: '123' is not 12 digits"),
    ("region = Earth", "1: region: 'Earth' is not a region such as us-east-1"),
    ("nameserver = a b", "1: no such option 'b'"),
    ("namespace = {\"a\", \"b..c\"}", "1: namespace: 'b..c' is not a domain name"),
    ("db =\nanswers = 8", "1: no value behind '='"),
    ("db = \"unfinished", "1: no closing quote"),
    ("db = \"${HOME}/cmap.db\"", "1: '${' is not replaced by the environment; put it in single quotes"),
    ("db = a\0b", "1: a NUL byte"),
    ("// not a comment here", "1: a comment begins with '#'"),
    ("listen + 127.0.0.1:53", "1: unexpected '+'"),
    ("section {\nanswers = 8\n}", "1: no such option 'section'"),
]

# What follows cmapctl, the status, the line behind "cmapctl: ".
CMAPCTL = [
    ([], USAGE, "no command given; see: cmapctl --help"),
    (["no-such-command"], USAGE, "unknown command 'no-such-command'; see: cmapctl --help"),
    (["namespace"], USAGE, "'namespace' needs a command; see: cmapctl namespace --help"),
    (["namespace", "rename"], USAGE, "unknown command 'namespace rename'; see: cmapctl namespace --help"),
    (["--no-such"], USAGE, "unknown option '--no-such'; see: cmapctl --help"),
    (["register", "web.prod", "--prot", "80"], USAGE, "unknown option '--prot'; see: cmapctl register --help"),
    (["-j", "status"], USAGE, "unknown option '-j'; see: cmapctl --help"),
    (["status", "now"], USAGE, "'status' takes no operand 'now'; see: cmapctl status --help"),
    (["register"], USAGE, "'register' needs SERVICE.NAMESPACE; see: cmapctl register --help"),
    (["renew", "web.prod"], USAGE, "'renew' needs SERVICE.NAMESPACE ID...; see: cmapctl renew --help"),
    (["status", "--json=yes"], USAGE, "option '--json' takes no value"),
    (["register", "web.prod", "--id"], USAGE, "option '--id' needs a value: ID"),
    (["register", "web.prod", "--id", "a", "--id", "b"], USAGE, "option '--id' is given twice"),
    (["register", "web", "--ip", "10.0.0.1"], USAGE, "'web' is not SERVICE.NAMESPACE, such as web.prod"),
    (["register", "web..prod", "--ip", "10.0.0.1"], USAGE, "'web..prod' is not SERVICE.NAMESPACE, such as web.prod"),
    (["register", "web.prod", "--ip", "10.0.0"], USAGE, "option '--ip': '10.0.0' is not an IPv4 or IPv6 address"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--ip", "10.0.0.2"], USAGE,
     "option '--ip': '10.0.0.2' is one IPv4 address too many; register one instance for each"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--port", "65536"], USAGE,
     "option '--port': '65536' is not a number from 1 to 65535"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--lease", "30"], USAGE,
     "option '--lease': '30' is not a duration, such as 500ms, 30s, 5m or 1h"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--lease", "0s"], USAGE, "option '--lease': '0s' is not from 1s to 7d"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--ttl", "1500ms"], USAGE,
     "option '--ttl': '1500ms' is not in whole seconds"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--attr", "colour"], USAGE,
     "option '--attr': 'colour' is not KEY=VALUE"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--id", "a b"], USAGE,
     "'a b' is not an instance id: 1 to 64 letters, digits and _/:.@-"),
    (["namespace", "create", "a..b"], USAGE, "'a..b' is not a name for a namespace"),
    (["discover", "web.prod", "--max", "1001"], USAGE, "option '--max': '1001' is not a number from 1 to 1000"),
    (["health", "set", "web.prod", "i-1", "healthy"], USAGE, "'i-1' is neither healthy nor unhealthy"),
    (["health", "set", "web.prod", "healthy"], USAGE,
     "'health set' needs SERVICE.NAMESPACE healthy|unhealthy ID...; see: cmapctl health set --help"),
    (["tag", "set", "prod", "team"], USAGE, "'team' is not KEY=VALUE"),
    (["attribute", "set", "web.prod", "a=1", "a=2"], USAGE, "'a' is given twice"),
    (["namespace", "update", "prod"], USAGE, "what shall change of 'prod'? --description or --soa-ttl"),
    (["service", "update", "web.prod"], USAGE, "what shall change of 'web.prod'? --description or --ttl"),
    (["operation", "list", "--max", "1001"], USAGE, "option '--max': '1001' is not a number from 1 to 1000"),
    (["register", "web.prod", "--ip", "10.0.0.1", "--weight", "256"], USAGE,
     "option '--weight': '256' is not a number from 1 to 255"),
    (["resolve", "web.prod", "NO-SUCH-TYPE"], USAGE, "'NO-SUCH-TYPE' is not a record type"),
    (["resolve", "web.prod", "--server", "localhost"], USAGE,
     "option '--server': 'localhost' is not ADDR or ADDR:PORT"),
    (["resolve", "web..prod"], USAGE, "'web..prod' is not a domain name"),
    (["status", "--api", "127.0.0.1:80"], USAGE,
     "'127.0.0.1:80' is not a URL of the API; write it as http://ADDR:PORT"),
    (["status", "--api", "http://x", "--socket", "/x"], USAGE, "options '--socket' and '--api' exclude each other"),
    (["status", "--socket", "/" + "x" * 108], USAGE, f"socket path '/{'x' * 108}' is longer than 107 bytes"),
    (["status", "--socket", "/nowhere/sock"], UNREACHABLE,
     "cannot reach cmapd at /nowhere/sock: No such file or directory; is cmapd running?"),
]

# The same with a cmapd that runs, and has web.prod with i-1.
ASKED = [
    (["register", "web.elsewhere", "--ip", "10.0.0.1"], NOT_FOUND,
     "no namespace holds 'web.elsewhere'; create it with: cmapctl namespace create elsewhere"),
    (["deregister", "web.prod", "i-2"], NOT_FOUND, "no instance 'i-2' in 'web.prod'; see: cmapctl list web.prod"),
    (["renew", "web.prod", "i-1"], NO, "Instance 'i-1' has no lease."),
    (["list", "none.prod"], NOT_FOUND, "no service 'none.prod'; make it with: cmapctl register none.prod --ip ADDR"),
    (["namespace", "show", "none"], NOT_FOUND, "no namespace 'none'; create it with: cmapctl namespace create none"),
    (["namespace", "create", "prod"], NO, "namespace 'prod' exists already; see: cmapctl namespace show prod"),
    (["namespace", "delete", "prod"], NO,
     "namespace 'prod' holds services; delete them too with: cmapctl namespace delete prod --force"),
    (["service", "create", "web.prod", "--a"], NO,
     "service 'web.prod' exists already; see: cmapctl service show web.prod"),
    (["service", "delete", "web.prod"], NO,
     "service 'web.prod' holds instances; deregister them too with: cmapctl service delete web.prod --force"),
    (["register", "web.prod", "--ip", "224.0.0.1"], NO,
     "AWS_INSTANCE_IPV4 must be the address of one host; '224.0.0.1' is none."),
    (["register", "web.prod", "--ip", "10.0.0.1", "--unhealthy"], NO,
     "the health of 'web.prod' cannot be told: it was made without --custom-health"),
    (["health", "set", "web.prod", "healthy", "i-1"], NO,
     "the health of 'web.prod' cannot be told: it was made without --custom-health"),
    (["health", "set", "web.prod", "healthy", "i-2"], NOT_FOUND,
     "no instance 'i-2' in 'web.prod'; see: cmapctl list web.prod"),
    (["health", "show", "web.prod", "i-2"], NOT_FOUND, "Service 'web' has no instance 'i-2'."),
    (["namespace", "update", "none", "--description", "x"], NOT_FOUND,
     "no namespace 'none'; create it with: cmapctl namespace create none"),
    (["service", "update", "none.prod", "--ttl", "1m"], NOT_FOUND,
     "no service 'none.prod'; make it with: cmapctl register none.prod --ip ADDR"),
    (["tag", "list", "none.prod"], NOT_FOUND,
     "no service 'none.prod'; make it with: cmapctl register none.prod --ip ADDR"),
    (["tag", "set", "web.prod", "a!=1"], NO,
     "Key and Value of tag 'a!' must be made of letters, digits, spaces and + - = . _ : / @."),
    (["tag", "set", "prod"] + [f"t{i}=" for i in range(51)], NO,
     "'prod': A resource can have 50 tags; with these it would have 51."),
    (["attribute", "list", "none.prod"], NOT_FOUND,
     "no service 'none.prod'; make it with: cmapctl register none.prod --ip ADDR"),
    (["operation", "show", "none"], NOT_FOUND, "no operation 'none'; see: cmapctl operation list"),
]


def judge(program, table):
    """table: words, status, line. All that differ, told together."""
    name, wrong = os.path.basename(program), []
    for words, status, line in table:
        ran = cmap.run(program, *words)
        want = cmap.Ran(status, "", f"{name}: {line}\n")
        if ran != want:
            wrong.append(f"{' '.join(map(repr, words))}:\n  got  {tuple(ran)}\n  want {tuple(want)}")
    check(not wrong, "\n".join(wrong))


def test_command_lines_of_cmapd():
    # Should one of them be taken for good, it is checked and not run.
    judge(cmap.CMAPD, [(["--check-config", "--config", "/dev/null"] + words, status, line)
                       for words, status, line in CMAPD])


def test_files_of_cmapd():
    with tempfile.TemporaryDirectory(prefix="cmap-e2e-") as scratch:
        table = []
        for i, (text, line) in enumerate(FILES):
            path = os.path.join(scratch, f"{i}.conf")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            table.append((["--config", path, "--check-config"], CONFIG, f"{path}:{line}"))
        judge(cmap.CMAPD, table)


def test_a_file_that_is_far_too_long():
    with tempfile.NamedTemporaryFile("w", prefix="cmap-e2e-") as out:
        out.write("# nothing but comments\n" * 100000)
        out.flush()
        ran = cmap.run(cmap.CMAPD, "--config", out.name, "--check-config")
        equal((ran.status, len(ran.err.splitlines())), (CONFIG, 1))
        check(re.fullmatch(rf"cmapd: {re.escape(out.name)}: longer than \d+ bytes\n", ran.err), ran.err)


def test_command_lines_of_cmapctl():
    judge(cmap.CMAPCTL, CMAPCTL)


def test_what_cmapd_says_no_to():
    with cmap.Daemon(namespace=["prod"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        revision = d.status()["Revision"]
        judge(cmap.CMAPCTL, [(["--socket", d.socket] + words, status, line) for words, status, line in ASKED])
        equal(d.status()["Revision"], revision)
        d.stop()
        judge(cmap.CMAPCTL, [(["status", "--socket", d.socket], UNREACHABLE,
                              f"cannot reach cmapd at {d.socket}: No such file or directory; is cmapd running?")])
        d.start()


def done(d, *words):
    """What cmapctl has printed."""
    ran = d.ctl(*words)
    equal((ran.status, ran.err), (0, ""), " ".join(words))
    return ran.out


def addresses(d, name="web.prod"):
    return sorted(d.dig(name).values())


def test_dig_sees_the_health_that_is_told():
    with cmap.Daemon(namespace=["prod"]) as d:
        done(d, "service", "create", "web.prod", "--a", "--custom-health")
        done(d, "register", "web.prod", "--ip", "10.0.0.1", "--id", "i-1")
        done(d, "register", "web.prod", "--ip", "10.0.0.2", "--id", "i-2")
        done(d, "register", "web.prod", "--ip", "10.0.0.3", "--id", "i-3", "--unhealthy")
        equal(addresses(d), ["10.0.0.1", "10.0.0.2"])
        equal(done(d, "health", "show", "web.prod"), "ID  HEALTH\ni-1 HEALTHY\ni-2 HEALTHY\ni-3 UNHEALTHY\n")
        equal(done(d, "health", "set", "web.prod", "healthy", "i-3"), "")
        equal(addresses(d), ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        done(d, "health", "set", "web.prod", "unhealthy", "i-1", "i-3")
        equal(addresses(d), ["10.0.0.2"])
        equal(done(d, "health", "show", "web.prod", "i-3"), "ID  HEALTH\ni-3 UNHEALTHY\n")
        equal(d.ctl("health", "set", "web.prod", "healthy", "i-1", "gone", "i-3").status, NOT_FOUND)
        equal(addresses(d), ["10.0.0.1", "10.0.0.2", "10.0.0.3"], "those that are there")
        done(d, "register", "new.prod", "--ip", "10.0.0.4", "--id", "i-4", "--unhealthy")
        equal(done(d, "health", "show", "new.prod"), "ID  HEALTH\ni-4 UNHEALTHY\n", "a service made for it")


def test_the_health_of_more_than_a_page():
    with cmap.Daemon(namespace=["prod"]) as d:
        done(d, "service", "create", "web.prod", "--a", "--custom-health")
        ids = [f"i-{i:03}" for i in range(250)]
        for i, name in enumerate(ids):
            d.register("web.prod", name, ipv4=f"10.0.0.{i}")
        done(d, "health", "set", "web.prod", "unhealthy", *ids[::2])
        rows = [line.split() for line in done(d, "health", "show", "web.prod").splitlines()[1:]]
        equal(rows, [[name, ("UNHEALTHY", "HEALTHY")[i % 2]] for i, name in enumerate(ids)])


def test_dig_sees_weights():
    with cmap.Daemon(namespace=["prod"], udp_threads=1) as d:
        done(d, "service", "create", "one.prod", "--a", "--weighted")
        done(d, "register", "one.prod", "--ip", "10.1.0.1", "--weight", "3")
        done(d, "register", "one.prod", "--ip", "10.1.0.2")
        given = collections.Counter(d.dig("one.prod").values()[0] for _ in range(8))
        equal(given, {"10.1.0.1": 6, "10.1.0.2": 2})
        done(d, "register", "web.prod", "--ip", "10.1.0.1", "--port", "80", "--weight", "255")
        equal(d.dig("web.prod", "SRV").values(), ["1 255 80 10-1-0-1-80.web.prod."])


def test_dig_sees_TTLs_and_nothing_else_changes():
    with cmap.Daemon(namespace=["prod"]) as d:
        d.namespace("example.com", "PublicDns")
        service = d.service("web.example.com", [("A", 60), ("SRV", 30)],
                            HealthCheckConfig={"Type": "HTTP", "ResourcePath": "/up", "FailureThreshold": 3})
        d.register("web.example.com", "i-1", ipv4="10.0.0.1", port=80)
        before = d.call("GetService", {"Id": service})["Service"]
        done(d, "service", "update", "web.example.com", "--description", "said")
        equal((d.dig("web.example.com").answer[0].ttl, d.dig("web.example.com", "SRV").answer[0].ttl), (60, 30))
        equal(d.call("GetService", {"Id": service})["Service"], {**before, "Description": "said"})
        done(d, "service", "update", "web.example.com", "--ttl", "42s")
        equal((d.dig("web.example.com").answer[0].ttl, d.dig("web.example.com", "SRV").answer[0].ttl), (42, 42))
        before["DnsConfig"]["DnsRecords"] = [{"Type": "A", "TTL": 42}, {"Type": "SRV", "TTL": 42}]
        equal(d.call("GetService", {"Id": service})["Service"], {**before, "Description": "said"})
        for name in ("prod", "example.com"):
            done(d, "namespace", "update", name, "--soa-ttl", "7s", "--description", "for all")
            equal(d.dig(f"none.{name}").authority[0].ttl, 7)
            done(d, "namespace", "update", name, "--description", "for some")
            equal(d.dig(f"none.{name}").authority[0].ttl, 7)
        check("for some" in done(d, "namespace", "show", "prod"), "the description is the last one")


def test_a_name_of_both_is_tagged_as_namespace_or_service():
    with cmap.Daemon(namespace=["prod", "in.prod"]) as d:
        done(d, "service", "create", "a.in.prod", "--a", "--tag", "of=a", "--tag", "cost center=Stra\u00dfe 9")
        d.service("in.prod", [("A", 60)])  # its name is '.'
        equal(d.call("Cmap_v1.FindService", {"Name": "in.prod"})["Service"]["Name"], ".")
        done(d, "tag", "set", "in.prod", "of=namespace", "empty=")
        done(d, "tag", "set", "--service", "in.prod", "of=service")
        equal(done(d, "tag", "list", "in.prod"), "KEY   VALUE\nof    namespace\nempty -\n")
        equal(done(d, "tag", "list", "in.prod", "--service"), "KEY VALUE\nof  service\n")
        equal(json.loads(done(d, "tag", "list", "a.in.prod", "--json")),
              {"Tags": [{"Key": "of", "Value": "a"}, {"Key": "cost center", "Value": "Stra\u00dfe 9"}]})
        done(d, "tag", "remove", "in.prod", "of", "none")
        equal(done(d, "tag", "list", "in.prod"), "KEY   VALUE\nempty -\n")


def test_there_are_enough_of_them():
    check(len(CMAPD) + len(FILES) + len(CMAPCTL) + len(ASKED) >= 30, "rows")


def test_help_and_version():
    version = cmap.run(cmap.CMAPD, "--version")
    check(re.fullmatch(r"cmapd \d+\.\d+\.\d+\n", version.out) and version.status == 0, version)
    equal(cmap.run(cmap.CMAPCTL, "--version"), cmap.Ran(0, version.out.replace("cmapd", "cmapctl"), ""))
    for words in ([cmap.CMAPD, "--help"], [cmap.CMAPCTL, "--help"], [cmap.CMAPCTL, "register", "--help"],
                  [cmap.CMAPCTL, "namespace", "--help"]):
        ran = cmap.run(*words)
        equal((ran.status, ran.err), (0, ""))
        check(ran.out.lower().startswith("usage: cmap"), ran.out)
        check(all(len(line) <= 100 for line in ran.out.splitlines()), "lines fit a terminal")


def test_what_cannot_be_written_is_an_error():
    for program in (cmap.CMAPD, cmap.CMAPCTL):
        ran = cmap.run("sh", "-c", f"'{program}' --help >/dev/full")
        check(ran.status in (1, 74), ran)
        check("No space left on device" in ran.err and len(ran.err.splitlines()) == 1, ran)


if __name__ == "__main__":
    tap.main(globals())
