## runtime/adapters/dialer: the plugin between the core and the calling lists.
noinst_LTLIBRARIES += libdialer.la
libdialer_la_FILES = runtime/adapters/dialer/dialer.h \
	runtime/adapters/dialer/ask.c \
	runtime/adapters/dialer/book.c runtime/adapters/dialer/book.h runtime/adapters/dialer/book_job.c \
	runtime/adapters/dialer/hand.c \
	runtime/adapters/dialer/handed.c \
	runtime/adapters/dialer/setting.c runtime/adapters/dialer/setting.h runtime/adapters/dialer/settings.def \
	runtime/adapters/dialer/update.c
libdialer_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)

pkglib_LTLIBRARIES += dialer.la
dialer_la_SOURCES = runtime/adapters/dialer/plugin.c
dialer_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)
## GLib keeps its types for ever: the code stays.
dialer_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
dialer_la_LIBADD = libdialer.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/dialer_wire
tests_unit_dialer_wire_SOURCES = tests/unit/dialer_wire.c tests/unit/adapter_memory.h tests/unit/adapter_memory.c tests/unit/plugin_rig.h tests/unit/plugin_rig.c runtime/adapters/dialer/plugin.c \
	tests/unit/lists_world.c tests/unit/lists_world.h $(SQL_WORLD)
tests_unit_dialer_wire_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_dialer_wire_LDADD = libadapter.la libdialer.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)

SCRIPT_TESTS += tests/flows/outbound_wire.sh
