## runtime/scenario: the tests of an image, which the compiler writes and simulators read.
noinst_LTLIBRARIES += libscenario.la
libscenario_la_FILES = runtime/scenario/limits.h runtime/scenario/scenario.def runtime/scenario/scenario.h \
	runtime/scenario/table.h runtime/scenario/table.c runtime/scenario/codec.c
libscenario_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
