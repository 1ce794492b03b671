## runtime/sim: the virtual world, and gcxsim.
noinst_LTLIBRARIES += libsim.la
libsim_la_SOURCES = runtime/sim/sim.h
libsim_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libsim_la_LIBADD = $(JANSSON_LIBS)
