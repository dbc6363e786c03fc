# Starling. `make` alone prints what there is.

SHELL      := bash
.SHELLFLAGS := -eu -o pipefail -c
BIN        := bin
GO         ?= go
PKGS       := ./... ./ops/...
SUBGRAPHS  := tweets users engagement feed node

# Here and in CI the suites over the shared corpora run, and are required.
ifneq ($(wildcard ../shared/data),)
export STARLING_REQUIRE ?= shared
endif

.PHONY: help
help: ## print this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.PHONY: run
run: build ## build and start everything in one process (ARGS="--listen HOST:PORT ...")
	@exec $(BIN)/starling serve $(ARGS)

.PHONY: build
build: ## build bin/starling
	@mkdir -p $(BIN)
	@CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/starling ./cmd/starling

.PHONY: check
check: ## what every commit must pass, in about a minute
	@test -z "$$($(GO) tool gofumpt -l $$(git ls-files '*.go' | grep -v '\.gen\.go$$') | tee /dev/stderr)" || { echo 'run make fmt'; exit 1; }
	$(GO) vet $(PKGS)
	@! $(GO) tool staticcheck $(PKGS) | grep -v '\.gen\.go:'
	$(GO) test -short ./internal/lint ./internal/social/... ./internal/timeline ./subgraphs/... ./workers/... ./schema/... ./router/...

.PHONY: test
test: build ## everything a stranger must see pass; starts Cassandra, RabbitMQ and Redis, and stops them
	GOWORK=off $(GO) build ./...
	$(GO) vet $(PKGS)
	@ops/stack/with.sh $(GO) tool gotestsum --format pkgname -- -p 2 -timeout 20m $(PKGS)

.PHONY: race
race: ## the same tests under the race detector
	@ops/stack/with.sh $(GO) tool gotestsum --format pkgname -- -race -p 2 -timeout 40m $(PKGS)

.PHONY: stack
stack: build ## start Cassandra, RabbitMQ, Redis, and every role on them
	@ops/stack/stack.sh up
	@$(GO) run ./ops/stack/roles up

.PHONY: stack-down
stack-down: ## stop what make stack started
	@$(GO) run ./ops/stack/roles down
	@ops/stack/stack.sh down

.PHONY: jaeger
jaeger: ## build Jaeger once, some minutes; make stack starts it where it is built
	@ops/stack/stack.sh build

.PHONY: oracle
oracle: ## our composer against the reference and two foreign planners (needs Node)
	$(GO) run ./ops/oracle $(or $(ORACLE),all)

.PHONY: audits
audits: build ## the GraphQL-over-HTTP audits on the running product (needs Node)
	@ops/e2e/audits/run.sh $(BIN)/starling

.PHONY: faults
faults: build ## the whole fault matrix: kills, take-overs, servers away (long; ARGS="-seed N")
	$(GO) run ./ops/chaos embedded -starling $(BIN)/starling $(ARGS)
	$(GO) run ./ops/chaos matrix -starling $(BIN)/starling $(ARGS)

.PHONY: bench
bench: build ## the table of figures, each with its command
	$(GO) run ./ops/bench -starling $(BIN)/starling
	$(GO) run ./ops/bench stack -starling $(BIN)/starling
	$(GO) run ./ops/bench router -starling $(BIN)/starling
	@command -v node >/dev/null && $(GO) run ./ops/oracle bench || echo "composition: needs Node, not measured"

.PHONY: generate
generate: ## generate code and documents anew; leaves no difference in git
	@for s in $(SUBGRAPHS); do (cd subgraphs/$$s && $(GO) tool gqlgen generate --config gqlgen.yml); done
	@$(GO) run ./ops/tools/docs

.PHONY: fmt
fmt: ## format
	@$(GO) tool gofumpt -w $$(git ls-files '*.go' | grep -v '\.gen\.go$$')
