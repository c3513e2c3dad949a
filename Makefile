# Every daily act is a target; its "##" text is its help.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo init up doctor status certificates logs ps backup restore upgrade test test-compose test-fleet check bench generate pki pki-list pki-revoke pki-rotate pki-lock pki-unlock flash update clean
export DEVICE AUTHORITY BOARD FIRMWARE BROKER SERVICE FILE IDENTITY FORCE VERSION YES JSON

# npm's scripts run with the Node that package.json names, whatever the machine has.
npm := npm --prefix services --loglevel=error
node := services/node_modules/.bin/node
packages := services/node_modules/.package-lock.json
dashboard := services/dashboard/dist/index.html
# What sconce-board is built with, and the firmware's tests.
board_needs := g++ pkg-config jsmn.h mosquitto.h openssl/ssl.h bearssl.h
firmware_needs := $(board_needs) doctest/doctest.h
emulated_needs := xtensa-lx106-elf-g++ /usr/lib/xtensa-lx106-elf/picolibc.specs qemu-system-xtensa

# What make init was told on a server: $(call told,DOMAIN)
told = $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null)

help: ## Print this
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(packages) $(dashboard) ## Start the whole of Sconce on this machine, with a simulated board; with BOARD=cpp, the firmware's; Ctrl-C stops it
	@services/acceptance/need mosquitto openssl $(if $(filter cpp,$(BOARD)),$(board_needs))
	@$(if $(filter cpp,$(BOARD)),$(MAKE) --silent --no-print-directory -C firmware -j2 board)
	@exec $(node) services/acceptance/src/demo/main.ts

init: ## Prepare this server: asks what it must know, writes settings and secrets, makes certificates, looks at the machine
	@services/deploy/init

up: ## Start everything on this server, or bring it to what the files say; waits until all is well
	@docker compose up --detach --build --wait --remove-orphans

doctor: ## Look at the whole chain from both ends and say what is wrong, why, and what to do; for one board with DEVICE="Hall lamp board"; JSON=yes for programs
	@services/doctor/examine

status: ## Say on one screen how the server does: what runs, certificates, boards, backups, disk
	@services/deploy/status || [ $$? -eq 1 ]

certificates: ## Try again now to get the web's certificates, for who has just mended what the log of acme names
	@docker compose exec -T acme /sconce/nginx/acme/once && echo 'Each name has its certificate.'

logs: ## Show what the server's containers say, and go on; of one alone with SERVICE=api
	@docker compose logs --tail 200 --timestamps $$([ ! -t 1 ] || echo --follow) $$SERVICE

ps: ## List the server's containers
	@docker compose ps --all

backup: ## Take a backup now, one encrypted file in backups/; each night it happens by itself
	@services/deploy/backup

restore: ## Bring Sconce back from a backup: FILE=backups/sconce-….tar.age; with IDENTITY=file, or it asks; FORCE=yes over what is here
	@services/deploy/restore

upgrade: ## Bring the server to the newest version, or to VERSION=tag; goes back by itself if that does not come up
	@services/deploy/upgrade

test: $(packages) $(dashboard) ## Check and test everything, with the real broker, databases and browser
	@services/acceptance/need age aiosmtpd mosquitto nginx certbot pebble openssl initdb chromium faketime $(firmware_needs) $(emulated_needs)
	@$(npm) run --silent check
	@$(MAKE) --silent --no-print-directory -C firmware -j2 test board codec
	@$(npm) run --silent tests

test-compose: $(packages) ## Try the whole server with a Docker engine, from a fresh clone: certificates, a tap, crashes, backups, upgrades; takes half an hour
	@services/acceptance/need age mosquitto openssl pebble
	@$(npm) run --silent tests -- --timeout=3600 --jobs=1 --bail 'acceptance/engine/*.test.ts'

test-fleet: $(packages) ## Renew the certificates of fifty boards over generations, and change their root; takes five minutes
	@services/acceptance/need mosquitto openssl
	@FLEET=50 $(npm) run --silent tests -- --timeout=900 --jobs=1 acceptance/test/renewal.test.ts acceptance/test/rotation.test.ts

check: $(packages) ## Types, lint, generated files: what takes seconds
	@$(npm) run --silent check

bench: $(packages) $(dashboard) ## Measure how fast a press of the hand remote shows on another screen; takes a quarter of an hour
	@services/acceptance/need mosquitto openssl chromium
	@$(node) services/acceptance/tools/bench-remote.ts

generate: $(packages) ## Write the firmware's protocol header anew from services/protocol
	@$(npm) run --silent generate

# On a server, boards look for it by its name.
pki: export BROKER_HOST := $(or $(BROKER_HOST),$(call told,DOMAIN))
pki: export BROKER_PORT := $(or $(BROKER_PORT),$(call told,DEVICES_PORT))
# On a server, how long things last stands in .env.
$(foreach of,ROOT ISSUING BOARD SERVICE CRL,$(eval pki pki-revoke pki-rotate: export PKI_$(of)_LIFETIME := $$(or $$(PKI_$(of)_LIFETIME),$$(call told,PKI_$(of)_LIFETIME))))
pki: ## Make the household's certificates; with DEVICE="Hall lamp board", mint one for a board
	@$(if $(DEVICE),pki/mint "$$DEVICE",pki/init)

pki-list: ## List all certificates and lists of revoked ones, and when they end
	@pki/list

pki-revoke: ## Keep a board out for good, its live connection included: DEVICE="Hall lamp board"
	@pki/revoke "$$DEVICE"

pki-rotate: ## Change the authority of boards, or of the services with AUTHORITY=services: does the next step, or says what it waits for
	@pki/rotate $$AUTHORITY

pki-lock: ## Encrypt the key of the root of the boards' authority, so that it can be carried away
	@pki/lock-root

pki-unlock: ## Decrypt that key, to revoke what the root itself has signed
	@pki/unlock-root

flash: ## Put a minted board onto its chip: DEVICE="Hall lamp board" PORT=/dev/ttyUSB0, and WIFI="network" PINS="relay 5" if you like
	@firmware/flash "$$DEVICE"

update: $(packages) ## Put new firmware onto a board over the air: DEVICE="Hall lamp board" FIRMWARE=path/to/firmware.bin
	@$(node) services/updater/src/main.ts

clean: ## Remove what was built and the demo's state; never pki/store
	@rm -rf services/node_modules services/.tap services/dashboard/dist firmware/.build .demo

$(packages): services/package.json services/package-lock.json $(wildcard services/*/package.json)
	@echo "Installing npm packages …"
	@cd services && npm ci --loglevel=error
	@touch $@

$(dashboard): $(packages) $(shell find services/dashboard services/protocol/src -type f -not -path '*/dist/*' -not -path '*/test/*')
	@echo "Building the dashboard …"
	@$(npm) run --silent build -- --logLevel warn
	@touch $@
