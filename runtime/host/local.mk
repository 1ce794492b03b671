## runtime/host: the outside as one interface, and its two implementations.
noinst_LTLIBRARIES += libhost.la
libhost_la_SOURCES = runtime/host/host.h runtime/host/real.h runtime/host/real.c \
	runtime/host/simulated.h runtime/host/simulated.c

UNIT_TESTS += tests/unit/host_simulated
tests_unit_host_simulated_SOURCES = tests/unit/host_simulated.c
tests_unit_host_simulated_CFLAGS = $(UNIT_CFLAGS)
tests_unit_host_simulated_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
