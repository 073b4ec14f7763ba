"""Reads the ids of the receipts straight from a ledger: listing them by the program takes longer than a round of load."""

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
