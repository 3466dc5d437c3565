# The front door. meson and the scripts do the work; `make help` lists the targets.

PREFIX ?= /usr/local
JOBS ?=
export JOBS

.DEFAULT_GOAL := release
.PHONY: help demo release test test-real race soak-real coverage prove figures-sync figures-sim figures-contract figures-audit figures-order figures-promote blind-stalls soak testbed-up testbed-down install format deps clean

release: ## build/release/tiphys, what is installed (the default)
	@scripts/install-deps build
	@scripts/build release

demo: ## a simulated fleet, a revision from test to production, and one that fails
	@scripts/install-deps build
	@scripts/demo

test: ## all tests that need no cluster; installs what they need
	@scripts/install-deps test
	@scripts/run-tests

test-real: ## end to end against the testbed (E2E=folder PYTEST_ARGS=… TIPHYS_BIN=binary)
	@scripts/install-deps test
	@scripts/run-tests real

RACE_DELAY ?= 8
RACE_STAGES ?= 2
RACE_FLAP ?= 0
RACE_TRIES ?= 10
race: ## RollingSync and tiphys on the real Argo CD (RACE_DELAY=8 RACE_STAGES=2 RACE_FLAP=0 RACE_TRIES=10)
	@scripts/install-deps test
	@scripts/build release >&2
	@testbed/testbed up >&2
	@testbed/testbed enter tests/e2e/race.py --delay=$(RACE_DELAY) --stages=$(RACE_STAGES) \
		--flap=$(RACE_FLAP) --tries=$(RACE_TRIES)

soak-real: ## the long part of test-real: the race ten times over, the whole contract
	@scripts/install-deps test
	@PYTEST_ARGS="-m soak" CONTRACT=all scripts/run-tests real

coverage: ## the branches of src/machine that no test takes and none of SEEDS (1000) seeds
	@scripts/install-deps test
	@scripts/build coverage >&2
	@/usr/bin/python3 -B tests/coverage/coverage.py $(SEEDS)

prove: ## the models of the promise, searched to the end, and every mutant of them
	@scripts/install-deps test
	@prove/run

soak: ## many seeds of the world: N=1000000, or N=FROM-TILL
	@scripts/install-deps build
	@scripts/build world >&2
	@build/world/tiphys-world --seeds=$(or $(N),1000000) --jobs=$(or $(JOBS),$$(nproc)) --figures

figures-order: ## what docs/ say of the order: seeds, mutants, rivals, models, coverage, the race
	@scripts/install-deps test
	@scripts/figures-order

figures-sync: ## what README says of speed and size, measured against the testbed
	@scripts/install-deps test
	@scripts/build release >&2
	@testbed/testbed up >&2
	@testbed/testbed enter env TIPHYS_BIN=build/release/tiphys /usr/bin/python3 -B tests/figures/sync.py

figures-audit: ## what README says of tiphys audit order, against the simulator
	@scripts/install-deps figures
	@scripts/build release >&2
	@TIPHYS_BIN=build/release/tiphys /usr/bin/python3 -B tests/figures/audit.py

figures-sim: ## how fast and how big the simulator is with 10,000 Applications
	@scripts/build release >&2
	@/usr/bin/python3 -B tests/figures/sim.py

figures-promote: ## many promotions in one runner, and what they withstand (FULL=1, SEEDS=1000000)
	@scripts/install-deps figures
	@scripts/install-deps test
	@scripts/build release >&2
	@scripts/build test >&2
	@scripts/build world >&2
	@TIPHYS_BIN=build/release/tiphys FULL=$(FULL) SEEDS=$(SEEDS) \
		/usr/bin/python3 -B tests/figures/promote.py

SEED ?= 1
blind-stalls: ## does `tiphys why` name what is the matter? 30 stalls, drawn from SEED (1)
	@scripts/install-deps figures
	@scripts/build release >&2
	@TIPHYS_BIN=build/release/tiphys /usr/bin/python3 -B tests/figures/blind_stalls.py --seed=$(SEED)

figures-contract: ## how many cases the simulator and the real Argo CD have in common
	@scripts/install-deps test
	@scripts/build release >&2
	@testbed/testbed up >&2
	@/usr/bin/python3 -B tests/contract/figures.py

testbed-up: ## a real Kubernetes with Argo CD on this machine
	@testbed/testbed up

testbed-down: ## the end of it, with everything it left
	@testbed/testbed down

install: release ## into PREFIX (/usr/local), below DESTDIR if that is set
	@meson configure build/release -Dprefix=$(PREFIX)
	@meson install -C build/release

format: ## clang-format over all sources
	@find src tests/support $(wildcard argo sim world) -name '*.[ch]' | xargs clang-format-14 -i

deps: ## install the Debian packages that building and testing need
	@scripts/install-deps test

clean: ## remove build/
	@rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
