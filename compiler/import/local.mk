## compiler/import: strategies of other tools become sources of gcx. Includes runtime/vocabulary.
noinst_LTLIBRARIES += libimport.la
libimport_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libimport_la_LIBADD = libxml.la $(JANSSON_LIBS)

## Modules of gcx that the importer writes beside strategies.
LIKENESS = compiler/import/ecmascript.gcx compiler/import/ecmascript_case.gcx compiler/import/asterisk/asterisk.gcx
EXTRA_DIST += $(LIKENESS)
compiler/import/likeness_texts.def: $(LIKENESS) compiler/syntax/library.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/import && cd $(top_srcdir) && \
		LC_ALL=C $(AWK) -f compiler/syntax/library.awk $(LIKENESS) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/import/likeness_texts.def
CLEANFILES += compiler/import/likeness_texts.def
$(libimport_la_OBJECTS): compiler/import/likeness_texts.def

LONG_TESTS += tests/language/import.sh
SCRIPT_TESTS += tests/language/import_same.sh tests/language/import_designs.sh
