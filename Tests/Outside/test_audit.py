"""`tacet audit` and the console's page: what a person gets who drops files."""

import csv
import gzip
import io
import json
import os
import pathlib
import pty
import random
import re
import select
import subprocess
import tempfile
import time
import unittest
import zipfile
from decimal import Decimal

import http_client
import tacet_process
from outside_case import OutsideCase

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/Browser/Fixtures"
PICO = 10**12


def audit(*arguments, code=0, stdin=None, language="C", cores=None):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run(
        [tacet_process.binary(), "audit", *map(str, arguments)], input=stdin, capture_output=True, timeout=60,
        env=environment | {"LANG": language}, preexec_fn=cores and (lambda: os.sched_setaffinity(0, cores)),
    )
    assert done.returncode == code, (done.returncode, done.stdout[-500:], done.stderr[-500:])
    return done


def report(*arguments, **more):
    return json.loads(audit(*arguments, "--json", **more).stdout)


def pico(result):
    return int(result["totals"]["cost_pico_usd"])


def rows(result):
    return sum(file["rows"]["parsed"] for file in result["files"])


class InFolder(unittest.TestCase):
    def setUp(self):
        self.keep = tempfile.TemporaryDirectory()
        self.addCleanup(self.keep.cleanup)
        self.folder = pathlib.Path(self.keep.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class Forms(InFolder):
    TABLE = "date,model,api_key,project,cost\n2026-05-01,gpt-4o,k1,p1,1.25\n2026-05-02,gpt-4o,k2,p1,2.5\n"

    def test_the_terminal_shows_figures_findings_and_bars(self):
        text = audit(self.write("a.csv", self.TABLE)).stdout.decode()
        self.assertRegex(text, r"Spent +\$3\.75  May 1, 2026 to May 2, 2026\. \$3\.75 as billed\.")
        self.assertLess(text.index("Bill against list prices"), text.index("Repeated requests"))
        self.assertRegex(text, r"gpt-4o +\$3\.75 .*█")
        self.assertIn("Made on this machine.", text)

    def test_the_terminal_speaks_the_environments_language(self):
        path = self.write("a.csv", self.TABLE)
        said = {"de_DE.UTF-8": "Ausgegeben", "fr_FR.UTF-8": "Dépensé", "es_ES": "Gastado", "zh_CN.UTF-8": "花费", "ja_JP": "支出"}
        texts = {code: audit(path, language=code).stdout.decode() for code in said}
        for code, word in said.items():
            with self.subTest(code=code):
                self.assertIn(word, texts[code])
                self.assertNotRegex(texts[code], r"\{\d|(?:finding|figure|table|skip|by)\.[a-z]")
                self.assertNotIn("Findings", texts[code])
                self.assertIn(f'<html lang="{code[:2]}">', self.page(path, code))
        self.assertRegex(texts["de_DE.UTF-8"], r"gpt-4o +3,75\xa0\$")
        self.assertEqual(audit(path, "--json", language="de_DE.UTF-8").stdout, audit(path, "--json").stdout)

    def page(self, path, language):
        audit(path, "--html", self.folder / "page.html", language=language)
        return (self.folder / "page.html").read_text()

    def test_by_chooses_the_table(self):
        path = self.write("a.csv", self.TABLE)
        for by, first in {"model": "gpt-4o", "key": "k2", "project": "p1", "day": "2026-05-01", "tier": "standard"}.items():
            with self.subTest(by=by):
                text = audit(path, "--by", by).stdout.decode()
                table = text[text.index({"tier": "By class of service"}.get(by, f"By {by}")):].splitlines()
                self.assertTrue(table[2].strip().startswith(first), table)
        refused = audit(path, "--by", "colour", code=2).stderr.decode()
        self.assertIn("colour", refused)

    def test_by_hour_needs_times(self):
        path = self.write("a.csv", "timestamp,model,cost\n2026-05-01T07:10:00Z,m,1\n2026-05-02T07:50:00Z,m,2\n")
        hours = report(path)["by"]["hour"]
        self.assertEqual([(hour["name"], hour["cost_nano_usd"]) for hour in hours], [("07", 3 * 10**9)])

    def test_since_takes_a_day_or_a_duration(self):
        path = self.write("a.csv", self.TABLE)
        self.assertEqual(pico(report(path, "--since", "2026-05-02")), 25 * PICO // 10)
        self.assertEqual(pico(report(path, "--since", "876000h")), 375 * PICO // 100)
        audit(path, "--since", "2126-01-01", code=2)
        self.assertIn("soon", audit(path, "--since", "soon", code=2).stderr.decode())

    def test_csv_and_html_hold_the_same_sum(self):
        path, page = self.write("a.csv", self.TABLE), self.folder / "report.html"
        lines = list(csv.reader(io.StringIO(audit(path, "--csv", "--html", page).stdout.decode())))
        self.assertEqual(lines[0][0], "dimension")
        self.assertEqual(lines[-1][-1], "3.750000000000")
        by_model = [line for line in lines if line[0] == "model"]
        self.assertEqual(sum(Decimal(line[-1]) for line in by_model), Decimal("3.75"))
        html = page.read_text()
        self.assertIn("$3.75", html)
        self.assertIn("default-src 'none'", html)
        self.assertNotRegex(html, r"<script|https?://")

    def test_json_and_csv_exclude_each_other(self):
        self.assertIn("exclude", audit(self.write("a.csv", self.TABLE), "--json", "--csv", code=2).stderr.decode())

    def test_nothing_readable_is_exit_code_2(self):
        for name, content in {"a.bin": b"\0\1\2" * 400, "b.csv": b"", "c.csv": b"wann,was\n1,2\n", "d.json": b"{}"}.items():
            with self.subTest(name=name):
                said = audit(self.write(name, content), code=2).stderr.decode()
                self.assertIn("Nothing in there could be read as usage", said)
        self.assertIn("wann", audit(self.folder / "c.csv", code=2).stderr.decode())
        self.assertIn("nowhere", audit(self.folder / "nowhere", code=2).stderr.decode())

    def test_columns_are_told(self):
        path = self.write("a.csv", "wann,was,rein,raus\n2026-05-01,gpt-4o,1000,10\n")
        told = [word for pair in ("wann=time", "was=model", "rein=input", "raus=output") for word in ("--map", pair)]
        self.assertEqual(rows(report(path, *told)), 1)
        self.assertIn("wann", audit(path, "--map", "wann", code=2).stderr.decode())
        self.assertIn("colour", audit(path, "--map", "wann=colour", code=2).stderr.decode())

    def test_a_terminal_sees_progress(self):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [tacet_process.binary(), "audit", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs
        ) as process:
            os.close(theirs)
            process.stdin.write(b"date,model,cost\n")
            # It tells after a second, so rows are sent until it does.
            said, end = b"", time.monotonic() + 30
            while b"rows" not in said and time.monotonic() < end:
                process.stdin.write(b"2026-05-01,m,1\n" * 20_000)
                process.stdin.flush()
                if select.select([ours], [], [], 0.05)[0]:
                    said += os.read(ours, 4096)
            process.stdin.close()
            while select.select([ours], [], [], 5)[0]:
                try:
                    os.read(ours, 4096)
                except OSError:
                    break
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        self.assertRegex(said, rb"\d+ rows  \d+ MiB/s")


class Settings(OutsideCase):
    """What a finding tells to write into tacet.yaml is taken by the program."""

    def test_lines_are_accepted(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = "".join(
                f"2026-05-01T10:{minute:02d}:00Z,gpt-4o,100,20,0.01,t1\n2026-05-01T10:{minute:02d}:01Z,m{minute},100,20,0.01,t1\n"
                for minute in range(50)
            )
            path = pathlib.Path(folder, "a.csv")
            path.write_text("timestamp,model,input_tokens,output_tokens,cost,trace\n" + rows)
            more = pathlib.Path(folder, "b.csv")
            more.write_text("timestamp,model,api_key,cost\n2026-02-01T10:00:00Z,claude-sonnet-4-5,k,1\n" + "".join(
                f"2026-05-{day:02d}T10:00:00Z,gpt-4o,k,{40 if day == 28 else 1 + day % 2}\n" for day in range(1, 30)))
            again = pathlib.Path(folder, "c.csv")
            again.write_text("timestamp,model,input_tokens,output_tokens,cost,prompt\n" + "".join(
                f"2026-05-01T10:00:{second:02d}Z,gpt-4o,4000,100,1,the same prompt\n" for second in range(20)))
            found = report(path)["findings"] + report(more)["findings"] + report(again)["findings"]
            lines = {finding["setting"] for finding in found if "setting" in finding}
            self.assertGreaterEqual({line.split(":")[0] for line in lines}, {"models", "alerts", "decisions"})
            for line in lines:
                config = pathlib.Path(folder, "tacet.yaml")
                config.write_text(
                    "profile: auxen\nproviders:\n" + "".join(
                        f"  {name}: {{ dialect: {dialect}, base_url: https://{name}.example, key: none }}\n"
                        for name, dialect in (("openai", "openai"), ("anthropic", "anthropic"), ("gemini", "gemini"))
                    ) + line + "\n")
                done = subprocess.run(
                    [tacet_process.binary(), "config", "check", "--config", str(config)], capture_output=True)
                self.assertEqual(done.returncode, 0, (line, done.stdout, done.stderr))


class Containers(InFolder):
    def setUp(self):
        super().setUp()
        self.one = (FIXTURES / "openai_cost_csv.csv").read_bytes()
        self.two = (FIXTURES / "claude_code.jsonl").read_bytes()
        self.wanted = pico(report(self.write("1.csv", self.one))) + pico(report(self.write("2.jsonl", self.two)))
        (self.folder / "1.csv").unlink()
        (self.folder / "2.jsonl").unlink()

    def test_folders_gzip_zip_and_standard_input(self):
        self.write("deep/er/1.csv", self.one)
        self.write("deep/2.jsonl.gz", gzip.compress(self.two[:700]) + gzip.compress(self.two[700:]))
        self.write("deep/notes.txt", "shopping list")
        self.assertEqual(pico(report(self.folder)), self.wanted)
        with zipfile.ZipFile(self.folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/1.csv", self.one)
            archive.writestr("2.jsonl", self.two, zipfile.ZIP_STORED)
        self.assertEqual(pico(report(self.folder / "all.zip")), self.wanted)
        result = report("-", stdin=self.one)
        self.assertEqual(result["files"][0]["format"], "openai_cost_csv")

    def test_a_period_in_two_files_counts_once(self):
        first, second = self.write("a.csv", self.one), self.write("b.csv", self.one)
        result = report(first, second)
        self.assertEqual(pico(result), pico(report(first)))
        self.assertEqual(result["files"][1]["skipped"][0]["reason"], "repeated_in_other_file")

    def test_the_report_is_the_same_on_one_core_and_on_two(self):
        claude = self.two.decode()
        for number in range(12):
            filler = '{"type":"user","sessionId":"s","uuid":"u","text":"' + "x" * 900 + '"}\n'
            lines = claude.replace("msg_", f"msg_{number}_") + filler * (9000 if number == 4 else 40 * number)
            path = f"{number:02d}.jsonl"
            self.write(path + (".gz" if number % 3 == 2 else ""), gzip.compress(lines.encode()) if number % 3 == 2 else lines)
        cores = sorted(os.sched_getaffinity(0))
        one, two = (audit(self.folder, "--json", cores=some).stdout for some in (cores[:1], cores))
        self.assertEqual(one, two)
        self.assertGreaterEqual(rows(json.loads(one)), 12)

    def test_a_damaged_gzip_is_read_as_far_as_it_goes(self):
        whole = gzip.compress(b"date,model,cost\n" + b"2026-05-01,m,1\n" * 100_000)
        self.assertGreater(rows(report(self.write("a.csv.gz", whole[: len(whole) // 2]))), 100)


class Differential(InFolder):
    """Random files, read by Python's csv and json and by ours: the same rows, the same sum to the last digit."""

    ROUNDS = int(os.environ.get("TACET_ROUNDS", "25"))

    def amount(self, draw):
        value = Decimal(draw.randrange(0, 10 ** draw.randrange(1, 12))).scaleb(-draw.randrange(0, 13))
        return value, draw.choice([f"{value:f}", f"{value:f}", f"{value:E}"])

    def test_tables(self):
        for round in range(self.ROUNDS):
            draw = random.Random(round)
            delimiter, end = draw.choice(",;\t|"), draw.choice(["\n", "\r\n"])
            out = io.StringIO()
            writer = csv.writer(
                out, delimiter=delimiter, lineterminator=end, quoting=draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
            )
            names = ["timestamp", "model", "cost", "note", "api_key"]
            draw.shuffle(names)
            writer.writerow(names)
            for _ in range(draw.randrange(1, 200)):
                note = "".join(draw.choice(['"', ",", ";", "\n", "\r\n", "ü", "x", " ", "|", "\t"]) for _ in range(draw.randrange(9)))
                cells = {
                    "timestamp": f"2026-0{draw.randrange(1, 9)}-1{draw.randrange(9)}T0{draw.randrange(9)}:00:00Z",
                    "model": draw.choice(["gpt-4o", "m, n", 'x"y']), "cost": f"{self.amount(draw)[0]:f}",
                    "note": note, "api_key": draw.choice(["", "a", "b"]),
                }
                writer.writerow([cells[name] for name in names])
            text = draw.choice(["", "\ufeff"]) + out.getvalue()
            path = self.write(f"{round}.csv", text)
            with open(path, encoding="utf-8-sig", newline="") as file:
                read = list(csv.DictReader(file, delimiter=delimiter))
            with self.subTest(round=round):
                result = report(path)
                self.assertEqual(rows(result), len(read), result["files"])
                self.assertEqual(pico(result), int(sum(Decimal(row["cost"]) for row in read) * PICO))
                for model in {row["model"] for row in read}:
                    wanted = sum(Decimal(row["cost"]) for row in read if row["model"] == model) * PICO
                    got = [group for group in result["by"]["model"] if group["name"] == model]
                    self.assertEqual(int(got[0]["cost_pico_usd"]), int(wanted))

    def test_documents(self):
        for round in range(self.ROUNDS):
            draw = random.Random(1000 + round)
            lines = []
            for _ in range(draw.randrange(1, 200)):
                value, written = self.amount(draw)
                junk = draw.choice([None, True, [1, {"cost": 9}], {"model": "inner", "deep": [[]]}, "\\\"}{][", "\u2028é\U0001f642"])
                row = {"timestamp": "2026-05-01T00:00:00Z", "model": "gpt-4o", "extra": junk, "cost": "@"}
                items = list(row.items())
                draw.shuffle(items)
                line = json.dumps(dict(items), ensure_ascii=draw.random() < 0.5, indent=None)
                lines.append((line.replace('"@"', draw.choice([written, f'"{value:f}"'])), value))
            form = draw.choice(["lines", "list", "envelope"])
            joined = [line for line, _ in lines]
            text = {
                "lines": "\n".join(joined) + draw.choice(["", "\n"]),
                "list": "[" + ",\n ".join(joined) + "]",
                "envelope": '{"object":"list","data":[' + ", ".join(joined) + '],"has_more":false}',
            }[form]
            if form != "lines":
                json.loads(text)
            with self.subTest(round=round, form=form):
                result = report(self.write(f"{round}.json", text))
                self.assertEqual(rows(result), len(lines), result["files"])
                self.assertEqual(pico(result), int(sum(value for _, value in lines) * PICO))


class Page(OutsideCase):
    """The console carries the page and lets it connect to nothing."""

    def test_the_page_needs_no_account_and_may_not_connect(self):
        with http_client.Connection(self.tacet.console, timeout=10) as connection:
            connection.send(http_client.request("GET", "/audit", [("Host", "example.com")]))
            answer = connection.read()
        if answer.status == 404:
            self.assertIn(b"make", answer.body)
            self.skipTest("the page was not built before the program: make audit-page")
        self.assertEqual(answer.status, 200)
        policy = dict(part.split(" ", 1) for part in answer.header("content-security-policy").split("; "))
        self.assertEqual(policy["connect-src"], "'none'")
        self.assertEqual(policy["default-src"], "'none'")
        self.assertNotIn("unsafe-inline", str(policy))
        self.assertIsNone(answer.header("set-cookie"))
        self.assertEqual(answer.header("cache-control"), "no-store")
        page = answer.body.decode()
        self.assertIn(answer.header("content-security-policy").split("; frame-ancestors")[0], page)
        self.assertIsNone(re.search(r"""(src|href)=["']?https?:""", page))
        self.assertNotRegex(page, r"localStorage|sessionStorage|indexedDB|document\.cookie")


if __name__ == "__main__":
    unittest.main()
