## runtime/natives: libraries of natives, for gcxc and gcxvm.
noinst_LTLIBRARIES += libnatives.la
libnatives_la_SOURCES = runtime/natives/natives.c runtime/natives/natives.h runtime/natives/serve.c runtime/natives/serve.h
libnatives_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
libnatives_la_LIBADD = $(SODIUM_LIBS)

SCRIPT_TESTS += tests/flows/natives_wire.sh
EXTRA_DIST += tests/flows/natives_wire.gcx
