## compiler/import: strategies of other tools become sources of gcx. Includes runtime/vocabulary.
noinst_LTLIBRARIES += libimport.la
include compiler/import/sources.mk
libimport_la_SOURCES = $(IMPORT_SOURCES)
libimport_la_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
SCRIPT_TESTS += tests/language/import.sh tests/language/import_same.sh
