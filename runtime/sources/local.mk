## runtime/sources: databases that `query` asks
noinst_LTLIBRARIES += libsources.la
libsources_la_SOURCES = runtime/sources/source.c runtime/sources/source.h runtime/sources/kind.h \
	runtime/sources/queue.c \
	runtime/sources/answer.c runtime/sources/answer.h runtime/sources/sqlite.c
libsources_la_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
libsources_la_LIBADD = $(SQLITE_LIBS)

UNIT_TESTS += tests/unit/sources_sqlite
tests_unit_sources_sqlite_SOURCES = tests/unit/sources_sqlite.c
tests_unit_sources_sqlite_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_sources_sqlite_LDADD = libsources.la libhost.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS)
