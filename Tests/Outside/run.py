#!/usr/bin/env python3
"""Runs the outside tests against a built program: run.py [--binary PATH] [module or module.Class.test …]"""

import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="the program to test; default TACET_BINARY or .build/{release,debug}/tacet")
    parser.add_argument("names", nargs="*", help="what to run; default everything")
    arguments = parser.parse_args()
    if arguments.binary:
        os.environ["TACET_BINARY"] = os.path.abspath(arguments.binary)
    sys.path.insert(0, str(HERE))
    loader = unittest.TestLoader()
    names = arguments.names or sorted(path.stem for path in HERE.glob("test_*.py"))
    suite = loader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    for test, reason in result.skipped:
        print(f"skipped {test}: {reason}", file=sys.stderr)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
