"""What is kept goes when it was promised to, on a server whose clock is moved."""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

import canary
import outside_case
import scripted_upstream as up
import tacet_process

# Loaded before the C library: the calendar's clock is TEST_CLOCK seconds ahead, those that measure time are not.
CLOCK = """
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static time_t ahead(void) { const char *text = getenv("TEST_CLOCK"); return text ? atol(text) : 0; }
int clock_gettime(clockid_t clock, struct timespec *now) {
  int code = syscall(SYS_clock_gettime, clock, now);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
  return code;
}
int gettimeofday(struct timeval *now, void *zone) {
  struct timespec read;
  clock_gettime(CLOCK_REALTIME, &read);
  now->tv_sec = read.tv_sec;
  now->tv_usec = read.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *out) {
  struct timespec read;
  clock_gettime(CLOCK_REALTIME, &read);
  if (out) *out = read.tv_sec;
  return read.tv_sec;
}
"""
COMPILER = shutil.which("cc") or shutil.which("clang")
YEAR = 365


@unittest.skipUnless(COMPILER, "needs a C compiler")
@unittest.skipIf(tacet_process.missing(), tacet_process.missing())
class Terms(unittest.TestCase):
    eventually = outside_case.OutsideCase.eventually

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tacet-clock-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        pathlib.Path(cls.folder, "clock.c").write_text(CLOCK)
        cls.clock = f"{cls.folder}/clock.so"
        subprocess.run([COMPILER, "-shared", "-fPIC", "-o", cls.clock, f"{cls.folder}/clock.c"], check=True)

    def setUp(self):
        self.upstream = up.ScriptedUpstream()
        self.addCleanup(self.upstream.stop)
        self.upstream.default = up.plain(up.completion("pong", model="m"))

    def installation(self, profile):
        providers = {
            "mock": tacet_process.provider(self.upstream), "own": tacet_process.provider(self.upstream, key="vault")}
        tacet = tacet_process.Tacet(providers, extra=f"profile: {profile}\nswap: allowed")
        self.addCleanup(tacet.remove)
        self.tacet = tacet
        tacet.start()
        self.key = tacet.key("outside-terms")["key"]
        self.expect_answer()

    def expect_answer(self):
        self.assertEqual(self.tacet.post(tacet_process.chat("mock/m"), self.key).status, 200)

    def at(self, days):
        """The same installation so many days after its first."""
        self.assertEqual(self.tacet.stop(), 0)
        self.tacet.environment.update(LD_PRELOAD=self.clock, TEST_CLOCK=str(days * 86_400))
        self.tacet.start()

    def count(self, question):
        ledger = sqlite3.connect(f"file:{self.tacet.data}/ledger.sqlite?mode=ro", uri=True)
        try:
            return ledger.execute(f"SELECT count(*) FROM {question}").fetchone()[0]
        finally:
            ledger.close()

    def is_gone(self, question):
        self.eventually(lambda: self.count(question) == 0, within=30, message=question)

    def stays(self, question):
        """Still there after the job, which works five seconds after the start."""
        self.assertGreater(self.count(question), 0, question)

    def life(self):
        return json.loads(self.tacet.command("rights", "show", "--json").stdout)

    def logs(self):
        return {path.name for path in pathlib.Path(self.tacet.data, "logs").glob("*")}

    def test_receipts_logs_and_sums(self):
        self.installation("aura")
        self.eventually(lambda: self.tacet.receipts())
        first = self.logs()
        self.assertTrue(first)
        self.at(1)
        self.assertTrue(self.tacet.receipts())
        self.at(3)
        self.is_gone("receipts")
        self.is_gone("usage_days WHERE key <> 0")
        self.stays("usage_days")
        self.is_gone("usage_minutes")
        self.tacet.command("receipts", "verify")
        self.at(13)
        self.assertLessEqual(first, self.logs())
        self.at(16)
        self.assertFalse(first & self.logs())
        self.is_gone("request_origins")
        self.at(YEAR - 2)
        self.is_gone("usage_hours")
        self.stays("usage_days")
        self.at(YEAR + 2)
        self.is_gone("usage_days")

    def test_receipts_stay_where_they_were_promised_to(self):
        self.installation("aurex")
        self.eventually(lambda: self.tacet.receipts())
        self.at(10 * YEAR)
        self.is_gone("usage_hours")
        self.assertTrue(self.tacet.receipts())
        self.stays("usage_days")

    def test_a_deletion_from_the_request_to_the_tombstone(self):
        self.installation("aura")
        secret = b"sk-own-secret-of-the-terms-9f3b7c21"
        self.tacet.command("provider-keys", "set", "own", given=secret + b"\n")
        self.stays("vault_provider_keys")
        asked = json.loads(self.tacet.command("rights", "set", "delete", "--json").stdout)
        self.assertEqual((asked["phase"], asked["secrets_gone"], asked["late"]), ("deleted", True, False))
        self.assertEqual(self.count("vault_provider_keys") + self.count("vault_data_keys"), 0)
        self.eventually(lambda: self.tacet.post(tacet_process.chat("mock/m"), self.key).status in (401, 403), within=30)
        self.at(29)
        self.assertEqual(self.life()["phase"], "deleted")
        self.assertEqual(json.loads(self.tacet.command("rights", "set", "restore", "--json").stdout)["phase"], "active")
        self.eventually(lambda: self.tacet.post(tacet_process.chat("mock/m"), self.key).status == 200, within=30)
        self.assertEqual(self.count("vault_provider_keys"), 0, "what was secret does not come back")
        self.tacet.command("rights", "set", "delete")
        self.at(29 + 29)
        self.assertEqual(self.life()["phase"], "deleted")
        self.at(29 + 31)
        self.eventually(lambda: self.life()["phase"] == "purged", within=30)
        self.assertEqual(self.count("gateway_keys") + self.count("receipts"), 0)
        late = self.tacet.command("rights", "set", "restore", check=False)
        self.assertEqual(late.returncode, 1)
        proofs = self.tacet.command("rights", "proofs").stdout
        path = pathlib.Path(self.tacet.folder, "proofs.jsonl")
        path.write_bytes(proofs)
        key = json.loads(proofs.splitlines()[0])["installation_key"]
        self.tacet.command("rights", "verify-proof", str(path), "--key", key, with_config=False)
        search = canary.Search(["outside-terms", secret[8:26].decode()])
        search.folder(self.tacet.data)
        self.assertGreater(search.bytes, 10_000)
        self.assertEqual(search.found, [])
        self.at(29 + 31 + 7 * YEAR)
        self.assertEqual(self.life()["phase"], "purged")
        self.stays("account_lives")
        self.at(29 + 31 + 7 * YEAR + 4)
        self.is_gone("account_lives")
        self.tacet.command("receipts", "verify")
        self.tacet.command("audit-log", "verify")
        self.tacet.command("rights", "verify-proof", str(path), "--key", key, with_config=False)


if __name__ == "__main__":
    unittest.main()
