## runtime/adapter: the adapter protocol, its ends and transports, and the process that runs a plugin.
noinst_LTLIBRARIES += libadapter.la libaside.la libnet.la libsettings.la libworker.la
libworker_la_FILES = runtime/adapter/worker.c runtime/adapter/worker.h runtime/adapter/last.c runtime/adapter/last.h runtime/adapter/outbox.c runtime/adapter/outbox.h \
	runtime/adapter/numbers.c runtime/adapter/numbers.h runtime/adapter/probe.c runtime/adapter/probe.h runtime/adapter/robots.c runtime/adapter/robots.h \
	runtime/adapter/tool.c runtime/adapter/tool.h
libworker_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(GLIB_CFLAGS)
libworker_la_LIBADD = $(GLIB_LIBS) $(EVENT_LIBS)
## The reader of settings; apart, as gcxc reads those of a site by it.
libsettings_la_SOURCES = runtime/adapter/settings.c runtime/adapter/settings.h
libaside_la_SOURCES = runtime/adapter/aside.c runtime/adapter/aside.h
libaside_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
## The needs of every TCP wire; apart, as plugins and gcxsim have such wires too.
libnet_la_FILES = runtime/adapter/address.c runtime/adapter/address.h runtime/adapter/listener.c runtime/adapter/listener.h runtime/adapter/lobby.c runtime/adapter/lobby.h runtime/adapter/resolver.c runtime/adapter/resolver.h \
	runtime/adapter/refused.c runtime/adapter/refused.h runtime/adapter/letters.def runtime/adapter/letters.h runtime/adapter/refusals.def runtime/adapter/neighbours.def \
	runtime/adapter/look.c runtime/adapter/look.h runtime/adapter/checks.def runtime/adapter/pairs.def \
	runtime/adapter/settings_secret.c runtime/adapter/settings_rows.h runtime/adapter/tls.c runtime/adapter/tls.h runtime/adapter/watched.c runtime/adapter/watched.h
libnet_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(TLS_CFLAGS)
libnet_la_LIBADD = libsettings.la libaside.la $(TLS_LIBS) $(EVENT_LIBS)

libadapter_la_FILES = runtime/adapter/gcx_adapter.h runtime/adapter/protocol.h runtime/adapter/wire.h \
	runtime/adapter/waiting.h runtime/adapter/waiting.c \
	runtime/adapter/told.h runtime/adapter/told.c runtime/adapter/figures.def \
	runtime/adapter/wire.c runtime/adapter/server.c runtime/adapter/client.c \
	runtime/adapter/plugin.h runtime/adapter/plugin.c \
	runtime/adapter/runner.h runtime/adapter/runner.c
libadapter_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)

UNIT_TESTS += tests/unit/adapter_protocol
tests_unit_adapter_protocol_SOURCES = tests/unit/adapter_protocol.c tests/unit/adapter_memory.h tests/unit/adapter_memory.c
tests_unit_adapter_protocol_CFLAGS = $(UNIT_CFLAGS)
tests_unit_adapter_protocol_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/adapter_refused
tests_unit_adapter_refused_SOURCES = tests/unit/adapter_refused.c tests/unit/adapter_memory.h tests/unit/adapter_memory.c
tests_unit_adapter_refused_CFLAGS = $(UNIT_CFLAGS)
tests_unit_adapter_refused_LDADD = libadapter.la libnet.la $(ROOM_LIBS) $(CRITERION_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/adapter_look
tests_unit_adapter_look_SOURCES = tests/unit/adapter_look.c tests/unit/papers.c tests/unit/papers.h
tests_unit_adapter_look_CFLAGS = $(UNIT_CFLAGS) $(TLS_CFLAGS)
tests_unit_adapter_look_LDADD = libadapter.la libnet.la $(ROOM_LIBS) $(CRITERION_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/adapter_probe
tests_unit_adapter_probe_SOURCES = tests/unit/adapter_probe.c
tests_unit_adapter_probe_CFLAGS = $(UNIT_CFLAGS)
tests_unit_adapter_probe_LDADD = libworker.la libadapter.la libnet.la $(ROOM_LIBS) $(CRITERION_LIBS) $(GLIB_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/adapter_waiting
tests_unit_adapter_waiting_SOURCES = tests/unit/adapter_waiting.c
tests_unit_adapter_waiting_CFLAGS = $(UNIT_CFLAGS)
tests_unit_adapter_waiting_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

## A plugin for tests, as a module (-rpath makes libtool build it shared; it is not installed).
check_LTLIBRARIES += tests/unit/adapter_sample.la
tests_unit_adapter_sample_la_SOURCES = tests/unit/adapter_sample.c tests/unit/adapter_sample.h
tests_unit_adapter_sample_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
tests_unit_adapter_sample_la_LIBADD = libvocabulary.la libvm.la libbase.la

UNIT_TESTS += tests/unit/adapter_runner
tests_unit_adapter_runner_SOURCES = tests/unit/adapter_runner.c tests/unit/adapter_memory.h tests/unit/adapter_memory.c tests/unit/adapter_sample.c tests/unit/adapter_sample.h
tests_unit_adapter_runner_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_adapter_runner_LDADD = libadapter.la libnet.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(EVENT_LIBS)
EXTRA_tests_unit_adapter_runner_DEPENDENCIES = tests/unit/adapter_sample.la

SCRIPT_TESTS += tests/flows/secrets_changed.sh

UNIT_TESTS += tests/unit/adapter_net
tests_unit_adapter_net_SOURCES = tests/unit/adapter_net.c tests/unit/names.c tests/unit/names.h tests/unit/papers.c tests/unit/papers.h
tests_unit_adapter_net_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS) $(TLS_CFLAGS)
tests_unit_adapter_net_LDADD = libnet.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(TLS_LIBS) $(EVENT_LIBS)
