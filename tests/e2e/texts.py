# SPDX-License-Identifier: MIT
"""
texts.py -- hostile strings, and JSON that spells them in all its ways, for hostile.py.

A Json is octets and the value that they have; it is not readable if no reader of JSON may take it, or cmapd says
that it does not: U+0000, half a surrogate pair, octets that are no UTF-8, control characters as they are, and numbers
beyond 64 bits.
"""

import collections
import json

Json = collections.namedtuple("Json", "value octets readable")

# Each is one unit of a length.
CHARACTERS = (
    "a", "Z", "0", "9", "-", "_", ".", "*", "/", ":", "@", "+", "=", " ", "\t", "\n", "\r", "\x01", "\x1b", "\x7f", "\"",
    "'", "\\", "%", "{", "}", "[", "]", "<", ">", "&", ";", "(", ")", "$", "#", "?", ",", "|", "~", "!", "^", "`",
    "\x80", "\u00a0", "\u00fc", "\u0130", "\u017f", "\u0301", "\u07ff", "\u0800", "\u200f", "\u2028", "\u202e", "\u212a", "\u6f22", "\ud7ff", "\ue000",
    "\ufeff", "\ufffd", "\uffff", "\U00010000", "\U0001f600", "\U0010ffff")
PIECES = CHARACTERS + (
    "'; DROP TABLE instance;--", "\" OR \"\"=\"", "' UNION SELECT 1--", "\\046", "\\000", "\\u0041", "%s%n", "%00", "${HOME}",
    "$(id)", "{\"__type\":\"x\"}", "]}", "<script>alert(1)</script>", "&amp;", "-->", "..", "../..", "/etc/passwd", "arn:",
    "arn:aws:servicediscovery:us-east-1:000000000000:namespace/", "CMAP_", "AWS_", "AWS_INSTANCE_IPV4", "aws:", "AWS:",
    "xn--", "_http._tcp", "127.0.0.1", "::1", "007", "1e999", "NaN", "null", "true", "$ORIGIN", "\\[b1/1]", "\r\n\r\n",
    "\x1b[31m", "www", "example.com", "a.", ".b", "mail", "UPPER", "x" * 63, "y" * 64, "KEY VALUE\n", "k\tv\n")
UNREADABLE = ("\0", "\ud800", "\udfff", "\ud83d")  # as text; they are spelled as escapes
SPOILS = (b"\0", b"\x01", b"\n", b"\x1f", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff",
          b"\\x", b"\\u12g", b"\"")
OTHERS = (b"null", b"true", b"12", b"-0", b"1.5", b"1e2", b"{}", b"[]", b"[\"a\"]", b"{\"a\":\"b\"}", b"[null]")
NO_NUMBERS = (b"1e999", b"-1e999", b"9223372036854775808", b"-9223372036854775809", b"9" * 400, b"01", b"+1", b".5", b"1.",
              b"0x10", b"NaN", b"Infinity", b"-", b"True", b"nul", b"'a'")


class Texts:
    """Makes them at random."""

    def __init__(self, random):
        self.random = random

    def pick(self, choices):
        return self.random.choice(choices)

    def is_rarely(self, percent):
        return self.random.random() * 100 < percent

    # ---- texts ----

    def text(self, most):
        """Mostly short; now and then just below, at or over the limit."""
        if self.is_rarely(8):
            return self.long(most + self.random.randrange(-1, 2))
        if self.is_rarely(1):
            return self.long(self.pick((4096, 20000)))
        return "".join(self.pick(PIECES) for _ in range(self.random.randrange(5)))

    def long(self, length):
        kinds = [self.pick(CHARACTERS) for _ in range(self.random.randrange(1, 4))]
        return "".join(self.pick(kinds) for _ in range(length))

    def label(self, alphabet, most=63):
        length = self.pick((1, 1, 2, 3, 8, most - 1, most)) if not self.is_rarely(4) else most + 1
        return "".join(self.pick(alphabet) for _ in range(length))

    def name(self, alphabet, most, labels=4):
        """Like a domain name of characters of the alphabet; some have the most labels, or the most characters."""
        if self.is_rarely(3):
            return ".".join(self.pick(alphabet) for _ in range(most // 2 + self.random.randrange(2)))
        if self.is_rarely(5):
            name = self.label(alphabet, 63)
            while len(name) < most + 1:
                name += "." + self.label(alphabet, 63)
            return name[:most + self.random.randrange(-1, 2)]
        name = ".".join(self.label(alphabet, 9 if self.is_rarely(80) else 63)
                        for _ in range(self.random.randrange(1, labels)))
        return self.pick(("", ".", "*.", "_")) + name if self.is_rarely(10) else name + "." * self.is_rarely(5)

    # ---- JSON ----

    def spell(self, text, spoilt=False):
        """A string; the same text in one of its many forms."""
        parts = []
        ways = self.pick((0, 0, 0, 1, 2))  # of characters that may stand as they are: never, half of them, or all, escaped
        for char in text:
            if char in "\"\\" or char < " " or "\ud800" <= char <= "\udfff":
                short = json.dumps(char)[1:-1].encode()
                parts.append(short if self.is_rarely(50) else b"\\u%04X" % ord(char))
            elif ways == 2 or (ways == 1 and self.is_rarely(50)):
                units = char.encode("utf-16-be")
                parts += [b"\\u%02x%02X" % (units[i], units[i + 1]) for i in range(0, len(units), 2)]
            else:
                parts.append(b"\\/" if char == "/" and self.is_rarely(30) else char.encode())
        if spoilt:
            parts.insert(self.random.randrange(len(parts) + 1), self.pick(SPOILS))
        return Json(text, b"\"" + b"".join(parts) + b"\"", not spoilt)

    def string(self, text):
        """The text, or now and then what cannot be read, or is no string."""
        if self.is_rarely(1):
            return self.spell(text, spoilt=True)
        if self.is_rarely(1):
            text += self.pick(UNREADABLE)
            return self.spell(text)._replace(readable=False)
        if self.is_rarely(1):
            octets = self.pick(OTHERS)
            return Json(json.loads(octets), octets, True)
        if self.is_rarely(0.5):
            return Json(None, self.pick(NO_NUMBERS), False)
        return self.spell(text)

    def array(self, items):
        return Json([item.value for item in items], b"[" + b",".join(item.octets for item in items) + b"]",
                    all(item.readable for item in items))

    def object(self, pairs):
        """Of keys that are there twice the last counts; pairs of a text or a Json, and a Json."""
        pairs = [(key if isinstance(key, Json) else self.spell(key), item) for key, item in pairs]
        space = self.pick((b"", b"", b" ", b"\r\n\t"))
        members = [key.octets + space + b":" + space + item.octets for key, item in pairs]
        return Json({key.value: item.value for key, item in pairs}, b"{" + (b"," + space).join(members) + b"}",
                    all(key.readable and item.readable for key, item in pairs))
