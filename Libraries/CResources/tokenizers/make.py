#!/usr/bin/env python3
"""Makes the tokenizers' data from the public rank files (tiktoken, MIT) and the Unicode character database.

    make.py RANKS…      RANKS: o200k_base.tiktoken[.gz] and cl100k_base.tiktoken[.gz], one `base64 rank` a line
    make.py --classes   classes.bin; needs the package unicodedata2 of version 16.0.0
    make.py --probe     compares classes.bin with what the installed tiktoken matches, code point by code point

NAME.bin (all integers little-endian):
    0   "TBPE", version (1), pattern (0 cl100k, 1 o200k), 2 bytes 0, count of tokens (4 bytes), 4 bytes 0
    16  the 256 single bytes in the order of their ranks 0 to 255
    272 for each rank from 256 on, 36 bits: the ranks of the two tokens it is merged from, 18 bits each, left one low
A rank file says what a token's bytes are; the merges are what byte-pair encoding does with these bytes, using lower ranks
only. The script stops if a token is not made of exactly two such parts or does not encode to itself: the Swift tokenizer
relies on both.

classes.bin: "TCLS", Unicode version (major, minor), 2 bytes 0, then runs over all code points: a varint (7 bits a byte,
low first) of length << 3 | class. Classes: 0 other, 1 Lu Lt, 2 Ll, 3 Lm Lo, 4 M, 5 N, 6 white space, 7 CR LF.
"""

import base64
import gzip
import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
# SHA-256 of the rank files as tiktoken publishes them, and the number of their pre-tokenizer.
KNOWN = {
    "o200k_base": ("446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d", 1),
    "cl100k_base": ("223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7", 0),
}
# White_Space=yes without CR and LF (PropList.txt).
SPACES = {0x09, 0x0B, 0x0C, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
CLASSES = {"Lu": 1, "Lt": 1, "Ll": 2, "Lm": 3, "Lo": 3, "Mn": 4, "Mc": 4, "Me": 4, "Nd": 5, "Nl": 5, "No": 5}
SURROGATES = range(0xD800, 0xE000)


def parts(word, ranks, limit):
    """What byte-pair encoding makes of `word` with the ranks below `limit`."""
    pieces = [word[i:i + 1] for i in range(len(word))]
    while len(pieces) > 1:
        pairs = [(ranks.get(pieces[i] + pieces[i + 1], limit), i) for i in range(len(pieces) - 1)]
        rank, i = min(pairs)
        if rank >= limit:
            break
        pieces[i:i + 2] = [pieces[i] + pieces[i + 1]]
    return [ranks[piece] for piece in pieces]


def vocabulary(path):
    name = path.name.split(".")[0]
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    digest, pattern = KNOWN[name]
    if hashlib.sha256(raw).hexdigest() != digest:
        raise SystemExit(f"{path}: not the published file")
    ranks = {base64.b64decode(word): int(rank) for word, rank in (line.split() for line in raw.splitlines())}
    words = sorted(ranks, key=ranks.get)
    count = len(words)
    if [ranks[word] for word in words] != list(range(count)) or any(len(word) != 1 for word in words[:256]):
        raise SystemExit(f"{name}: ranks have holes, or single bytes do not come first")
    bits = 0
    shift = 0
    out = bytearray(b"TBPE" + bytes([1, pattern, 0, 0]) + count.to_bytes(4, "little") + bytes(4) + b"".join(words[:256]))
    for rank in range(256, count):
        pair = parts(words[rank], ranks, rank)
        if len(pair) != 2 or parts(words[rank], ranks, count) != [rank]:
            raise SystemExit(f"{name}: token {rank} is not merged from two, or does not encode to itself")
        bits |= (pair[0] | pair[1] << 18) << shift
        shift += 36
        while shift >= 8:
            out.append(bits & 255)
            bits >>= 8
            shift -= 8
    if shift > 0:
        out.append(bits)
    (HERE / f"{name}.bin").write_bytes(out)
    print(f"{name}.bin: {count} tokens, {len(out)} bytes")


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return out


def classes():
    import unicodedata2

    if unicodedata2.unidata_version != "16.0.0":
        raise SystemExit("unicodedata2 16.0.0 is needed, as tiktoken 0.14 matches Unicode 16.0")

    def of(code):
        if code in SURROGATES:
            return 0
        if code in (0x0A, 0x0D):
            return 7
        return 6 if code in SPACES else CLASSES.get(unicodedata2.category(chr(code)), 0)

    out = bytearray(b"TCLS" + bytes([16, 0, 0, 0]))
    start, current = 0, of(0)
    for code in range(1, 0x110001):
        value = of(code) if code < 0x110000 else -1
        if value != current:
            out += varint((code - start) << 3 | current)
            start, current = code, value
    (HERE / "classes.bin").write_bytes(out)
    print(f"classes.bin: {len(out)} bytes")


def probe():
    import tiktoken

    mine = []
    data = (HERE / "classes.bin").read_bytes()[8:]
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            mine += [value & 7] * (value >> 3)
            value = shift = 0
    codes = [code for code in range(0x110000) if code not in SURROGATES]
    wrong = 0
    ranks = {bytes([i]): i for i in range(256)}
    patterns = [r"[^\p{L}\p{M}\p{N}\s]", r"[\p{Lu}\p{Lt}]", r"\p{Ll}", r"[\p{Lm}\p{Lo}]", r"\p{M}", r"\p{N}", r"[^\S\r\n]", r"[\r\n]"]
    for number, pattern in enumerate(patterns):
        encoding = tiktoken.Encoding("probe", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        found = set()
        for start in range(0, len(codes), 4096):
            found.update(bytes(encoding.encode_ordinary("".join(map(chr, codes[start:start + 4096])))).decode())
        wrong += sum((mine[code] == number) != (chr(code) in found) for code in codes)
    print(f"{len(codes)} code points, {wrong} differ from tiktoken {tiktoken.__version__}")
    return wrong > 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    if sys.argv[1] == "--classes":
        classes()
    elif sys.argv[1] == "--probe":
        sys.exit(probe())
    else:
        for argument in sys.argv[1:]:
            vocabulary(pathlib.Path(argument))
