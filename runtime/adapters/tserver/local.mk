## runtime/adapters/tserver: the plugin that joins a switch (CSTA-like, JSON lines) and its desktops.
noinst_LTLIBRARIES += libtserver.la
libtserver_la_FILES = \
	runtime/adapters/tserver/carried.c runtime/adapters/tserver/carried.h \
	runtime/adapters/tserver/connection.c \
	runtime/adapters/tserver/events.c \
	runtime/adapters/tserver/services.c \
	runtime/adapters/tserver/swlink.c runtime/adapters/tserver/swlink.h \
	runtime/adapters/tserver/tserver.c runtime/adapters/tserver/tserver.h
libtserver_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(XXHASH_CFLAGS)

pkglib_LTLIBRARIES += tserver.la
tserver_la_SOURCES = runtime/adapters/tserver/plugin.c
tserver_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
## A look-up of a name may outlive the plugin's close(): its code stays.
tserver_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
tserver_la_LIBADD = libtserver.la libcti.la libnet.la libvocabulary.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)

## The tests hold the T-Server between a core, a switch and desktops of their own (tests/unit/tserver_rig.h).
check_LTLIBRARIES += libtserver_rig.la
libtserver_rig_la_SOURCES = tests/unit/tserver_rig.c tests/unit/tserver_rig.h
libtserver_rig_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
libtserver_rig_la_LIBADD = libtserver.la libcti.la libvocabulary.la libvm.la libbase.la

TSERVER_TEST_LIBS = libtserver_rig.la libnet.la $(CRITERION_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)
TSERVER_TEST_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)

UNIT_TESTS += tests/unit/cti_wire tests/unit/tserver_flows tests/unit/tserver_defaults tests/unit/tserver_resync tests/unit/tserver_order \
	tests/unit/tserver_dial tests/unit/tserver_invite tests/unit/tserver_text
tests_unit_tserver_text_SOURCES = tests/unit/tserver_text.c
tests_unit_tserver_text_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_text_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_invite_SOURCES = tests/unit/tserver_invite.c
tests_unit_tserver_invite_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_invite_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_order_SOURCES = tests/unit/tserver_order.c
tests_unit_tserver_order_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_order_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_dial_SOURCES = tests/unit/tserver_dial.c
tests_unit_tserver_dial_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_dial_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_cti_wire_SOURCES = tests/unit/cti_wire.c
tests_unit_cti_wire_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_cti_wire_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_flows_SOURCES = tests/unit/tserver_flows.c
tests_unit_tserver_flows_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_flows_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_defaults_SOURCES = tests/unit/tserver_defaults.c
tests_unit_tserver_defaults_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_defaults_LDADD = $(TSERVER_TEST_LIBS)
tests_unit_tserver_resync_SOURCES = tests/unit/tserver_resync.c
tests_unit_tserver_resync_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_resync_LDADD = $(TSERVER_TEST_LIBS)

UNIT_TESTS += tests/unit/tserver_sockets
tests_unit_tserver_sockets_SOURCES = tests/unit/tserver_sockets.c tests/unit/adapter_memory.h tests/unit/adapter_memory.c tests/unit/names.c tests/unit/names.h runtime/adapters/tserver/plugin.c
tests_unit_tserver_sockets_CFLAGS = $(TSERVER_TEST_CFLAGS)
tests_unit_tserver_sockets_LDADD = libadapter.la $(TSERVER_TEST_LIBS) libvocabulary.la libvm.la libbase.la

UNIT_TESTS += tests/unit/cti_users
tests_unit_cti_users_SOURCES = tests/unit/cti_users.c
tests_unit_cti_users_CFLAGS = $(TSERVER_TEST_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_cti_users_LDADD = $(TSERVER_TEST_LIBS)
