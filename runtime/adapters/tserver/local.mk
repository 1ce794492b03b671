## runtime/adapters/tserver: the plugin that joins a switch (CSTA-like, JSON lines) and its desktops.
TSERVER_SOURCES = \
	runtime/adapters/tserver/connection.c \
	runtime/adapters/tserver/events.c \
	runtime/adapters/tserver/services.c \
	runtime/adapters/tserver/swlink.c runtime/adapters/tserver/swlink.h \
	runtime/adapters/tserver/tserver.c runtime/adapters/tserver/tserver.h

pkglib_LTLIBRARIES += tserver.la
tserver_la_SOURCES = $(TSERVER_SOURCES) vm/error.c vm/error.h
tserver_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
tserver_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
tserver_la_LIBADD = libcti.la libvocabulary.la $(JANSSON_LIBS) $(EVENT_LIBS)
