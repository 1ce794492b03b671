## examples: what others may start from. Installed beside the manual; the flows below build
## and run them.
doorbelldir = $(docdir)/examples/doorbell
dist_doorbell_DATA = examples/doorbell/README.md examples/doorbell/Makefile examples/doorbell/doorbell.c \
	examples/doorbell/doorbell.h examples/doorbell/station.c examples/doorbell/entrance.gcx \
	examples/doorbell/directory.sql examples/doorbell/gcxvm.conf
firstdir = $(docdir)/examples/first
dist_first_DATA = examples/first/site.gcx examples/first/invoices.gcx examples/first/tests.gcx examples/first/invoices.svg
desktopdir = $(docdir)/examples/desktop
dist_desktop_SCRIPTS = examples/desktop/desktop.sh
ivrdir = $(docdir)/examples/ivr
dist_ivr_SCRIPTS = examples/ivr/ivr.py
SCRIPT_TESTS += tests/flows/example_plugin.sh tests/flows/example_desktop.sh tests/flows/sip_ivr.sh

## A proxy in front of the plugin sip. tests/flows/sip_redirect.sh runs it.
kamailiodir = $(docdir)/examples/kamailio
dist_kamailio_DATA = examples/kamailio/README.md examples/kamailio/kamailio.cfg examples/kamailio/telephones

## The edge between telephones in browsers and the plugin sip. tests/flows/sip_browser.sh runs it.
softphonedir = $(docdir)/examples/softphone
dist_softphone_DATA = examples/softphone/README.md examples/softphone/kamailio.cfg examples/softphone/rtpengine.conf

## A program that brings a CRM's data into the desk. tests/flows/desk_wire.sh runs it.
crmdir = $(docdir)/examples/crm
dist_crm_DATA = examples/crm/customers.csv
dist_crm_SCRIPTS = examples/crm/crm.py

## A program that suggests answers to the desk, by rules. tests/flows/desk_wire.sh runs it.
helperdir = $(docdir)/examples/helper
dist_helper_DATA = examples/helper/rules.txt
dist_helper_SCRIPTS = examples/helper/helper.py

## Linting where others have theirs: pre-commit, GitHub, GitLab. Their commands are run by tests/language/ci.sh, and the
## comment on a request by tests/flows/ci_comment.sh.
cidir = $(docdir)/examples/ci
dist_ci_DATA = examples/ci/github.yml examples/ci/gitlab.yml examples/ci/pre-commit-config.yaml
dist_ci_SCRIPTS = examples/ci/gcx-comment.sh
SCRIPT_TESTS += tests/flows/ci_comment.sh
EXTRA_DIST += .pre-commit-hooks.yaml

## Watching over gcxvm: alert rules with their tests, a scrape configuration, a board. tests/flows/monitoring.sh loads them.
monitoringdir = $(docdir)/examples/monitoring
dist_monitoring_DATA = examples/monitoring/alerts.yml examples/monitoring/alerts_test.yml \
	examples/monitoring/prometheus.yml examples/monitoring/grafana.json
SCRIPT_TESTS += tests/flows/monitoring.sh

## Three machines of PostgreSQL under Patroni, and what watches them. `make check-ha` begins them, and runs the guide's commands.
hadir = $(docdir)/examples/ha
dist_ha_DATA = examples/ha/README.md examples/ha/patroni.yml examples/ha/etcd.env examples/ha/gcxvm.conf \
	examples/ha/follow.conf examples/ha/alerts.yml examples/ha/alerts_test.yml examples/ha/prometheus.yml
dist_ha_SCRIPTS = examples/ha/certificates.sh examples/ha/archive.sh examples/ha/backup.sh examples/ha/restore.sh
.PHONY: check-ha
check-ha: all
	@$(MAKE) $(AM_MAKEFLAGS) $(HELPERS)
	$(AM_TESTS_ENVIRONMENT) $(top_srcdir)/tests/ha/upgrade.sh && $(top_srcdir)/tests/ha/check.sh

## Natives: what tests/language/natives.sh builds and plays.
nativedir = $(docdir)/examples/native
dist_native_DATA = examples/native/README.md examples/native/Makefile examples/native/checks.c \
	examples/native/checks.gcx examples/native/site.gcx

## A configuration to start from, made from the table of its keys, and a directory.
exampledir = $(docdir)/examples
dist_example_DATA = examples/directory.sql
nodist_example_DATA = examples/gcxvm.conf
CLEANFILES += examples/gcxvm.conf
examples/gcxvm.conf: man/tables/fill$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) examples && ./man/tables/fill$(EXEEXT) example >$@.tmp && mv $@.tmp $@
