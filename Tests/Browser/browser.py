"""A real Chromium by WebDriver, over plain HTTP. Needs chromium and chromedriver (Debian: chromium, chromium-driver)."""
import base64
import glob
import json
import os
import socket
import subprocess
import time
import urllib.request


class Browser:
    def __init__(self, language="en", width=1100, dark=False, downloads=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},900",
            f"--lang={language}", f"--accept-lang={language}",
        ]
        self.session = None
        for _ in range(300):
            try:
                self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                    "browserName": "chrome",
                    "goog:chromeOptions": {"args": arguments},
                    "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
                }}}, session=False)["sessionId"]
                break
            except OSError:
                time.sleep(0.1)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[theme])
        if downloads:
            self.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))

    def call(self, method, path, body=None, session=True):
        base = f"http://127.0.0.1:{self.port}" + (f"/session/{self.session}" if session else "")
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.load(reply)["value"]

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def log(self, kind):
        return self.call("POST", "/se/log", {"type": kind})

    def requests(self):
        """Addresses asked for since the last call, those within the page left out."""
        found = []
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return [url for url in found if not url.startswith(("blob:", "data:"))]

    def state(self):
        return self.run("return document.body.dataset.state")

    def wait(self, states=("done", "failed"), seconds=600):
        deadline = time.time() + seconds
        while time.time() < deadline:
            state = self.state()
            if state in states:
                return state
            time.sleep(0.02)
        return "time"

    def send(self, files):
        element = self.call("POST", "/element", {"using": "css selector", "value": "#files"})
        self.run("document.body.dataset.state = 'waiting'")
        self.call("POST", f"/element/{next(iter(element.values()))}/value", {"text": "\n".join(map(str, files))})

    def choose(self, files):
        self.send(files)
        return self.wait()

    def processes(self):
        """The browser's processes, each with the fields of its stat after the name."""
        fields = {}
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as file:
                    fields[int(path.split("/")[2])] = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
        ours = {self.driver.pid}
        while True:
            more = {process for process, found in fields.items() if int(found[1]) in ours} - ours
            if not more:
                return {process: fields[process] for process in ours if process in fields}
            ours |= more

    def cpu(self):
        """CPU seconds of the browser's processes so far."""
        used = sum(int(found[11]) + int(found[12]) for found in self.processes().values())
        return used / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """MiB of memory that the largest of the browser's processes has resident."""
        return max(int(found[21]) for found in self.processes().values()) * os.sysconf("SC_PAGE_SIZE") >> 20

    def picture(self, path, width):
        height = min(6000, self.run("return document.documentElement.scrollHeight"))
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.devtools("Page.captureScreenshot", format="png")["data"]))
        self.devtools("Emulation.clearDeviceMetricsOverride")

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
