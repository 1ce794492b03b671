## runtime/records: gcxrecords, which writes what a journal tells into a database or a file.
noinst_LTLIBRARIES += librecords.la
librecords_la_FILES = runtime/records/records.def runtime/records/table.c runtime/records/table.h \
	runtime/records/events.def runtime/records/events.c \
	runtime/records/hear.c runtime/records/recorder.h runtime/records/recorder_state.h \
	runtime/records/hear_agents.c runtime/records/hear_data.c runtime/records/hear_interaction.c \
	runtime/records/hear_parties.c runtime/records/hear_queues.c runtime/records/hear_steps.c \
	runtime/records/sink.c runtime/records/sink_open.c runtime/records/sink.h \
	runtime/records/sink_kind.h runtime/records/sink_sqlite.c runtime/records/sink_postgres.c \
	runtime/records/sink_lines.c runtime/records/sink_hook.c runtime/records/erase.h runtime/records/erase.c runtime/records/exits.def
librecords_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
librecords_la_LIBADD = libsql.la $(CURL_LIBS) $(JANSSON_LIBS)

## The commands that look for what has ended; apart, as they have a command line of their own.
noinst_LTLIBRARIES += libhistory.la
libhistory_la_FILES = runtime/records/history.c runtime/records/history.h runtime/records/history_options.def \
	runtime/records/judged.c runtime/records/judged.h
noinst_LTLIBRARIES += libsample.la
libsample_la_FILES = runtime/records/sample.c runtime/records/sample.h runtime/records/sample_options.def
libsample_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

bin_PROGRAMS += gcxrecords
gcxrecords_FILES = runtime/records/main.c runtime/records/follow.c runtime/records/follow.h runtime/records/options.def
gcxrecords_LDADD = libhistory.la libsample.la libquality.la libreports.la librecords.la $(DAEMON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) \
	$(JANSSON_LIBS) $(SODIUM_LIBS)

SCRIPT_TESTS += tests/flows/records.sh

systemunit_DATA += runtime/records/systemd/gcxrecords.service
EXTRA_DIST += runtime/records/systemd/gcxrecords.service.in
CLEANFILES += runtime/records/systemd/gcxrecords.service
runtime/records/systemd/gcxrecords.service: runtime/records/systemd/gcxrecords.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]bindir[@],$(bindir),' -e 's,[@]sysconfdir[@],$(sysconfdir),' \
		$(top_srcdir)/runtime/records/systemd/gcxrecords.service.in >$@.tmp && mv $@.tmp $@

UNIT_TESTS += tests/unit/records_sink
tests_unit_records_sink_SOURCES = tests/unit/records_sink.c
tests_unit_records_sink_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_records_sink_LDADD = librecords.la $(DAEMON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/records_hear
tests_unit_records_hear_SOURCES = tests/unit/records_hear.c tests/unit/core_open_fixture.c tests/unit/core_open_fixture.h
tests_unit_records_hear_CFLAGS = $(UNIT_CFLAGS)
tests_unit_records_hear_LDADD = $(CORE_LIBS)
