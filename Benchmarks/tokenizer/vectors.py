#!/usr/bin/env python3
"""Writes Tests/WireTests/Tokenizer/*Vectors.swift: short strings with their tokens as tiktoken has them.

Needs tiktoken (0.14 was used), with its rank files in TIKTOKEN_CACHE_DIR or from the network.
"""

import itertools
import json
import pathlib
import random

import tiktoken

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent / "Tests" / "WireTests" / "Tokenizer"

# One sentence or name for each of many scripts.
SCRIPTS = """
The quick brown fox jumps over the lazy dog.
Größe, Äpfel und Füße: straßenweise!
L'été où l'œuvre naïve s'achève… déjà vu
El ñandú comió jalapeños; ¿qué pasó? ¡Olé!
Příliš žluťoučký kůň úpěl ďábelské ódy
Zażółć gęślą jaźń, ŁÓDŹ
Dấu tiếng Việt: Nguyễn Phương Thảo
İstanbul'da ılık ığdır ŞİŞLİ
Þórður ætlar að fá ís
Съешь же ещё этих мягких французских булок
Привіт, Їжачок і Ґудзик!
Љубав Ђорђе Џон
Καλημέρα κόσμε, ΑΒΓ άέή
Բարեւ Ձեզ աշխարհ
გამარჯობა მსოფლიო ᲒᲐᲛ
שלום עולם, שָׁלוֹם
مرحبا بالعالم، كَيْفَ حالُك؟
سلام دنیا — گچپژ ۱۲۳۴
ہیلو دنیا ٹھیک ہے
नमस्ते दुनिया, क्षत्रिय १२३४
হ্যালো বিশ্ব ৫৬৭
ਸਤ ਸ੍ਰੀ ਅਕਾਲ
નમસ્તે વિશ્વ
வணக்கம் உலகம் கௌ
హలో ప్రపంచం
ಹಲೋ ವಿಶ್ವ
ഹലോ ലോകം
හෙලෝ ලෝකය
สวัสดีชาวโลก ภาษาไทย ๑๒๓
ສະບາຍດີໂລກ
မင်္ဂလာပါ ကမ္ဘာလောက
សួស្តី ពិភពលោក
བཀྲ་ཤིས་བདེ་ལེགས།
ሰላም ለዓለም
ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ꮳꮃꭹ
ᐃᓄᒃᑎᑐᑦ
你好，世界！我们在测试分词器。
繁體中文：臺灣的測試，龍龜。
こんにちは世界。カタカナ・ひらがな漢字ー々
ﾊﾝｶｸ ｶﾅ ＡＢＣａｂｃ１２３
안녕하세요 세계 한국어 ㅋㅋㅋ
한글 jamo
ᠮᠣᠩᠭᠣᠯ
ꦗꦮ ᬩᬮᬶ
𐌰𐌱𐌲 𝐀𝐛𝐜 𝔘𝔫𝔦
𠀀𠮷𡈽 𪚥
😀😃🎉 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇯🇵 👍🏽
→ ⇒ ∀x∈ℝ: x² ≥ 0 ∑∏∫√ ½ ⅓ Ⅷ ④
€100 £5 ¥3000 ₿0.1 ₹99
""".strip().split("\n")

PATTERNS = [
    "don't I'll we've they're I'm he'd it's", "DON'T I'LL WE'VE THEY'RE I'M HE'D IT'S", "'s", "'S", "'t x", "'ll", "'lL", "'Re",
    "'ve", "'d", "'m", "'x", "'", "''s", "x'ſ", "'ſa", "ſs ſ'ſ", "it'sabc", "it'lla", "it'r", "it'v", "it'l", "it's's", "o'clock",
    "rock'n'roll", "l'été'd", "’s it’s", "中's", "A's", "ABC's", "1's", "!'s", " 's", "'١", "'\u0301",
    "HelloWorld", "helloWorld", "HTTPServer", "XMLHttpRequest2", "iPhone15ProMax", "ABC", "ABCd", "aB", "AbC", "ÀÉÎ", "ÀÉîo", "éÀ",
    "中文ABC", "中文ABC ", "中文ABCd", "ABC中文", "ABC中文d", "ABC中文D", "中A中A", "A中A", "aあA", "ǅabc", "AǅB", "ʰa", "Aʰ", "ªº", "ªA",
    "e\u0301", "E\u0301", "\u0301", "\u0301A", "\u0301Abc", "\u0301ABC", "\u0301\u0301ABC", "!\u0301", "!!\u0301a", " \u0301", "a\u0301B",
    "A\u0301B", "1\u0301", "\u03011", "\u0301 1", "\u0301's", "\n\u0301", "हिन्दी", "\u0940", "x\u20dd",
    "1", "12", "123", "1234", "12345", "1234567", "3.14159", "1,000,000", "a1b22c333d4444", "0x1F", "１２３４５", "٣٤٥٦", "Ⅷ12½", "1 2 3", "  1", " 12",
    "9" * 25, "-5", "+1-2", "1e10", "2026-11-21T05:30:00Z", "192.168.0.1:8400",
    " ", "  ", "   ", "        ", " a", "  a", "   a", "a ", "a  ", "a   b", "\t", "\ta", "\t\ta", " \ta", "\t a", "a\tb", " \t ", "\n", "\n\n", "\n\n\n", "a\n",
    "a\n\n", "a\nb", "a\n b", "a\n  b", "a \nb", "a  \n  b", "a \n \n b", " \n ", "\n ", "\n  ", "  \n", "  \n  ", "  \n  \n", "\r\n", "\r\n\r\n", "a\r\nb", "a\rb",
    "\r\n a", "\u00a0", "\u00a0a", "a\u00a0b", "\u00a0\u00a0a", "\u00a0 !", " \u00a0!", "\u3000", "\u3000中", "中\u3000\u3000文", "\u2003a", "\u2028", "a\u2028b", "\u2028\n", "\x85", "\x85a",
    "\x0b\x0c", "\x1c\x1d", "\u180e", "\u200b", "\u200ba", "\ufeffa", "a\u200db", " \u200b", "\x00", "\x00\x00", "a\x00b", "\x00\x00\x00", "\x7f", "\x01\x02",
    "!", "!!", "!!!", " !", "  !", "!a", "!!a", " !a", " !!a", ".a.b", "...abc", " ...abc", "!\n", "!\n\n", "!\r\n", "!\n a", " !\n", "! \n", "!/", "!\n/", "!\n//\n/x", "a/b/c",
    "//", "/\n/", "/ /", "http://example.com/a?b=c&d=e#f", "user@example.com", "C:\\dir\\file.txt", "_", "__init__", "snake_case_name", "kebab-case", "--flag=value",
    "$x", "#tag", "@me", "a+b=c", "(a)", "[1]", "{}", "{\"a\":[1,2,{\"b\":null}]}", "```swift\nlet x = 1\n```", "<div class=\"a\">", "</div>", "<|endoftext|>", "<|im_start|>user",
    "<|endofprompt|> <|fim_prefix|>", "\"quoted\"", "\"\"\"", "\\n\\t\\u0041", "if (x > 0) {\n    return;\n}\n", "def f(x):\n\treturn x\n", "#include <stdio.h>\r\n", "a;b;c", "==", "!==", "->",
    "=>", "...", "…", "——", "“”", "«»", "•", "·", "a·b", "�", "\ufffd\ufffe", "\U000e0001", "\U0010ffff", "\ue000", "ﬁ", "ß", "ẞ", "İ", "ı",
    "", "a", "I", "the", " the", "The", "THE", "zyzzyva", " zyzzyva", "tokenizers", " tokenizers", "antidisestablishmentarianism", "Donaudampfschifffahrtsgesellschaft",
    "Llanfairpwllgwyngyll", "aaaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababab", "ZZZZZZZZZZZZ", "=" * 33, "-" * 81, " " * 100, "\t" * 20, "." * 13,
    "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQ=", "dGVzdA==", "5f4dcc3b5aa765d61d8327deb882cf99", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "qzxjkvwpb", "\U0001d7d8\U0001d7d9", "𐐀𐐨", "ﷺ", "㍿", "ⅷ", "㈠",
    "\u0897a", "\u1c89\u1c8a", "\ua7cb\ua7cc", "\U000105c0", "\U00010d40", "\U0001f1e6\u0301", "\u0378", "\ud7fb",
]


def mixed(count):
    """Random strings of a few kinds of character each."""
    random.seed(20)
    pools = ["abcXYZ", "don't'S'Ve'ſ", "0123", " \n\t\u00a0", "中文日本", "\u0301\u0940", "éÀß", "ǅʰª", "😀\u200d🇩", ".,!/-'\"", "هذا\u064b", "½٣", "Жя"]
    return ["".join(random.choices("".join(pair), k=random.randint(3, 9))) for pair in itertools.islice(itertools.cycle(itertools.combinations(pools, 2)), count)]


def write(name, about, strings, encodings):
    lines = []
    for string in dict.fromkeys(strings):
        lines.append("\t".join([json.dumps(string)] + [json.dumps(e.encode_ordinary(string), separators=(",", ":")) for e in encodings]))
    text = f'''/// Written by Benchmarks/tokenizer/vectors.py with tiktoken {tiktoken.__version__}: {about}. Each line is a JSON string, the
/// tokens of o200k_base and those of cl100k_base.
let {name[0].lower() + name[1:]} = #"""
'''
    body = "".join(f"    {line}\n" for line in lines)
    (TESTS / f"{name}.swift").write_text(text + body + '    """#\n')
    print(name, len(lines))


if __name__ == "__main__":
    both = [tiktoken.get_encoding(name) for name in ("o200k_base", "cl100k_base")]
    write("ScriptVectors", "scripts and random mixtures", SCRIPTS + mixed(156), both)
    write("PatternVectors", "every branch of the pre-tokenizers", PATTERNS, both)
