## runtime/host: the outside as one interface, and its two implementations.
## libreal.la: the real one, for plugins, too.
noinst_LTLIBRARIES += libreal.la libhost.la
libreal_la_SOURCES = runtime/host/real.h runtime/host/real.c
libhost_la_SOURCES = runtime/host/host.h \
	runtime/host/simulated.h runtime/host/simulated.c
libhost_la_LIBADD = libreal.la

UNIT_TESTS += tests/unit/host_simulated
tests_unit_host_simulated_SOURCES = tests/unit/host_simulated.c
tests_unit_host_simulated_CFLAGS = $(UNIT_CFLAGS)
tests_unit_host_simulated_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
