# SPDX-License-Identifier: MIT
"""
Picture 3: ingress on layer 7, an application load balancer in the public subnet.

    internet  203.0.113.80, a browser
       |  203.0.113.10
    public subnet   172.31.0.10   haproxy
       |
    subnet A   web-1 172.31.16.1:8080, web-2 172.31.16.2:8080      subnet B   web-3 172.31.32.1:8080

haproxy's `server-template` takes its servers from SRV records, asked anew every half second; the addresses come along
in the same answer. A task that has registered is used, and one that has been deregistered is left alone, within two
seconds, and no request fails meanwhile.
"""

import time

import lab
from lab import check, wait_until

SERVICE = "_http._tcp.web.internal"
TASKS = {"web-1": "172.31.16.1", "web-2": "172.31.16.2", "web-3": "172.31.32.1"}
PUBLIC = "203.0.113.10"
SOON = 2.0  # seconds

HAPROXY = f"""
resolvers cmap
    nameserver cmapd 172.31.0.2:53
    accepted_payload_size 8192
    resolve_retries 2
    timeout resolve 500ms
    timeout retry 500ms
    hold valid 500ms
    hold obsolete 0s
defaults
    mode http
    option redispatch 1
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend front
    bind :80
    default_backend web
backend web
    balance roundrobin
    server-template web 12 {SERVICE} resolvers cmap resolve-prefer ipv4 init-addr none check inter 1s
"""


def start():
    vpc = lab.Vpc()
    outside = vpc.internet()
    for task, address in TASKS.items():
        vpc.task(task, address, 8080)
        register(vpc, task, address)
    balancer = vpc.host("balancer", "172.31.0.10")
    outside.give(PUBLIC, balancer)
    balancer.start("haproxy", "haproxy", "-db", "-f", vpc.write("haproxy.cfg", HAPROXY))
    return vpc


def register(vpc, task, address):
    vpc.ctl("register", SERVICE, "--id", task, "--ip", address, "--port", "8080")


def until_served_by(vpc, tasks):
    """Seconds until requests reach just these tasks. All of them must be answered."""
    browser, began = vpc.hosts["internet"], time.monotonic()
    wait_until(lambda: sorted(browser.connect(2 * len(tasks) + 2, PUBLIC)) == sorted(tasks), f"served by {tasks}")
    took = time.monotonic() - began
    lab.even(browser.connect(30 * len(tasks), PUBLIC), tasks)
    return took


def test_a_browser_is_served_by_each_task(vpc):
    lab.balanced(vpc.hosts["internet"], PUBLIC, 80, TASKS)


def test_a_task_that_is_deregistered_leaves_soon(vpc):
    lab.balanced(vpc.hosts["internet"], PUBLIC, 80, TASKS)
    vpc.ctl("deregister", SERVICE, "web-2")
    took = until_served_by(vpc, ["web-1", "web-3"])
    check(took <= SOON, f"it took {took:.2f} s")


def test_a_task_that_is_registered_joins_soon(vpc):
    vpc.task("web-4", "172.31.32.2", 8080)
    register(vpc, "web-4", "172.31.32.2")
    register(vpc, "web-2", TASKS["web-2"])
    took = until_served_by(vpc, [*TASKS, "web-4"])
    check(took <= SOON, f"it took {took:.2f} s")


if __name__ == "__main__":
    lab.main(globals(), start)
