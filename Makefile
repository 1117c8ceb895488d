# What a developer runs. Nothing here needs more than Go and make; .ci/run installs the rest it needs.

GO      ?= go
TOOL     = $(GO) tool -modfile=internal/tools/go.mod
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  = -s -w -X main.version=$(VERSION)

# The command that writes the generated pages of docs/; with -check it only says what is out of date.
DOCS    ?= $(GO) run ./internal/docgen
# The benchmark of 20,000 and 200,000 people, and the simulation that runs for SOAK_FOR.
BENCH    ?= $(GO) run ./internal/harness/bench
SOAK_FOR ?= 1h
SOAK     ?= TANDEM_SOAK=$(SOAK_FOR) $(GO) test -count 1 -run Soak -timeout 0 -v ./internal/harness

.DEFAULT_GOAL := build
.PHONY: help demo test race lint fix vuln docs docs-check bench soak build image e2e e2e-live ci

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## a static binary at bin/tandem
	CGO_ENABLED=0 $(GO) build -trimpath -tags timetzdata -ldflags '$(LDFLAGS)' -o bin/tandem ./cmd/tandem

demo: ## two simulated systems, kept in step until Ctrl-C
	$(GO) run ./cmd/tandem demo

test: ## every test; those that lack something say so and are skipped
	$(GO) test ./...

race: ## the race detector on the packages that have goroutines (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -timeout 15m $$($(GO) run ./internal/ci race-packages)

lint: ## vet and golangci-lint; the first run builds the linter, which takes minutes
	$(GO) vet ./...
	$(TOOL) golangci-lint run ./...

fix: ## let the linter mend what it can
	$(TOOL) golangci-lint run --fix ./...

vuln: ## known vulnerabilities in what is called (asks vuln.go.dev)
	$(TOOL) govulncheck ./...

docs: ## write the generated pages
	$(DOCS)

docs-check: ## fail when a generated page is out of date
	$(DOCS) -check

bench: ## calls, time, CPU and memory of a first sync and of a delta
	$(BENCH) -plain
	$(BENCH)
	$(BENCH) -chain
	$(BENCH) -limits
	$(BENCH) -people 200000

soak: ## faults and edits at random for SOAK_FOR
	$(SOAK)

e2e: build ## a whole demo of 500 people, and the story between real servers, which it installs (needs root)
	bin/tandem demo --once --json --people 500 | $(GO) run ./internal/ci demo 500
	bash -c '. .ci/packages && real_servers'
	TANDEM_E2E=servers TANDEM_POSTGRES=$${TANDEM_POSTGRES:-own} $(GO) test -count 1 -timeout 15m ./internal/harness/... ./connectors/...

e2e-live: ## the story with the servers that TANDEM_E2E_<SYSTEM>_URL and its like name (docs/testing.md)
	$(GO) test -count 1 -v -run Live -timeout 60m ./internal/harness/scenario

image: ## the container image
	docker build --build-arg VERSION=$(VERSION) -t tandem:$(VERSION) .

ci: ## what continuous integration runs
	bash .ci/run
