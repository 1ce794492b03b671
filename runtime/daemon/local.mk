## runtime/daemon: gcxvm, the daemon, and gcxctl, which asks it.
noinst_LTLIBRARIES += libdaemon.la
libdaemon_la_SOURCES = runtime/daemon/activations.c runtime/daemon/activations.h \
	runtime/daemon/admin.c runtime/daemon/admin.h runtime/daemon/admin_acts.c runtime/daemon/admin_acts.h \
	runtime/daemon/commands.c runtime/daemon/commands.h runtime/daemon/commands.def \
	runtime/daemon/children.c runtime/daemon/children.h \
	runtime/daemon/conf.c runtime/daemon/conf_take.c runtime/daemon/conf_parse.h runtime/daemon/conf.h runtime/daemon/conf.def \
	runtime/daemon/databases.c runtime/daemon/databases.h \
	runtime/daemon/daemon.c runtime/daemon/daemon.h runtime/daemon/daemon_state.h \
	runtime/daemon/daemon_hear.c runtime/daemon/daemon_load.c runtime/daemon/exits.def \
	runtime/daemon/import.c runtime/daemon/import.h runtime/daemon/import_state.h \
	runtime/daemon/import_tables.c runtime/daemon/import_sheets.c runtime/daemon/import_sql.c runtime/daemon/import_sql.h \
	runtime/daemon/import_check.c runtime/daemon/import_check.h \
	runtime/daemon/drain.c runtime/daemon/drain.h \
	runtime/daemon/engine.c runtime/daemon/engine.h \
	runtime/daemon/eventlog.c runtime/daemon/eventlog.h runtime/daemon/frames.h \
	runtime/daemon/health.c runtime/daemon/health.h \
	runtime/daemon/histogram.c runtime/daemon/histogram.h \
	runtime/daemon/http.c runtime/daemon/http.h \
	runtime/daemon/guard.c runtime/daemon/guard.h \
	runtime/daemon/intake.c runtime/daemon/intake.h \
	runtime/daemon/links.c runtime/daemon/links.h runtime/daemon/links_state.h \
	runtime/daemon/link_names.c runtime/daemon/link_connection.c \
	runtime/daemon/log.c runtime/daemon/log.h \
	runtime/daemon/metrics.c runtime/daemon/metrics.h runtime/daemon/metrics.def \
	runtime/daemon/notify.c runtime/daemon/notify.h \
	runtime/daemon/outbox.c runtime/daemon/outbox.h \
	runtime/daemon/programs.c runtime/daemon/programs.h \
	runtime/daemon/pulse.c runtime/daemon/pulse.h \
	runtime/daemon/queries.c runtime/daemon/queries.h \
	runtime/daemon/remote.c runtime/daemon/remote.h \
	runtime/daemon/reads.c runtime/daemon/reads.h runtime/daemon/reads_json.c runtime/daemon/reads_json.h \
	runtime/daemon/reads_one.c runtime/daemon/reads_rows.c runtime/daemon/reads_site.c \
	runtime/daemon/reload.c runtime/daemon/reload.h runtime/daemon/reload_state.h \
	runtime/daemon/reload_read.c runtime/daemon/reload_names.c runtime/daemon/reload_activate.c runtime/daemon/roles.c runtime/daemon/roles.h \
	runtime/daemon/trace.c runtime/daemon/trace.h runtime/daemon/traces.c runtime/daemon/traces.h \
	runtime/daemon/socket.c runtime/daemon/socket.h
libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libdaemon_la_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS) $(SQLITE_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
libdaemon_la_LIBADD = $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)

DAEMON_LIBS = libdaemon.la libnatives.la libsources.la libjournal.la libhost.la libcore.la libadapter.la libnet.la libvocabulary.la libvm.la

bin_PROGRAMS += gcxctl
gcxctl_SOURCES = runtime/daemon/ctl.c runtime/daemon/ctl.h runtime/daemon/ctl_ask.c runtime/daemon/ctl_exits.def \
	runtime/daemon/ctl_follow.c runtime/daemon/ctl_help.c runtime/daemon/ctl_one.c \
	runtime/daemon/ctl_show.c runtime/daemon/ctl_show.h runtime/daemon/ctl_table.c runtime/daemon/ctl_top.c \
	runtime/daemon/commands.c runtime/daemon/commands.h runtime/daemon/commands.def \
	runtime/daemon/roles.c runtime/daemon/roles.h \
	runtime/daemon/socket.c runtime/daemon/socket.h vm/error.c vm/error.h
gcxctl_CPPFLAGS = $(AM_CPPFLAGS) -DADMIN_SOCKET='"/run/gcx/admin.sock"'
gcxctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
gcxctl_LDADD = libvocabulary.la $(JANSSON_LIBS)

## Both ask `gcxctl --complete`, which knows the table of commands.
dist_bashcompletion_DATA += runtime/daemon/completion/gcxctl.bash
dist_zshcompletion_DATA += runtime/daemon/completion/_gcxctl

UNIT_TESTS += tests/unit/daemon_conf tests/unit/daemon_guard tests/unit/daemon_import tests/unit/daemon_log \
	tests/unit/daemon_outbox
tests_unit_daemon_conf_SOURCES = tests/unit/daemon_conf.c
tests_unit_daemon_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_conf_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/daemon_activations
tests_unit_daemon_activations_SOURCES = tests/unit/daemon_activations.c
tests_unit_daemon_activations_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_activations_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_import_SOURCES = tests/unit/daemon_import.c
tests_unit_daemon_import_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_import_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_log_SOURCES = tests/unit/daemon_log.c
tests_unit_daemon_log_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_log_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_guard_SOURCES = tests/unit/daemon_guard.c
tests_unit_daemon_guard_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_guard_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_outbox_SOURCES = tests/unit/daemon_outbox.c
tests_unit_daemon_outbox_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_outbox_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)

bin_PROGRAMS += gcxvm
gcxvm_SOURCES = runtime/daemon/main.c runtime/daemon/password.c runtime/daemon/password.h
gcxvm_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
gcxvm_LDADD = $(DAEMON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)

EXTRA_DIST += runtime/daemon/gcxvm.conf.example tests/flows/daemon_common.sh
SCRIPT_TESTS += tests/flows/daemon_conf.sh tests/flows/daemon_life.sh tests/flows/daemon_adapter.sh \
	tests/flows/daemon_kill.sh tests/flows/daemon_full.sh tests/flows/daemon_reload.sh tests/flows/daemon_slow.sh

## As a service: what the service manager is told, the watchdog, drain.
check_PROGRAMS += tests/flows/service_tool
tests_flows_service_tool_SOURCES = tests/flows/service_tool.c
SCRIPT_TESTS += tests/flows/service_notify.sh tests/flows/service_drain.sh \
	tests/flows/service_metrics.sh tests/flows/service_log.sh tests/flows/service_traces.sh \
	tests/flows/service_last_good.sh tests/flows/service_systemd.sh
PLAIN_TESTS += tests/flows/service_unit.sh
EXTRA_DIST += tests/flows/service_drain.gcx

## Where systemd looks for them, be it in /usr or in /usr/local.
systemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
systemunit_DATA = runtime/daemon/systemd/gcxvm.service
dist_sysusers_DATA = runtime/daemon/systemd/sysusers.d/gcx.conf
dist_tmpfiles_DATA = runtime/daemon/systemd/tmpfiles.d/gcx.conf
EXTRA_DIST += runtime/daemon/systemd/gcxvm.service.in
CLEANFILES += runtime/daemon/systemd/gcxvm.service
runtime/daemon/systemd/gcxvm.service: runtime/daemon/systemd/gcxvm.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]bindir[@],$(bindir),' -e 's,[@]sysconfdir[@],$(sysconfdir),' \
		$(top_srcdir)/runtime/daemon/systemd/gcxvm.service.in >$@.tmp && mv $@.tmp $@

UNIT_TESTS += tests/unit/daemon_children
tests_unit_daemon_children_SOURCES = tests/unit/daemon_children.c
tests_unit_daemon_children_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_children_LDADD = $(DAEMON_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_intake
tests_unit_daemon_intake_SOURCES = tests/unit/daemon_intake.c
tests_unit_daemon_intake_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_intake_LDADD = $(DAEMON_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_links
tests_unit_daemon_links_SOURCES = tests/unit/daemon_links.c
tests_unit_daemon_links_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_daemon_links_LDADD = $(DAEMON_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/daemon_admin
tests_unit_daemon_admin_SOURCES = tests/unit/daemon_admin.c
tests_unit_daemon_admin_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_daemon_admin_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(JANSSON_LIBS) $(CRITERION_LIBS)
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
tests_unit_daemon_roles_LDADD = libdaemon.la libvocabulary.la libvm.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)

## gcxctl: what it tells, what it changes, who may, what shells complete.
SCRIPT_TESTS += tests/flows/ctl_reads.sh tests/flows/ctl_gone.sh tests/flows/ctl_acts.sh tests/flows/ctl_roles.sh \
	tests/flows/ctl_complete.sh tests/flows/ctl_why.sh tests/flows/select_wire.sh
EXTRA_DIST += tests/flows/ctl_why.gcx tests/flows/select_wire.gcx

UNIT_TESTS += tests/unit/daemon_notify tests/unit/daemon_http
tests_unit_daemon_notify_SOURCES = tests/unit/daemon_notify.c
tests_unit_daemon_notify_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_notify_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_http_SOURCES = tests/unit/daemon_http.c
tests_unit_daemon_http_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_daemon_http_LDADD = libdaemon.la libhost.la libvocabulary.la libvm.la $(EVENT_LIBS) $(SODIUM_LIBS) \
	$(CRITERION_LIBS)
