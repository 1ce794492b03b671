## runtime/daemon: gcxvm, the daemon. Its rooms, from below, as tests/checks/arrows.def has them.
## The reader of gcxvm.conf alone needs neither libpq nor libevent: gcxc links it, too.
## libprotocol.la: what it shares with gcxctl and gcxdb.
noinst_LTLIBRARIES += libprotocol.la libconf.la libdaemon.la
libprotocol_la_FILES = runtime/daemon/protocol/commands.c runtime/daemon/protocol/commands.def runtime/daemon/protocol/commands.h \
	runtime/daemon/protocol/roles.c runtime/daemon/protocol/roles.h runtime/daemon/protocol/socket.c \
	runtime/daemon/protocol/socket.h runtime/daemon/protocol/words.c \
	runtime/daemon/protocol/words.def runtime/daemon/protocol/words.h
libprotocol_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libconf_la_FILES = runtime/daemon/base/log.c runtime/daemon/base/log.h \
	runtime/daemon/site/conf.c runtime/daemon/site/conf.def runtime/daemon/site/conf.h \
	runtime/daemon/site/conf_parse.h runtime/daemon/site/conf_take.c runtime/daemon/site/freeze.c runtime/daemon/site/freeze.h
libconf_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libconf_la_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS)
libconf_la_LIBADD = libprotocol.la $(CONFUSE_LIBS)
libdaemon_la_FILES = \
	runtime/daemon/base/histogram.c runtime/daemon/base/histogram.h \
	runtime/daemon/base/notify.c runtime/daemon/base/notify.h \
	runtime/daemon/site/activations.c runtime/daemon/site/activations.h \
	runtime/daemon/site/databases.c runtime/daemon/site/databases.h \
	runtime/daemon/site/programs.c runtime/daemon/site/programs.h \
	runtime/daemon/directory/difference.c runtime/daemon/directory/difference.h \
	runtime/daemon/directory/directory.def runtime/daemon/directory/hand.c runtime/daemon/directory/hand.h \
	runtime/daemon/directory/import.c runtime/daemon/directory/import_value.c runtime/daemon/directory/import_table.c runtime/daemon/directory/import.h runtime/daemon/directory/import_check.c \
	runtime/daemon/directory/import_check.h runtime/daemon/directory/import_csv.c runtime/daemon/directory/import_events.c \
	runtime/daemon/directory/import_access.c runtime/daemon/directory/import_groups.c runtime/daemon/directory/import_postgres.c \
	runtime/daemon/directory/import_rows.c runtime/daemon/directory/import_sheets.c \
	runtime/daemon/directory/import_source.c runtime/daemon/directory/import_sql.c \
	runtime/daemon/directory/import_sql.h runtime/daemon/directory/import_state.h \
	runtime/daemon/directory/import_tables.c runtime/daemon/directory/kept.c runtime/daemon/directory/kept.h \
	runtime/daemon/directory/listening.c runtime/daemon/directory/postgres.h \
	runtime/daemon/directory/schedule_lines.c runtime/daemon/directory/schedule_lines.h \
	runtime/daemon/engine/engine.c runtime/daemon/engine/engine.h runtime/daemon/engine/eventlog.c \
	runtime/daemon/engine/eventlog.h runtime/daemon/engine/frames.h runtime/daemon/engine/handover.c \
	runtime/daemon/engine/handover.h runtime/daemon/engine/queries.c runtime/daemon/engine/queries.h \
	runtime/daemon/reload/reload.c runtime/daemon/reload/reload.h runtime/daemon/reload/reload_activate.c \
	runtime/daemon/reload/reload_adapters.c runtime/daemon/reload/reload_adapters.def \
	runtime/daemon/reload/reload_literals.c runtime/daemon/reload/reload_names.c runtime/daemon/reload/reload_read.c runtime/daemon/reload/reload_rollout.c runtime/daemon/reload/reload_site.c runtime/daemon/reload/reload_state.h \
	runtime/daemon/check/check.c runtime/daemon/check/check_say.c runtime/daemon/check/check.h runtime/daemon/check/check_contract.c runtime/daemon/check/check_files.c \
	runtime/daemon/check/check_plugins.c runtime/daemon/check/check_sources.c runtime/daemon/check/check_stores.c runtime/daemon/check/check_state.h \
	runtime/daemon/links/children.c runtime/daemon/links/children.h runtime/daemon/links/guard.c \
	runtime/daemon/links/guard.h runtime/daemon/links/intake.c runtime/daemon/links/intake.h \
	runtime/daemon/links/link_connection.c runtime/daemon/links/link_allowance.c runtime/daemon/links/link_names.c runtime/daemon/links/link_removed.c runtime/daemon/links/links.c \
	runtime/daemon/links/links.h runtime/daemon/links/links_state.h runtime/daemon/links/remote.c \
	runtime/daemon/links/remote.h \
	runtime/daemon/service/cuts.c runtime/daemon/service/cuts.h \
	runtime/daemon/service/daemon.h runtime/daemon/service/drain.c runtime/daemon/service/drain.h \
	runtime/daemon/service/adapter_files.c runtime/daemon/service/adapter_files.h runtime/daemon/service/exits.def runtime/daemon/service/state_folder.c runtime/daemon/service/state_folder.def runtime/daemon/service/state_folder.h runtime/daemon/service/lead.c runtime/daemon/service/lead.h runtime/daemon/service/load.c runtime/daemon/service/load.h \
	runtime/daemon/service/profiling.c runtime/daemon/service/profiling.h runtime/daemon/service/rollout_curves.c runtime/daemon/service/rollout_curves.h runtime/daemon/service/rollout_watch.c runtime/daemon/service/rollout_watch.h \
	runtime/daemon/watch/health.c runtime/daemon/watch/health.h runtime/daemon/watch/http.c \
	runtime/daemon/watch/http.h runtime/daemon/watch/metrics.c runtime/daemon/watch/metrics.def \
	runtime/daemon/watch/metrics.h runtime/daemon/watch/pulse.c runtime/daemon/watch/pulse.h \
	runtime/daemon/watch/trace.c runtime/daemon/watch/trace.h runtime/daemon/watch/traces.c \
	runtime/daemon/watch/traces.h \
	runtime/daemon/admin/admin.c runtime/daemon/admin/admin.h runtime/daemon/admin/admin_acts.c \
	runtime/daemon/admin/admin_acts.h runtime/daemon/admin/admin_assign.c runtime/daemon/admin/admin_campaign.c runtime/daemon/admin/admin_post.c runtime/daemon/admin/admin_debug.c runtime/daemon/admin/admin_freeze.c runtime/daemon/admin/admin_hands.c runtime/daemon/admin/admin_may.c runtime/daemon/admin/admin_may.h runtime/daemon/admin/admin_holiday.c runtime/daemon/admin/admin_profile.c runtime/daemon/admin/admin_retire.c runtime/daemon/admin/admin_seen.c runtime/daemon/admin/admin_seen.h runtime/daemon/admin/admin_rollout.c runtime/daemon/admin/rollout_ask.c runtime/daemon/admin/rollout_ask.h runtime/daemon/admin/rollout_plan.c runtime/daemon/admin/rollout_plan.h runtime/daemon/admin/admin_set.c runtime/daemon/admin/admin_set.h \
	runtime/daemon/admin/reads.c runtime/daemon/admin/reads.h \
	runtime/daemon/admin/reads_campaign.c runtime/daemon/admin/reads_directory.c runtime/daemon/admin/reads_journal.c runtime/daemon/admin/reads_json.c runtime/daemon/admin/reads_json.h runtime/daemon/admin/reads_one.c runtime/daemon/admin/reads_profile.c runtime/daemon/admin/reads_shadow.c \
	runtime/daemon/admin/reads_rows.c runtime/daemon/admin/reads_settings.c runtime/daemon/admin/reads_why.c \
	runtime/daemon/admin/reads_rollout.c runtime/daemon/admin/reads_version.c \
	runtime/daemon/admin/reads_site.c runtime/daemon/admin/settings.h \
	runtime/daemon/assigned.c runtime/daemon/assigned.h runtime/daemon/backup.c runtime/daemon/backup.h runtime/daemon/hear.c runtime/daemon/hear.h runtime/daemon/keeping.c runtime/daemon/keeping.h runtime/daemon/keeping_copy.c runtime/daemon/keeping_move.c \
	runtime/daemon/keeping_cut.c runtime/daemon/keeping_verify.c runtime/daemon/keeping_work.h \
	runtime/daemon/erasing.h runtime/daemon/erasing.c runtime/daemon/erasing_places.h runtime/daemon/erasing_places.c runtime/daemon/past.c runtime/daemon/past.h runtime/daemon/reconcile.c runtime/daemon/reconcile.h runtime/daemon/run.c runtime/daemon/run.h runtime/daemon/upgrade.c runtime/daemon/upgrade.h
libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libdaemon_la_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
libdaemon_la_LIBADD = libconf.la $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)

## Libraries of the rooms below the adapters, and libraries of others that these need: tests that use a part link with all.
ROOM_LIBS = $(DAEMON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)
DAEMON_LIBS = libdaemon.la libdomains.la libsql.la libnatives.la libsources.la libplace.la libjournal.la libhost.la libcore.la libadapter.la libnet.la libvocabulary.la libvm.la libbase.la

UNIT_TESTS += tests/unit/daemon_conf tests/unit/daemon_guard tests/unit/daemon_import tests/unit/daemon_log \
	tests/unit/daemon_handover
tests_unit_daemon_conf_SOURCES = tests/unit/daemon_conf.c
tests_unit_daemon_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_conf_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/daemon_freeze
tests_unit_daemon_freeze_SOURCES = tests/unit/daemon_freeze.c
tests_unit_daemon_freeze_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_freeze_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/daemon_curves
tests_unit_daemon_curves_SOURCES = tests/unit/daemon_curves.c
tests_unit_daemon_curves_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_curves_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS) $(JANSSON_LIBS)
UNIT_TESTS += tests/unit/daemon_activations
tests_unit_daemon_activations_SOURCES = tests/unit/daemon_activations.c
tests_unit_daemon_activations_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_activations_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_import_SOURCES = tests/unit/daemon_import.c
tests_unit_daemon_import_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_import_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_log_SOURCES = tests/unit/daemon_log.c
tests_unit_daemon_log_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_log_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_guard_SOURCES = tests/unit/daemon_guard.c
tests_unit_daemon_guard_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_guard_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_handover_SOURCES = tests/unit/daemon_handover.c
tests_unit_daemon_handover_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_handover_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

bin_PROGRAMS += gcxvm
gcxvm_FILES = runtime/daemon/main.c runtime/daemon/options.def runtime/daemon/password.c runtime/daemon/password.h
gcxvm_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
gcxvm_LDADD = $(DAEMON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)

EXTRA_DIST += runtime/daemon/gcxvm.conf.example
SCRIPT_TESTS += tests/flows/check.sh tests/flows/daemon_conf.sh tests/flows/daemon_life.sh tests/flows/daemon_adapter.sh \
	tests/flows/daemon_kill.sh tests/flows/quarantine.sh tests/flows/upgrade.sh tests/flows/package.sh tests/flows/secrets.sh tests/flows/daemon_full.sh tests/flows/daemon_reload.sh tests/flows/daemon_slow.sh tests/flows/freeze.sh tests/flows/rollout.sh

## As a service: what the service manager is told, the watchdog, drain.
check_PROGRAMS += tests/flows/older_tool
HELPERS += tests/flows/older_tool$(EXEEXT)
tests_flows_older_tool_SOURCES = tests/flows/older_tool.c
tests_flows_older_tool_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
tests_flows_older_tool_LDADD = $(DAEMON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/flows/service_tool
HELPERS += tests/flows/service_tool$(EXEEXT)
tests_flows_service_tool_SOURCES = tests/flows/service_tool.c
SCRIPT_TESTS += tests/flows/service_notify.sh tests/flows/service_drain.sh \
	tests/flows/service_metrics.sh tests/flows/service_log.sh tests/flows/service_traces.sh \
	tests/flows/service_last_good.sh tests/flows/service_systemd.sh
PLAIN_TESTS += tests/flows/service_unit.sh

## The folders in which systemd looks for them, be it in /usr or in /usr/local.
systemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
## The template has a domain's name behind the @: the same unit, which follows, with a configuration and folders of its own.
systemunit_DATA = runtime/daemon/systemd/gcxvm.service runtime/daemon/systemd/gcxvm@.service
dist_sysusers_DATA = runtime/daemon/systemd/sysusers.d/gcx.conf
dist_tmpfiles_DATA = runtime/daemon/systemd/tmpfiles.d/gcx.conf
EXTRA_DIST += runtime/daemon/systemd/gcxvm.service.in
CLEANFILES += runtime/daemon/systemd/gcxvm.service runtime/daemon/systemd/gcxvm@.service
runtime/daemon/systemd/gcxvm.service: runtime/daemon/systemd/gcxvm.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]bindir[@],$(bindir),' -e 's,[@]sysconfdir[@],$(sysconfdir),' \
		$(top_srcdir)/runtime/daemon/systemd/gcxvm.service.in >$@.tmp && mv $@.tmp $@
runtime/daemon/systemd/gcxvm@.service: runtime/daemon/systemd/gcxvm.service
	$(AM_V_GEN)sed -e 's,^#.*gcxvm.service,# gcxvm@.service,' -e 's,^Description=.*,& of domain %i,' \
		-e 's,^\(ExecStart=[^ ]*\) \(.*\)/gcxvm.conf,\1 --follow \2/%i.conf,' -e 's,^\(State\|Runtime\)Directory=gcx$$,&/%i,' \
		runtime/daemon/systemd/gcxvm.service >$@.tmp && mv $@.tmp $@

UNIT_TESTS += tests/unit/daemon_children
tests_unit_daemon_children_SOURCES = tests/unit/daemon_children.c
tests_unit_daemon_children_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_children_LDADD = $(DAEMON_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_intake
tests_unit_daemon_intake_SOURCES = tests/unit/daemon_intake.c
tests_unit_daemon_intake_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_intake_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_lead
tests_unit_daemon_lead_SOURCES = tests/unit/daemon_lead.c
tests_unit_daemon_lead_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_lead_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/daemon_links
tests_unit_daemon_links_SOURCES = tests/unit/daemon_links.c
tests_unit_daemon_links_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_daemon_links_LDADD = $(DAEMON_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_admin
tests_unit_daemon_admin_SOURCES = tests/unit/daemon_admin.c
tests_unit_daemon_admin_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_admin_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(CRITERION_LIBS)
EXTRA_tests_unit_daemon_admin_DEPENDENCIES = gcxvm

UNIT_TESTS += tests/unit/daemon_queries
tests_unit_daemon_queries_SOURCES = tests/unit/daemon_queries.c
tests_unit_daemon_queries_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_queries_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_reads
tests_unit_daemon_reads_SOURCES = tests/unit/daemon_reads.c
tests_unit_daemon_reads_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_reads_LDADD = $(DAEMON_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/daemon_engine
tests_unit_daemon_engine_SOURCES = tests/unit/daemon_engine.c
tests_unit_daemon_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_engine_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_roles
tests_unit_daemon_roles_SOURCES = tests/unit/daemon_roles.c
tests_unit_daemon_roles_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_roles_LDADD = libdaemon.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/daemon_notify tests/unit/daemon_http
tests_unit_daemon_notify_SOURCES = tests/unit/daemon_notify.c
tests_unit_daemon_notify_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_notify_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_http_SOURCES = tests/unit/daemon_http.c
tests_unit_daemon_http_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_daemon_http_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/daemon_cuts
tests_unit_daemon_cuts_SOURCES = tests/unit/daemon_cuts.c
tests_unit_daemon_cuts_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_daemon_cuts_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
