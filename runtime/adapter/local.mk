## runtime/adapter: the adapter protocol, its ends and transports, and the process that runs a plugin.
noinst_LTLIBRARIES += libadapter.la
libadapter_la_SOURCES = runtime/adapter/gcx_adapter.h runtime/adapter/protocol.h runtime/adapter/wire.h \
	runtime/adapter/wire.c runtime/adapter/server.c runtime/adapter/client.c \
	runtime/adapter/plugin.h runtime/adapter/plugin.c runtime/adapter/memory.h runtime/adapter/memory.c \
	runtime/adapter/runner.h runtime/adapter/runner.c
libadapter_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
