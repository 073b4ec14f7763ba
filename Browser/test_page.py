#!/usr/bin/env python3
"""The audit page in a real browser: the same totals as the command line, no request, storage unchanged (AX-1).

Usage: test_page.py PAGE BINARY FILE…   Needs chromium and chromedriver (Debian: chromium, chromium-driver).
`--time` also prints the seconds and MiB of all files in one audit.
"""
import functools
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.request

PORT = 9517


class Browser:
    """WebDriver over plain HTTP."""

    def __init__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={PORT}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        for _ in range(100):
            try:
                answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                    "browserName": "chrome",
                    "goog:chromeOptions": {"args": arguments},
                    "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
                }}}, session=False)
                break
            except OSError:
                time.sleep(0.1)
        self.session = answer["sessionId"]

    def call(self, method, path, body=None, session=True):
        base = f"http://127.0.0.1:{PORT}" + (f"/session/{self.session}" if session else "")
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.load(reply)["value"]

    def run(self, script):
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def run_async(self, script):
        return self.call("POST", "/execute/async", {"script": script, "args": []})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def requests(self):
        found = []
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return [url for url in found if not url.startswith(("blob:", "data:"))]

    def choose(self, files):
        element = self.call("POST", "/element", {"using": "css selector", "value": "#files"})
        self.run("document.body.dataset.state = 'waiting'")
        self.call("POST", f"/element/{next(iter(element.values()))}/value", {"text": "\n".join(map(str, files))})
        deadline = time.time() + 600
        while time.time() < deadline:
            state = self.run("return document.body.dataset.state")
            if state in ("done", "failed"):
                return state
            time.sleep(0.02)
        return "time"

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()


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


def reference(binary, files):
    answer = subprocess.run([binary, "audit", *map(str, files), "--json"], capture_output=True)
    if answer.returncode == 2:
        return ("0", 0)
    report = json.loads(answer.stdout)
    return (report["totals"]["cost_pico_usd"], sum(file["rows"]["parsed"] for file in report["files"]))


def main():
    words = [word for word in sys.argv[1:] if word != "--time"]
    page, binary = pathlib.Path(words[0]).resolve(), words[1]
    files = [pathlib.Path(word).resolve() for word in words[2:]]
    serve = functools.partial(QuietHandler, directory=str(page.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = [page.as_uri(), f"http://127.0.0.1:{server.server_address[1]}/{page.name}"]
    browser = Browser()
    failures = 0
    try:
        for address in addresses:
            browser.call("POST", "/url", {"url": address})
            browser.requests()
            before = browser.run_async(STORAGE)
            sets = [files] if "--time" in sys.argv else [[file] for file in files] + [files]
            for chosen in sets:
                state = browser.choose(chosen)
                got = browser.run("return [document.body.dataset.pico, Number(document.body.dataset.rows)]")
                wanted = reference(binary, chosen)
                if state != "done" or tuple(got) != wanted:
                    failures += 1
                    print(f"✘ {[file.name for file in chosen][:3]}: {state}, page {got}, command line {wanted}")
            requests, after = browser.requests(), browser.run_async(STORAGE)
            shown = browser.run("return document.getElementById('requests').textContent")
            refused = browser.run_async(
                f"const done = arguments[0]; fetch('http://127.0.0.1:{server.server_address[1]}/', {{mode: 'no-cors'}})"
                ".then(() => done(false), () => done(true));")
            browser.requests()
            if requests or after != before or shown != "0" or not refused:
                failures += 1
                print(f"✘ requests {requests}, shown {shown}, storage {before} {after}, fetch refused {refused}")
            errors = [entry["message"] for entry in browser.log("browser") if "Content Security Policy" not in entry["message"]]
            if errors:
                failures += 1
                print("✘ console:", errors[:3])
            print(f"{address.split(':')[0]}: {len(sets)} audits, {len(requests)} requests")
            if "--time" in sys.argv:
                seconds = float(browser.run("return document.body.dataset.seconds"))
                size = sum(file.stat().st_size for file in files)
                print(f"  {seconds:.2f} s for {size / 1048576:.0f} MiB: {seconds * 1073741824 / size:.2f} s per GiB")
    finally:
        browser.close()
        server.shutdown()
    print("passed" if failures == 0 else f"{failures} failed")
    sys.exit(1 if failures else 0)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    main()
