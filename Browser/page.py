#!/usr/bin/env python3
"""Puts the audit page together: one file that works from disk and from a server. Called by build.sh."""
import base64
import hashlib
import pathlib
import sys

root, out = map(pathlib.Path, sys.argv[1:3])
source = root / "Browser"


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


style = (source / "page.css").read_text()
script = "'use strict';\n" + "".join((source / name).read_text() for name in ("language.js", "view.js", "page.js"))
worker = (source / "worker.js").read_text()
prices = (root / "Prices/prices.txt").read_text()
languages = {code: (source / f"Languages/{code}.txt").read_text() for code in ("en", "de", "fr", "es", "zh", "ja")}
for part in (style, script, worker, prices, *languages.values()):
    assert "</script" not in part.lower() and "</style" not in part.lower()
policy = (
    f"default-src 'none'; script-src {digest(script)} 'wasm-unsafe-eval'; style-src {digest(style)}; worker-src blob:; "
    "connect-src 'none'; form-action 'none'; base-uri 'none'"
)
parts = {
    "@CSP@": policy,
    "@STYLE@": style,
    "@WASM@": base64.b64encode((out / "audit.wasm").read_bytes()).decode(),
    "@PRICES@": prices,
    "@WORKER@": worker,
    "@LANGUAGES@": "\n".join(
        f'<script type="text/plain" data-language="{code}">{text}</script>' for code, text in languages.items()
    ),
    "@SCRIPT@": script,
}
page = (source / "page.html").read_text()
for mark, part in parts.items():
    page = page.replace(mark, part, 1)
target = out / "audit.html"
changed = not target.exists() or target.read_text() != page
target.write_text(page)
(out / "audit.policy").write_text(policy + "\n")
if changed and out.resolve() == (root / ".build/wasm").resolve():
    # The program embeds the page: its build must see that there is another one.
    (root / "Libraries/CResources/AuditPage.c").touch()
print(f"{out / 'audit.html'}: {len(page.encode())} bytes")
