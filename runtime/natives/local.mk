## runtime/natives: libraries of natives, for gcxc and gcxvm.
noinst_LTLIBRARIES += libnatives.la
libnatives_la_FILES = runtime/natives/natives.c runtime/natives/natives.h runtime/natives/serve.c runtime/natives/serve.h
libnatives_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
libnatives_la_LIBADD = $(SODIUM_LIBS)

SCRIPT_TESTS += tests/flows/natives_wire.sh

## A library for the test, as a module (-rpath makes libtool build it shared; it is not installed).
check_LTLIBRARIES += tests/unit/natives_sample.la
tests_unit_natives_sample_la_SOURCES = tests/unit/natives_sample.c
tests_unit_natives_sample_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
UNIT_TESTS += tests/unit/natives
tests_unit_natives_SOURCES = tests/unit/natives.c tests/unit/vm_sample.h
tests_unit_natives_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_natives_LDADD = libnatives.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
EXTRA_tests_unit_natives_DEPENDENCIES = tests/unit/natives_sample.la
