# The commands of this repository. `make run` and `make test` install what they need first.
.DEFAULT_GOAL := help
INSTALLED := node_modules/.package-lock.json
# Node 24 comes with the packages on Linux (x64, arm64) and Windows (x64); elsewhere the one on PATH is used.
NODE := PATH="$(CURDIR)/node_modules/.bin:$$PATH" node

# An install for serving alone (`npm ci --omit=dev`) leaves the same file behind, but not what make needs.
ifeq ($(wildcard node_modules/esbuild),)
.PHONY: $(INSTALLED)
endif

.PHONY: help run test check fix build bench bench-quick node-24

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/' | expand -t 18

run: $(INSTALLED) node-24 ## Install, then serve on 127.0.0.1:8000 with the token dev-token and sample workspaces
	@$(NODE) scripts/dev.ts

test: $(INSTALLED) node-24 check build ## Install, then everything CI runs: check, build, all tests
	@npm run --silent test

check: $(INSTALLED) ## Format, lint, types, dead code
	@npm run --silent check

fix: $(INSTALLED) ## Format and apply the lint fixes that are safe
	@npm run --silent fix

build: $(INSTALLED) ## Bundle the client and the proxy into dist/
	@npm run --silent build

bench: $(INSTALLED) node-24 build ## Measure everything against its baseline into bench/RESULTS.md; ROW="name …" measures these rows only
	@$(NODE) bench/main.ts $(if $(BEAM),--beam "$(BEAM)") $(ROW)

bench-quick: $(INSTALLED) node-24 build ## The same with less data, in three minutes, to the screen; ROW="name …" as above
	@$(NODE) bench/main.ts --quick $(if $(BEAM),--beam "$(BEAM)") $(ROW)

node-24: $(INSTALLED)
	@$(NODE) -e 'if (parseInt(process.versions.node) < 24) { console.error("Node 24 or later is needed; this is " + process.version); process.exit(1); }'

$(INSTALLED): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $(INSTALLED)
