"""Texts to tokenise: real ones where the machine has them, generated ones of every other kind."""

import base64
import gzip
import json
import os
import pathlib
import random
import sysconfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
POOLS = [
    "abcdefghij XYZ", "don't I'LL we're 'S 'ſ ſs 'Ve", "0123456789 ", "   \n\r\t\u00a0\u3000\u2028", "中文字符測試日本語カタカナひらがな한국어",
    "éàüßÉÀÜ", "\u0301\u0308\u0940\u0bcd", "ǅǈʰˠªº", "😀👨‍👩‍👧🇩🇪", ".,;:!?/\\'\"()[]{}<>", "العربية\u064bهذا", "עברית", "ไทยภาษา", "हिन्दीमें", "ΑΒγδДЖя",
    "½²Ⅷ٣४", "\u200b\u200d\ufeff\0\x01\x7f\x85",
]
RANGES = [(0x20, 0x7F), (0x80, 0x3000), (0x3000, 0xD800), (0xE000, 0x20000), (0, 0xD800), (0xE000, 0x110000)]


def corpus(shared, name):
    lines = (pathlib.Path(shared) / "retrieval" / name / "corpus.jsonl").read_text().splitlines()
    return "\n".join(" ".join(v for v in json.loads(line).values() if isinstance(v, str)) for line in lines)


def english(shared):
    return corpus(shared, "cacm") + corpus(shared, "cranfield")


def code():
    files = sorted(pathlib.Path(sysconfig.get_paths()["stdlib"]).glob("*.py")) + sorted(ROOT.glob("Sources/**/*.swift"))
    return "".join(file.read_text(errors="ignore") for file in files)


def agent_json(shared):
    """Recorded requests and answers, as they were sent."""
    out = []
    with gzip.open(pathlib.Path(shared) / "replay" / "exchanges.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            for value in (row.get("request_body"), row.get("response_body"), row.get("request")):
                if value:
                    out.append(value if isinstance(value, str) else json.dumps(value))
            if sum(map(len, out[-3:])) > 200_000:
                del out[-3:]
    return "\n".join(out)[:6_000_000]


def in_script(words, low, high, count, seed):
    """Sentences of the vocabulary's own words in one script, frequent ones more often."""
    dice = random.Random(seed)
    known = [word for word in words if word and all(low <= ord(letter) <= high or letter == " " for letter in word)]
    weights = [1 / (index + 20) for index in range(len(known))]
    return "".join("".join(dice.choices(known, weights, k=dice.randint(3, 9))) + dice.choice("，。 ،.\n") for _ in range(count))


def kinds(shared, words):
    """Name → text; one long text of each kind."""
    dice = random.Random(7)
    every = {
        "English": english(shared), "code": code(), "agent JSON": agent_json(shared),
        "Chinese": in_script(words, 0x4E00, 0x9FFF, 40_000, 1), "Japanese": in_script(words, 0x3040, 0x30FF, 20_000, 2),
        "Korean": in_script(words, 0xAC00, 0xD7A3, 20_000, 3), "Arabic": in_script(words, 0x600, 0x6FF, 20_000, 4),
        "Cyrillic": in_script(words, 0x400, 0x4FF, 20_000, 5), "Devanagari": in_script(words, 0x900, 0x97F, 20_000, 6),
        "emoji": "".join(dice.choice("😀😃🎉👍🏽👨‍👩‍👧🇩🇪✨🔥 a") for _ in range(100_000)),
        "base64": base64.b64encode(dice.randbytes(750_000)).decode(),
        "a": "a" * 200_000, "spaces": " " * 200_000, "line ends": "\n" * 100_000, "=": "=" * 100_000,
    }
    return every


def short(count, words, seed):
    """Random strings: few kinds of character each, any code points, words."""
    dice = random.Random(seed)
    for _ in range(count):
        length = int(dice.expovariate(1 / 25)) + 1
        kind = dice.random()
        if kind < 0.6:
            pool = "".join(dice.sample(POOLS, dice.randint(1, 4)))
            yield "".join(dice.choices(pool, k=length))
        elif kind < 0.8:
            low, high = dice.choice(RANGES)
            yield "".join(chr(dice.randrange(low, high)) for _ in range(length))
        else:
            yield "".join(dice.choice(words) for _ in range(length))
