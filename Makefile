# Every target does its own set-up. `make chaos` and `make test` are the two that matter.
STEP := Fixtures/setup/step
RELEASE := .build/release
RUNTIME ?= auto
EXPERIMENTS ?= $(filter-out %/calm.yaml,$(wildcard Fixtures/experiments/*.yaml))
# Executables and tests share one compilation, optimised: scenarios measure, and a generator that is not optimised takes
# the processor from what it measures. The executables have the Swift runtime in them (Package.swift says how), so that
# the same ones run on this machine and inside bare containers.
BUILD := SEAWORTHY_STATIC_RUNTIME=1 swift build -c release -Xswiftc -enable-testing

.PHONY: chaos run-experiments test deps build release properties bench lint format docs up down clean help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

# make ends with 2 whatever fails, and `chaos` says 1 for broken and 2 for unknown. In question mode make runs only the
# lines marked +, and ends with 1 when a goal is not up to date: so a broken contract leaves the goal `held` unmade.
# Other codes (3, 64, 70) end as make's 2, with the true one in its last line.
ifneq ($(filter chaos,$(MAKECMDGOALS)),)
MAKEFLAGS += --question
endif
HELD := .build/held

chaos: run-experiments $(HELD) ## break every dependency of a real fleet once: 0 held, 1 broken, 2 unknown

run-experiments: deps release
	+@rm -f $(HELD); $(RELEASE)/chaos run --runtime $(RUNTIME) $(EXPERIMENTS); code=$$?; \
	case $$code in 0) touch $(HELD);; 1) ;; *) exit $$code;; esac

$(HELD):
	@false

test: deps ## everything: units, properties, scenarios on a real fleet
	@$(STEP) "build tests and executables (release)" env $(BUILD) --build-tests
	@Fixtures/setup/test

deps: ## install what is missing (Debian, Ubuntu, macOS)
	+@$(STEP) "install what is missing" Fixtures/setup/deps

build: deps ## debug build
	@$(STEP) "build" swift build

release: deps ## optimised executables with the Swift runtime linked in
	+@$(STEP) "build chaos and marketplace (release)" env $(BUILD)

properties: deps ## the property tests alone
	@$(STEP) "build tests and executables (release)" env $(BUILD) --build-tests
	@swift test -c release --skip-build --filter '^Properties\.'

bench: deps ## benchmarks: figures and ratios against the field's own tools
	@$(STEP) "build benchmarks (release)" env $(BUILD) --product Benchmarks
	@$(RELEASE)/Benchmarks

lint: ## the formatter's lint, as CI runs it
	@swift format lint --strict --recursive Package.swift Sources Tests

format: ## rewrite the sources in the house's format
	@swift format --in-place --recursive Package.swift Sources Tests

up: deps release ## start a fleet and keep it
	@$(RELEASE)/chaos up --runtime $(RUNTIME)

down: ## end every fleet of this user
	@$(RELEASE)/chaos down --all

clean: ## remove what was built (not the evidence in store/)
	@rm -rf .build
