# SPDX-License-Identifier: MIT
"""
sign.py N [SEED] -- writes N requests that botocore has signed, for tests/sigv4/replay to verify. Each is another: most
are like what clients of Cloud Map send, some have everything that a canonical request can trip over.

A line is a letter and its fields; in a field, what is not printable, '%' and blanks stand as %XX. K id secret: a key,
before all requests. N milliseconds: the clock of the server, begins a request. M method, T target, H name value, B body.
"""

import datetime
import random
import sys
import types
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

WORDS = ["", "a", "b c", "A", "0", "~.-_", "%", "%2F", "a/b", "a=b", "é", "\u2603", "+", "*'()", "&;", "=", "?", "#x"]
TARGETS = ["CreateHttpNamespace", "CreateService", "DiscoverInstances", "DiscoverInstancesRevision", "GetOperation",
           "ListNamespaces", "RegisterInstance", "TagResource"]


def field(octets):
    if isinstance(octets, str):
        octets = octets.encode()
    return "".join(chr(c) if 0x21 <= c <= 0x7E and c != 0x25 else f"%{c:02X}" for c in octets)


class Signer:
    """Random requests, each signed as botocore would send it at a random moment."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        printable = [chr(c) for c in range(0x21, 0x7F)]
        self.keys = []
        for i, length in enumerate((16, 40, 40, 128)):
            key_id = "AKID" + "".join(self.random.choices("ABCDEFGHIJ0123456789", k=16)) + "_.-"[:i]
            self.keys.append((key_id, "".join(self.random.choices(printable, k=length))))

    def often(self, chance):
        return self.random.random() < chance

    def some(self, most=3):
        return [self.random.choice(WORDS) for _ in range(self.random.randint(0, most))]

    def quote(self, text):
        return urllib.parse.quote(text, safe="-_.~")

    def target(self):
        path, query = "/", ""
        if self.often(0.2):
            segments = [self.quote(self.quote(w)) if self.often(0.3) else self.quote(w) for w in self.some(4)]
            if self.often(0.3):
                segments.insert(self.random.randint(0, len(segments)), self.random.choice([".", "..", ""]))
            path += "/".join(segments) + ("/" if self.often(0.3) else "")
        if self.often(0.2):
            pairs = [self.quote(w) + ("=" + self.quote(self.random.choice(WORDS)) if self.often(0.7) else "")
                     for w in self.some(5)]
            query = "?" + "&".join(pairs)
        return path + query

    def value(self):
        """Of a header: printable, perhaps with blanks here and there."""
        text = "".join(chr(self.random.randint(0x21, 0x7E)) for _ in range(self.random.randint(0, 30)))
        for _ in range(self.random.randint(0, 4)):
            at = self.random.randint(0, len(text))
            text = text[:at] + self.random.choice([" ", "  ", "   ", "\t", " \t "]) + text[at:]
        return text

    def headers(self, request):
        request.headers["X-Amz-Target"] = "Route53AutoNaming_v20170314." + self.random.choice(TARGETS)
        request.headers["Content-Type"] = "application/x-amz-json-1.1"
        request.headers["User-Agent"] = "Boto3/1.0 (not signed)"
        if self.often(0.2):
            request.headers["Accept-Encoding"] = "identity"
        if self.often(0.5):
            request.headers["amz-sdk-invocation-id"] = f"{self.random.getrandbits(128):032x}"
            request.headers["amz-sdk-request"] = "attempt=1; max=3"
        if self.often(0.2):
            request.headers["X-Amz-Content-SHA256"] = botocore.auth.sha256(request.body or b"").hexdigest()
        if self.often(0.1):
            request.headers["Date"] = "replaced"
        for name in self.random.sample(["X-Empty", "x-note", "X-Amz-Meta", "Via", "a"], self.random.randint(0, 3)):
            for _ in range(self.random.choice([1, 1, 1, 2, 3])):  # the same name again: a repeated header
                request.headers[name] = "" if name == "X-Empty" else self.value()

    def request(self):
        """Signed, and the server's clock in ms."""
        host = self.random.choice(["127.0.0.1:8053", "cmap.internal", "data-cmap.internal:80", "[::1]:8053"])
        body = bytes(self.random.getrandbits(8) for _ in range(self.random.choice([0, 0, 1, 64, 65, 500])))
        if self.often(0.7):
            body = b'{"Name": "n-%d", "CreatorRequestId": "%x"}' % (self.random.getrandbits(20), self.random.getrandbits(64))
        method = self.random.choice(["POST"] * 8 + ["GET", "PUT"])
        target = self.target()
        request = AWSRequest(method=method, url="http://" + host + target, data=body)
        request.headers["Host"] = host
        self.headers(request)
        moment = datetime.datetime(2015, 8, 30) + datetime.timedelta(seconds=self.random.randint(0, 10 ** 9))
        key_id, secret = self.random.choice(self.keys)
        token = "FwoGZXIvYXdz//8=" if self.often(0.2) else None
        botocore.auth.get_current_datetime = lambda: moment
        botocore.auth.datetime = types.SimpleNamespace(datetime=types.SimpleNamespace(
            utcnow=lambda: moment, strptime=datetime.datetime.strptime))  # where botocore is older
        region = self.random.choice(["us-east-1", "eu-central-1", "x", "us-gov-west-1"])
        botocore.auth.SigV4Auth(Credentials(key_id, secret, token), "servicediscovery", region).add_auth(request)
        now = moment.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000 + self.random.randint(-300000, 300000)
        return request, target, body, int(now)

    def write(self, n, out):
        for key in self.keys:
            out.write("K " + " ".join(map(field, key)) + "\n")
        for _ in range(n):
            request, target, body, now = self.request()
            out.write(f"N {now}\nM {field(request.method)}\nT {field(target)}\n")
            for name, value in request.headers.items():
                out.write(f"H {field(name)} {field(value)}\n")
            out.write(f"B {field(body)}\n")


if __name__ == "__main__":
    Signer(int(sys.argv[2]) if len(sys.argv) > 2 else None).write(int(sys.argv[1]), sys.stdout)
