# Every target runs on a fresh Debian 12 with Swift 6.2 or later; scripts/bootstrap installs the rest.
# Debug and release share one scratch path. Build and test take the same flags: other flags would plan and compile anew.
CHECK   = --explicit-target-dependency-import-check error
# Swift's run-time check of exclusive access takes a sixth of the instructions of a request. Every test runs with it.
RELEASE = -c release --static-swift-stdlib --product tacet -Xswiftc -enforce-exclusivity=unchecked $(CHECK)
BINARY  = .build/release/tacet
SERVED  = .build/tacet
OUTSIDE = Tests/Outside
SOURCES = Package.swift Sources Tests
BROWSER = set -e; for part in interface console people passkeys visits defences looks; do \
	python3 Tests/Browser/test_$$part.py .build/debug/tacet; done
# The audit page, which the console carries.
PAGE    = .build/wasm/audit.html
PARTS   = $(shell find Sources/Vocabulary Sources/Metering Sources/AuditEngine Browser -type f) \
          Prices/prices.txt

.PHONY: audit-page audit-page-test demo run test unit simulate overspend kill fuzz outside canary browser-test soak crash replay bench bench-open bench-decisions bench-money bench-streams bench-wire bench-tokenizer conformance eval lint format check release debug bootstrap

## The two commands.

demo: release                 ## build in release and start the demonstration
	$(SERVED) demo

test: bootstrap $(PAGE)       ## everything that can be tested on this machine
	swift build --build-tests $(CHECK)
	swift test --skip-build $(CHECK)
	python3 $(OUTSIDE)/run.py --binary .build/debug/tacet
	$(BROWSER)

## The parts.

run: release                  ## tacet serve, with tacet.yaml or the environment
	$(SERVED) serve

release: $(PAGE)
	@scripts/bootstrap --build
	swift build $(RELEASE)
	strip -o $(SERVED) $(BINARY)

debug: $(PAGE)
	swift build $(CHECK)

unit: $(PAGE)
	swift test $(CHECK)

simulate:                     ## ledger and leases under 10,000 seeds of simulated time and faults; TACET_SEED replays one
	TACET_SEEDS=$${TACET_SEEDS:-10000} TACET_POSTINGS=1000000 TACET_SLOW=1 swift test $(CHECK) --filter '(Ledger(Simulation|SimulationOfLeases|Book|Crash)|Lease)Tests'

overspend: debug              ## 1,000 requests and streams against a wallet that affords ten, 100 times (TACET_SEEDS); 4 servers on one ledger
	TACET_SEEDS=$${TACET_SEEDS:-100} python3 $(OUTSIDE)/run.py --binary .build/debug/tacet \
	  test_money.Wallet.test_many_at_once_never_pass_the_wallet test_money.Nodes

kill: debug                   ## kill -9 between hold and settlement, 1,000 times (TACET_ROUNDS), and every sum after it
	TACET_ROUNDS=$${TACET_ROUNDS:-1000} python3 $(OUTSIDE)/run.py --binary .build/debug/tacet test_money.Crash

fuzz:                         ## hostile bytes against every reader; FUZZ_SECONDS, TACET_SEED replays one run
	TACET_FUZZ_SECONDS=$${FUZZ_SECONDS:-60} swift test $(CHECK) --filter FuzzTests

outside: debug                ## the tests that see the program only from outside
	python3 $(OUTSIDE)/run.py --binary .build/debug/tacet

canary: debug                 ## marked traffic, then a search of every byte written
	python3 $(OUTSIDE)/run.py --binary .build/debug/tacet test_canary

soak: release                 ## ten minutes of traffic with aborts, cuts and faults; SOAK_SECONDS for hours
	python3 $(OUTSIDE)/soak.py --binary $(SERVED) --seconds $${SOAK_SECONDS:-600}

crash: release                ## kill -9 under load, 200 rounds; CRASH_ROUNDS for more
	python3 $(OUTSIDE)/crash.py --binary $(SERVED) --rounds $${CRASH_ROUNDS:-200}

replay: release               ## recorded providers; needs TACET_SHARED
	python3 $(OUTSIDE)/replay_check.py --binary $(SERVED)

bench: release                ## beside nginx and HAProxy; writes Benchmarks/README.md
	python3 Benchmarks/run.py --binary $(SERVED)

bench-open: release           ## open loop at fixed rates, features off and on, beside nginx, HAProxy and LiteLLM; writes Benchmarks/README.md
	python3 Benchmarks/matrix.py --binary $(SERVED)

eval: release                 ## classifier and compression on public data; needs TACET_SHARED
	python3 Benchmarks/decisions/evaluate.py --binary $(SERVED) --data "$$TACET_SHARED"

bench-money: release          ## a request's money: purse, durable ledger, pages over a year; needs strace for the system calls
	swift build $(subst --product tacet,--product MoneyBench,$(RELEASE))
	python3 Benchmarks/money/run.py .build/release/MoneyBench $(SERVED) --write

bench-decisions: release      ## microseconds of the classifier and of a cache hit
	swift build $(subst --product tacet,--product DecisionBench,$(RELEASE))
	.build/release/DecisionBench

bench-streams: release        ## memory of 10,000 open streams
	python3 Benchmarks/streams.py --binary $(SERVED)

bench-wire:                   ## the JSON scan over an agent's body of 1 MB; fails below 2 GB/s
	python3 Benchmarks/wire/scan.py --at-least 2

bench-tokenizer:              ## beside tiktoken, token for token and in speed; needs tiktoken and TACET_SHARED
	$${TACET_TIKTOKEN_PYTHON:-python3} Benchmarks/tokenizer/compare.py

conformance: debug            ## the official clients, Claude Code and Codex against Tacet; needs TACET_SHARED and an index
	python3 Tests/Conformance/run.py --binary .build/debug/tacet

audit-page: $(PAGE)           ## the audit as one file, .build/wasm/audit.html

$(PAGE): $(PARTS)
	@scripts/bootstrap --build
	Browser/build.sh

audit-page-test: debug   ## the page in Chromium: the command line's totals, no request; needs chromium-driver
	python3 Tests/Browser/test_page.py .build/wasm/audit.html .build/debug/tacet Tests/Browser/Fixtures/*

browser-test: debug           ## the console in Chromium: from the set-up link to a live request; needs chromium-driver
	$(BROWSER)

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

check: lint test

bootstrap:
	@scripts/bootstrap
