# SPDX-License-Identifier: MIT
"""
Picture 4: ingress on layer 4, a network load balancer with an address in each zone.

    nlb.internal -> 172.31.16.10 (subnet-a.nlb.internal)     -> 172.31.32.10 (subnet-b.nlb.internal)
                      |  nginx                                     |  nginx
                    web.subnet-a.internal                        web.subnet-b.internal
                      web-1  172.31.16.1                           web-3  172.31.32.1
                      web-2  172.31.16.2

Each node of the balancer is nginx as a TCP proxy, which looks up the tasks of its own zone as it goes. A monitor tells
cmapd of each node whether it gets an answer there (UpdateInstanceCustomHealthStatus): a zone that has no working task
leaves the common name until it has one again. Its own name stays, for those who want that zone and no other.
"""

import lab
from lab import equal

NODES = {"subnet-a": "172.31.16.10", "subnet-b": "172.31.32.10"}
TASKS = {"web-1": ("subnet-a", "172.31.16.1"), "web-2": ("subnet-a", "172.31.16.2"),
         "web-3": ("subnet-b", "172.31.32.1")}

NGINX = """
load_module {module};
pid nginx-{zone}.pid;
error_log stderr;
user root;
worker_processes 1;
events {{ }}
stream {{
    resolver 172.31.0.2 valid=1s ipv6=off;
    map $server_port $tasks {{ default web.{zone}.internal:8080; }}
    server {{
        listen 80;
        proxy_pass $tasks;
        proxy_connect_timeout 2s;
    }}
}}
"""


def start():
    module = lab.installed("/usr/lib/nginx/modules/ngx_stream_module.so", "libnginx-mod-stream")
    vpc = lab.Vpc()
    vpc.ctl("service", "create", "nlb.internal", "--a", "--srv", "--ttl", "5s", "--custom-health")
    for task, (zone, address) in TASKS.items():
        vpc.task(task, address, 8080)
        vpc.ctl("register", f"web.{zone}.internal", "--id", task, "--ip", address)
    for zone, address in NODES.items():
        vpc.host(zone, address).start("nginx", "nginx", "-e", "stderr", "-g", "daemon off;", "-p", vpc.cmapd.dir, "-c",
                                      vpc.write(f"nginx-{zone}.conf", NGINX.format(module=module, zone=zone)))
        vpc.ctl("register", "nlb.internal", "--id", zone, "--ip", address, "--port", "80")
    vpc.host("monitor", "172.31.0.20")
    vpc.host("client", "172.31.0.21")
    for zone in NODES:
        lab.wait_until(lambda zone=zone: healthy(vpc, zone), f"nginx of {zone} serves")
    return vpc


def healthy(vpc, zone):
    return vpc.hosts["monitor"].run("curl", "-sS", "--fail", "--max-time", "5", f"http://{NODES[zone]}/").status == 0


def watch(vpc):
    """One round of the monitor."""
    service = vpc.cmapd.find("nlb.internal")
    for zone in NODES:
        vpc.hosts["monitor"].api("UpdateInstanceCustomHealthStatus", {
            "ServiceId": service, "InstanceId": zone, "Status": "HEALTHY" if healthy(vpc, zone) else "UNHEALTHY"})


def answered(vpc, name="nlb.internal"):
    """By some answers in a row: what is nearer to the client than the first address is left out of one."""
    return sorted({address for _ in range(8) for address in vpc.hosts["client"].getent(name)})


def test_the_balancer_has_an_address_in_each_zone(vpc):
    equal(answered(vpc), list(NODES.values()))
    equal(sorted(vpc.hosts["client"].connect(40, "subnet-a.nlb.internal")), ["web-1", "web-2"])  # by nginx's own dice
    equal(vpc.hosts["client"].connect(10, "subnet-b.nlb.internal"), {"web-3": 10})
    counts = vpc.hosts["client"].connect(100, "nlb.internal")
    lab.even({"subnet-a": counts["web-1"] + counts["web-2"], "subnet-b": counts["web-3"]}, NODES)


def test_a_zone_with_one_working_task_stays(vpc):
    vpc.hosts["web-1"].kill()
    vpc.ctl("deregister", "web.subnet-a.internal", "web-1")
    lab.wait_until(lambda: vpc.hosts["client"].connect(4, "subnet-a.nlb.internal") == {"web-2": 4}, "nginx knows", 5)
    watch(vpc)
    equal(answered(vpc), list(NODES.values()))


def test_a_zone_without_a_working_task_leaves(vpc):
    vpc.hosts["web-2"].kill()
    watch(vpc)
    equal(answered(vpc), [NODES["subnet-b"]])
    equal(vpc.hosts["client"].dig("nlb.internal", "SRV").values(), ["1 1 80 subnet-b.nlb.internal."])
    equal(vpc.hosts["client"].connect(40, "nlb.internal"), {"web-3": 40})
    equal(answered(vpc, "subnet-a.nlb.internal"), [NODES["subnet-a"]])


def test_a_zone_that_works_again_returns(vpc):
    vpc.hosts["web-2"].serve("web-2", 8080)
    watch(vpc)
    equal(answered(vpc), list(NODES.values()))
    lab.even(vpc.hosts["client"].connect(100, "nlb.internal"), ["web-2", "web-3"])


def test_with_no_zone_at_work_all_are_answered(vpc):
    """As Cloud Map does: a guess is better than nothing."""
    for task in ("web-2", "web-3"):
        vpc.hosts[task].kill()
    watch(vpc)
    equal(answered(vpc), list(NODES.values()))


if __name__ == "__main__":
    lab.main(globals(), start)
