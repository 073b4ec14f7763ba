"""Finds marked words in what a process wrote: plain, encoded, and inside compressed frames.

Every mark of a run begins with the same random word, so that one search by form finds them all. What cannot be looked
into is called `not checked`, never clean.
"""

import base64
import os
import pathlib
import re
import secrets
import zlib


class Marks:
    """The marked words of one run. `secrets_` are words that cannot hold the mark (keys the program made)."""

    def __init__(self):
        self.word = "zq" + secrets.token_hex(7)
        self.made = []
        self.secrets_ = []

    def mark(self, kind):
        """A new marked word, letters and digits only."""
        text = f"{self.word}{kind}{secrets.token_hex(4)}"
        self.made.append(text)
        return text

    def secret(self, text):
        """A secret to be searched by its middle, which holds no fixed prefix."""
        self.secrets_.append(text)
        return text

    @property
    def needles(self):
        return [self.word] + [text[len(text) // 4 : len(text) // 4 + 18] for text in self.secrets_]


def forms(needle):
    """Every written form of a word that is searched: {name: bytes}."""
    plain = needle.encode()
    out = {
        "plain": plain,
        "upper": needle.upper().encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "utf-16-le": needle.encode("utf-16-le"),
        "utf-16-be": needle.encode("utf-16-be"),
        "utf-32-le": needle.encode("utf-32-le"),
        "json-escaped": "".join(f"\\u{ord(letter):04x}" for letter in needle).encode(),
        "JSON-ESCAPED": "".join(f"\\u{ord(letter):04X}" for letter in needle).encode(),
        "percent": "".join(f"%{ord(letter):02x}" for letter in needle).encode(),
        "PERCENT": "".join(f"%{ord(letter):02X}" for letter in needle).encode(),
        "byte-list": ", ".join(str(byte) for byte in plain).encode(),
        "reversed": plain[::-1],
    }
    for offset in range(3):
        # The groups of four that hold only bytes of the word, whatever stands around it.
        padded = base64.b64encode(b"\0" * offset + plain)
        inner = padded[4 if offset else 0 : (offset + len(plain)) // 3 * 4]
        out[f"base64+{offset}"] = inner
        out[f"base64url+{offset}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return out


GZIP = re.compile(rb"\x1f\x8b\x08")
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
ZSTD = b"\x28\xb5\x2f\xfd"
INFLATED_LIMIT = 16 << 20


class Search:
    """Searches bytes and remembers what was found and what could not be looked into."""

    def __init__(self, needles):
        self.patterns = [(name, pattern) for needle in needles for name, pattern in forms(needle).items()]
        self.found = []
        self.not_checked = []
        self.bytes = 0
        self.places = 0

    def data(self, data, place, depth=0):
        self.bytes += len(data)
        self.places += 1
        for name, pattern in self.patterns:
            at = data.find(pattern)
            if at >= 0:
                self.found.append((place, name, at, bytes(data[max(0, at - 40) : at + 60])))
        if depth < 3:
            for kind, expression, bits in (("gzip", GZIP, 31), ("zlib", ZLIB, 15)):
                for match in expression.finditer(data):
                    inflated = inflate(data, match.start(), bits)
                    if len(inflated) >= 12:
                        self.data(inflated, f"{place}!{kind}@{match.start()}", depth + 1)
            if ZSTD in data:
                self.not_checked.append(f"{place}: a zstd frame")

    def file(self, path):
        try:
            self.data(pathlib.Path(path).read_bytes(), str(path))
        except OSError as error:
            self.not_checked.append(f"{path}: {error.strerror}")

    def folder(self, folder, leave_out=()):
        for root, folders, files in os.walk(folder):
            for name in [*folders, *files]:
                # Names are written by the process too.
                self.data(name.encode("utf-8", "surrogateescape"), f"name of {root}/{name}", depth=3)
            for name in files:
                path = os.path.join(root, name)
                if path in leave_out or not os.path.isfile(path) or os.path.islink(path):
                    continue
                self.file(path)


def inflate(data, at, bits):
    try:
        return zlib.decompressobj(bits).decompress(data[at : at + INFLATED_LIMIT], INFLATED_LIMIT)
    except zlib.error:
        return b""
