#!/usr/bin/env python3
"""The audit page in a real browser (AX-1, AX-2): the command line's totals, no request, storage unchanged, every language.

Usage: test_page.py [--time] PAGE BINARY FILE…
`--time` audits all files at once and prints seconds, MiB and memory. PAGE may be an address, such as the console's.
"""
import functools
import gzip
import http.server
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

from browser import Browser

WORDS = [word for word in sys.argv[1:] if not word.startswith("--")]
STORAGE = """
const done = arguments[arguments.length - 1];
(async () => {
  const out = {cookie: '', local: 0, session: 0, databases: 0, caches: 0, workers: 0};
  try { out.cookie = document.cookie; } catch {}
  try { out.local = localStorage.length; out.session = sessionStorage.length; } catch {}
  try { out.databases = (await indexedDB.databases()).length; } catch {}
  try { out.caches = (await caches.keys()).length; } catch {}
  try { out.workers = (await navigator.serviceWorker.getRegistrations()).length; } catch {}
  done(out);
})();
"""
DROP = """
const [name, text] = arguments, transfer = new DataTransfer();
transfer.items.add(new File([text], name));
for (const kind of ['dragover', 'drop']) document.getElementById('drop').dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
"""
CODES = ["en", "de", "fr", "es", "zh", "ja"]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def reference(files):
    answer = subprocess.run([BINARY, "audit", *map(str, files), "--json"], capture_output=True)
    if answer.returncode == 2:
        return ["0", 0]
    report = json.loads(answer.stdout)
    return [report["totals"]["cost_pico_usd"], sum(file["rows"]["parsed"] for file in report["files"])]


class PageCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.keep.name)
        cls.browser = Browser(downloads=cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.keep.cleanup()

    def setUp(self):
        self.browser.open(ADDRESSES[0])
        self.browser.log("browser")

    def totals(self):
        data = self.browser.run("return [document.body.dataset.pico, Number(document.body.dataset.rows)]")
        return data

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class Totals(PageCase):
    def test_every_format_comes_to_the_command_lines_totals_and_nothing_is_asked_for(self):
        for address in ADDRESSES:
            self.browser.open(address)
            self.browser.requests()
            before = self.browser.run_async(STORAGE)
            for chosen in [[file] for file in FILES] + [FILES]:
                with self.subTest(address=address.split(":")[0], files=[file.name for file in chosen][:2]):
                    self.assertEqual(self.browser.choose(chosen), "done")
                    self.assertEqual(self.totals(), reference(chosen))
            self.assertEqual(self.browser.requests(), [])
            self.assertEqual(self.browser.run_async(STORAGE), before)
            self.assertTrue(self.browser.run("return document.getElementById('requests').textContent").startswith("0 "))
            refused = self.browser.run_async(
                "const done = arguments[1]; fetch(arguments[0], {mode: 'no-cors'}).then(() => done(false), () => done(true));",
                ADDRESSES[-1])
            self.assertTrue(refused, "the page's rules let a request through")
            faults = [entry["message"] for entry in self.browser.log("browser")]
            self.assertEqual([fault for fault in faults if "Content Security Policy" not in fault], [])

    def test_it_works_without_a_network(self):
        self.browser.devtools("Network.enable")
        self.browser.devtools("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        try:
            self.assertEqual(self.browser.choose(FILES), "done")
            self.assertEqual(self.totals(), reference(FILES))
        finally:
            self.browser.devtools("Network.disable")

    def test_gzip_and_zip_are_opened(self):
        plain = FILES[0].read_bytes()
        self.write("a.gz", gzip.compress(plain))
        with zipfile.ZipFile(self.folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("deep/one.csv", plain)
            archive.writestr("two.txt", FILES[1].read_bytes(), zipfile.ZIP_STORED)
        self.assertEqual(self.browser.choose([self.folder / "a.gz"]), "done")
        self.assertEqual(self.totals(), reference([FILES[0]]))
        self.assertEqual(self.browser.choose([self.folder / "b.zip"]), "done")
        self.assertEqual(self.totals(), reference(FILES[:2]))
        cut = self.write("cut.gz", gzip.compress(b"date,model,cost\n" + b"2026-05-01,m,1\n" * 90_000)[:900])
        self.browser.choose([cut, FILES[0]])
        self.assertTrue(self.browser.run("return !document.getElementById('problem').hidden"))

    def test_dropped_files_are_read(self):
        self.browser.run("document.body.dataset.state = 'waiting'")
        self.browser.run(DROP, "a.csv", "date,model,cost\n2026-05-01,m,1.25\n")
        self.assertEqual(self.browser.wait(), "done")
        self.assertEqual(self.totals(), ["1250000000000", 1])

    def test_unknown_columns_are_asked_for(self):
        self.browser.choose([self.write("a.csv", "wann,was,kostet\n2026-05-01,m,2.5\n")])
        self.assertTrue(self.browser.run("return !document.getElementById('mapping').hidden"))
        self.browser.run("""
          document.body.dataset.state = 'waiting';
          const meant = {wann: 'time', was: 'model', kostet: 'cost'};
          for (const choice of document.querySelectorAll('select[data-column]')) choice.value = meant[choice.dataset.column];
          document.getElementById('mapform').requestSubmit();""")
        self.assertEqual(self.browser.wait(), "done")
        self.assertEqual(self.totals(), ["2500000000000", 1])
        self.assertTrue(self.browser.run("return document.getElementById('mapping').hidden"))

    def test_first_figures_come_soon_and_reading_can_be_cancelled(self):
        row = b'{"type":"user","message":{"role":"user","content":"' + b"x" * 3900 + b'"}}\n'
        claude = next(file for file in FILES if "claude" in file.name)
        large = self.write("large.jsonl", claude.read_bytes() + row * 60_000)
        self.browser.send([large])
        while self.browser.run("return document.body.dataset.first") is None:
            time.sleep(0.02)
        self.browser.run("document.getElementById('cancel').click()")
        self.assertEqual(self.browser.state(), "cancelled")
        self.assertLess(int(self.browser.run("return document.body.dataset.first")), 1000)
        self.assertEqual(self.browser.choose([FILES[0]]), "done")
        self.assertEqual(self.totals(), reference([FILES[0]]))

    def test_what_is_saved_holds_the_same_sum(self):
        self.browser.choose(FILES)
        wanted = reference(FILES)[0]
        for button in ("0", "1", "2"):
            self.browser.run(f"document.querySelector('button[data-form=\"{button}\"]').click()")
        found = {kind: self.folder / f"audit.{kind}" for kind in ("json", "csv", "html")}
        deadline = time.time() + 30
        while time.time() < deadline and not all(path.exists() for path in found.values()):
            time.sleep(0.05)
        self.assertEqual(json.loads(found["json"].read_text())["totals"]["cost_pico_usd"], wanted)
        last = found["csv"].read_text().strip().splitlines()[-1].split(",")[-1]
        self.assertEqual(last.replace(".", "").lstrip("0"), wanted)
        self.assertIn("<html lang=\"en\">", found["html"].read_text())


class Languages(PageCase):
    def test_every_language_says_everything(self):
        self.browser.choose(FILES)
        leads = set()
        for code in CODES:
            with self.subTest(code=code):
                self.browser.run("""
                  document.body.dataset.state = 'waiting';
                  const select = document.getElementById('language');
                  select.value = arguments[0];
                  select.dispatchEvent(new Event('change'));""", code)
                self.assertEqual(self.browser.wait(), "done")
                page = self.browser.run("return document.querySelector('main').innerText")
                self.assertNotIn("undefined", page)
                self.assertNotRegex(page, r"\{\d|(?:finding|figure|table|skip|days|field)\.[a-z]")
                self.assertEqual(self.browser.run("return document.documentElement.lang"), code)
                self.assertEqual(self.browser.run(
                    "return [...document.querySelectorAll('[data-say]')].filter(e => !e.textContent).length"), 0)
                leads.add(self.browser.run("return document.querySelector('.lead').textContent"))
                # The engine's sentences and the browser's figures are written alike.
                spent = self.browser.run("return document.querySelector('.figures dd').textContent")
                self.assertEqual(
                    self.browser.run("return [usd(1234500000000), date('2026-05-18'), grouped(1234567)]"), ENGINE[code])
                self.assertTrue(spent)
        self.assertEqual(len(leads), len(CODES))


ENGINE = {
    "en": ["$1,234.50", "May 18, 2026", "1,234,567"], "de": ["1.234,50\xa0$", "18.05.2026", "1.234.567"],
    "fr": ["1\u202f234,50\xa0$", "18 mai 2026", "1\u202f234\u202f567"], "es": ["1234,50\xa0$", "18 may 2026", "1.234.567"],
    "zh": ["$1,234.50", "2026年5月18日", "1,234,567"], "ja": ["$1,234.50", "2026/05/18", "1,234,567"],
}


class Access(unittest.TestCase):
    """Axe's rules in both themes and on a phone; nothing is wider than the screen."""

    def test_axe_finds_nothing(self):
        spec = importlib.util.find_spec("axe_core_python")
        if spec is None:
            self.skipTest("axe is not here: pip install axe-core-python")
        axe = next(pathlib.Path(spec.submodule_search_locations[0]).rglob("axe*.js")).read_text()
        for dark, width in ((False, 1100), (True, 1100), (False, 390)):
            browser = Browser(dark=dark, width=width)
            try:
                browser.open(ADDRESSES[0])
                for files in ([], FILES):
                    if files:
                        browser.choose(files)
                        browser.run("for (const more of document.querySelectorAll('details')) more.open = true;")
                    browser.run(axe + ";window.axe = axe;")
                    found = browser.run_async("axe.run(document, {resultTypes: ['violations']}).then(arguments[0])")
                    broken = [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found["violations"]]
                    self.assertEqual(broken, [], f"dark {dark}, width {width}, files {len(files)}")
                    self.assertGreater(len(found["passes"]), 15)
                    wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
                    self.assertLessEqual(wide, 0)
            finally:
                browser.close()


def measure():
    browser = Browser()
    try:
        browser.open(ADDRESSES[0])
        size = sum(file.stat().st_size for file in FILES)
        for _ in range(3):
            before = browser.cpu()
            state = browser.choose(FILES)
            cpu = browser.cpu() - before
            seconds = float(browser.run("return document.body.dataset.seconds"))
            first = browser.run("return document.body.dataset.first")
            memory = int(browser.run("return document.body.dataset.memory || 0")) >> 20
            print(f"{state}: {seconds:.2f} s for {size >> 20} MiB, {seconds * 2**30 / size:.2f} s and {cpu * 2**30 / size:.2f} CPU s per GiB, first figures {first} ms, "
                  f"engine's memory {memory} MiB, {len(browser.requests()) - 1} requests")
        if len(FILES) < 3000:
            got = browser.run("return [document.body.dataset.pico, Number(document.body.dataset.rows)]")
            print("same as the command line" if got == reference(FILES) else f"differs: {got} {reference(FILES)}")
    finally:
        browser.close()


if __name__ == "__main__":
    PAGE, BINARY = WORDS[0], WORDS[1]
    FILES = [pathlib.Path(word).resolve() for word in WORDS[2:]]
    if PAGE.startswith("http"):
        ADDRESSES = [PAGE]
    else:
        home = pathlib.Path(PAGE).resolve()
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(home.parent)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ADDRESSES = [home.as_uri(), f"http://127.0.0.1:{server.server_address[1]}/{home.name}"]
    if "--time" in sys.argv:
        measure()
    else:
        unittest.main(argv=[sys.argv[0]], verbosity=1)
