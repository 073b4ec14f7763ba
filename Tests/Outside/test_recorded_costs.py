"""Every recorded exchange that has a price, through Tacet: its receipt costs what Python computes on its own."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

import recorded_costs
import replay_check
import tacet_process

PYTHON = os.environ.get("TACET_REPLAY_PYTHON", sys.executable)
SHARED = os.environ.get("TACET_SHARED")
PRICES = pathlib.Path(__file__).resolve().parents[2] / "Prices" / "prices.txt"
#: The book's names of those whose recordings call themselves otherwise.
SHELVES = {"google": "gemini", "azure-openai": "azure", "azure-ai": "azure_ai", "vertex": "vertex_ai"}


def price(book, row):
    """The fields of the recorded model's line: Gemini names it in the path; a date at the end of a name is no other model."""
    name = row["model"] or ""
    if found := re.search(r"models/([^:/]+):", row["path"]):
        name = found[1]
    shelf = SHELVES.get(row["provider"], row["provider"])
    bare = re.sub(r"([-@]\d{8}|-\d{4}-\d\d-\d\d)$", "", name)
    return book.fields.get((shelf, name)) or book.fields.get((shelf, bare))


def reason():
    if not SHARED:
        return "TACET_SHARED does not name the shared data"
    if subprocess.run([PYTHON, "-c", "import aiohttp, orjson"], capture_output=True).returncode != 0:
        return f"{PYTHON} lacks aiohttp or orjson (name another in TACET_REPLAY_PYTHON)"
    return tacet_process.missing()


@unittest.skipIf(reason(), reason())
class RecordedCosts(unittest.TestCase):
    def test_receipts_cost_what_python_computes(self):
        book = recorded_costs.Book(PRICES.read_text())
        rows, contract = [], ["tacet-prices 1 20261121", "source rec https://example.test recordings"]
        for api in replay_check.APIS:
            for row in replay_check.recordings(SHARED, api):
                fields = price(book, row)
                used = recorded_costs.USED[api](row) if fields and row["status"] == 200 else None
                # Refused where it would cost something, or refers to what another installation made (RULES.md 8).
                refused = ("background", "previous_response_id", "conversation")
                if used is None or any((row["request"] or {}).get(name) for name in refused):
                    continue
                rows.append((row, used, fields))
                # The replayed model's name stands for the recording; its price is the recorded model's.
                contract.append(f"price {api} replay-{row['id']} 0 rec {' '.join(fields)}")
        self.assertGreater(len(rows), 1000)
        server = replay_check.Server(PYTHON, SHARED)
        self.addCleanup(server.stop)
        providers = {
            api: f"{{ dialect: {dialect}, base_url: http://127.0.0.1:{server.port}{base}, key: none }}"
            for api, (dialect, base, _) in replay_check.APIS.items()
        }
        tacet = tacet_process.Tacet(providers)
        self.addCleanup(tacet.remove)
        file = pathlib.Path(tacet.folder, "contract.txt")
        file.write_text("\n".join(contract) + "\n")
        tacet.command("prices", "import", str(file))
        tacet.start()
        check = replay_check.Check(tacet, tacet.key()["key"], 8)

        def ask(item):
            row, used, fields = item
            path, body = replay_check.request_of(row)
            name = f"{row['api']}/replay-{row['id']}"
            if row["api"] == "gemini-generate":
                path = path.replace(f"models/replay-{row['id']}", f"models/{name}")
            else:
                body["model"] = name
            answer = check.post(path, body)
            return answer.request_id, f"{answer.status} {answer.code}"

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(ask, rows))
        end = time.monotonic() + 60
        while True:
            receipts = {receipt["id"]: receipt for receipt in tacet.receipts()}
            if all(request in receipts for request, _ in asked) or time.monotonic() > end:
                break
            time.sleep(0.5)
        wrong = []
        for (row, used, fields), (request, status) in zip(rows, asked):
            receipt = receipts.get(request)
            expected = recorded_costs.cost(used, fields)
            if receipt is None or receipt["provider_cost_nano_usd"] != expected:
                found = receipt and (receipt["provider_cost_nano_usd"], receipt["service_level"], receipt["tokens"])
                wrong.append(f"{row['api']} {row['id']} {row['provider']}/{row['model']}: {expected} {used}, found {status} {found}")
        self.assertEqual(wrong[:5], [], f"{len(wrong)} of {len(rows)} differ")
        levels = {used["level"] for _, used, _ in rows}
        self.assertGreater(len(levels), 1)
        print(f"{len(rows)} recorded exchanges cost what Python computes; levels {sorted(levels)}")


if __name__ == "__main__":
    unittest.main()
