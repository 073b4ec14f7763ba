"""Reads and fills a ledger's tables straight: listing receipts by the program takes longer than a round of load."""

import sqlite3

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def stored(request_id):
    """The 16 bytes of `req_…`."""
    number = 0
    for character in request_id.removeprefix("req_"):
        number = number << 5 | DIGITS.index(character)
    return number.to_bytes(16, "big")


def missing(data, request_ids):
    """Those of the ids that have no receipt."""
    ledger = sqlite3.connect(f"file:{data}/ledger.sqlite?mode=ro", uri=True, timeout=30)
    try:
        find = "select 1 from receipts where id = ?"
        return [each for each in request_ids if ledger.execute(find, (stored(each),)).fetchone() is None]
    finally:
        ledger.close()


def count(data):
    """How many receipts there are."""
    ledger = sqlite3.connect(f"file:{data}/ledger.sqlite?mode=ro", uri=True, timeout=30)
    try:
        return ledger.execute("select count(*) from receipts").fetchone()[0]
    finally:
        ledger.close()


SUMS = (
    "requests", "failed", "input_tokens", "cached_tokens", "output_tokens", "provider_cost", "charge", "saved",
    "microseconds", "saved_compression", "saved_cache", "saved_recovery",
)


def sum_days(ledger):
    """Makes the sums of a day by dimension anew, as the drain keeps them beside the days."""
    ledger.execute("DELETE FROM usage_day_sums")
    sums = ", ".join(f"sum({name})" for name in SUMS)
    for number, column in enumerate(("organisation", "key", "model", "deployment", "category"), 1):
        ledger.execute(
            f"INSERT INTO usage_day_sums SELECT organisation, {number}, {column}, at, {sums} FROM usage_days "
            f"GROUP BY organisation, {column}, at"
        )
