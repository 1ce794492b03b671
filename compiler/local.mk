## compiler: from source text to an image. Includes vm/, and of runtime/vocabulary the tables media.def and enums.def.
noinst_LTLIBRARIES += libcompiler.la
libcompiler_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(XXHASH_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
libcompiler_la_LIBADD = liblite.la libscenario.la $(JANSSON_LIBS) $(SQLITE_LIBS)

## flex and bison write into the build directory; parser.h must be there before anything that includes it.
AM_YFLAGS = -d -Wno-yacc
compiler/syntax/parser.c compiler/syntax/lexer.c: | compiler/syntax/$(am__dirstamp)
BUILT_SOURCES += compiler/syntax/parser.h
CLEANFILES += compiler/syntax/parser.c compiler/syntax/parser.h compiler/syntax/lexer.c
$(libcompiler_la_OBJECTS): compiler/syntax/parser.h | compiler/base/explain_texts.def compiler/recovery/ird_names.def compiler/syntax/library_texts.def

## The explanations of codes, an area a file.
EXPLANATIONS = compiler/explain/E00-files.txt compiler/explain/E01-words.txt compiler/explain/E02-syntax.txt \
	compiler/explain/E03-declarations.txt compiler/explain/E04-names.txt compiler/explain/E05-types.txt \
	compiler/explain/E06-flow.txt compiler/explain/E07-sql.txt compiler/explain/E08-tests.txt \
	compiler/explain/W09-warnings.txt compiler/explain/L-lint.txt
EXTRA_DIST += $(EXPLANATIONS) compiler/explain/make.awk
compiler/base/explain_texts.def: $(EXPLANATIONS) compiler/explain/make.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/base && cd $(top_srcdir) && \
		$(AWK) -f compiler/explain/make.awk $(EXPLANATIONS) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/base/explain_texts.def
CLEANFILES += compiler/base/explain_texts.def

## The names of IRD and what stands for each here, from the rows of gcx-ird(7).
EXTRA_DIST += compiler/recovery/ird.awk
compiler/recovery/ird_names.def: $(IRD_ROWS) compiler/recovery/ird.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/recovery && LC_ALL=C $(AWK) -f $(srcdir)/compiler/recovery/ird.awk $(IRD_ROWS) >$@.tmp && \
		mv $@.tmp $@
BUILT_SOURCES += compiler/recovery/ird_names.def
CLEANFILES += compiler/recovery/ird_names.def

## The standard library, which the compiler carries with it (LIBRARY of stdlib/local.mk, sorted).
EXTRA_DIST += compiler/syntax/library.awk
compiler/syntax/library_texts.def: $(LIBRARY) compiler/syntax/library.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/syntax && cd $(top_srcdir) && \
		LC_ALL=C $(AWK) -f compiler/syntax/library.awk $(LIBRARY) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/syntax/library_texts.def
CLEANFILES += compiler/syntax/library_texts.def

## For vim: the syntax file is made from the scanner's words.
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimftdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_vimsyntax_DATA = compiler/vim/syntax/gcx.vim
compiler/vim/syntax/gcx.vim: compiler/vim/make.awk compiler/syntax/words.def compiler/vim/template.vim
	$(AM_V_GEN)$(MKDIR_P) compiler/vim/syntax && $(AWK) -f $(top_srcdir)/compiler/vim/make.awk \
		$(top_srcdir)/compiler/syntax/words.def $(top_srcdir)/compiler/vim/template.vim >$@.tmp && mv $@.tmp $@
CLEANFILES += compiler/vim/syntax/gcx.vim
EXTRA_DIST += compiler/vim/make.awk compiler/vim/template.vim
dist_vimftdetect_DATA = compiler/vim/ftdetect/gcx.vim

## Under the sanitizers the goldens are read by tests/fuzz/replay.sh, and formatted.sh formats.
PLAIN_TESTS += tests/language/mistakes.sh tests/language/vim.sh tests/language/fmt.sh tests/language/ci.sh tests/language/graph.sh
SCRIPT_TESTS += tests/language/library.sh tests/language/natives.sh tests/language/lint.sh \
    tests/language/cli.sh tests/language/formats.sh tests/language/complete.sh tests/language/bytes.sh \
    tests/language/limits.sh tests/language/lint_near.sh tests/language/mutated.sh tests/language/explain.sh tests/language/twin.sh

UNIT_TESTS += tests/unit/compiler_any_text tests/unit/compiler_literal \
	tests/unit/compiler_scenario tests/unit/compiler_source
tests_unit_compiler_any_text_SOURCES = tests/unit/compiler_any_text.c
tests_unit_compiler_any_text_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_compiler_any_text_LDADD = libcompiler.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_compiler_literal_SOURCES = tests/unit/compiler_literal.c
tests_unit_compiler_literal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_literal_LDADD = $(tests_unit_compiler_any_text_LDADD)
tests_unit_compiler_source_SOURCES = tests/unit/compiler_source.c
tests_unit_compiler_source_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_source_LDADD = $(tests_unit_compiler_any_text_LDADD)

UNIT_TESTS += tests/unit/compiler_pulled
tests_unit_compiler_pulled_SOURCES = tests/unit/compiler_pulled.c
tests_unit_compiler_pulled_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_pulled_LDADD = $(tests_unit_compiler_any_text_LDADD)
UNIT_TESTS += tests/unit/compiler_sqltext
tests_unit_compiler_sqltext_SOURCES = tests/unit/compiler_sqltext.c
tests_unit_compiler_sqltext_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_sqltext_LDADD = libcompiler.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/selection
tests_unit_selection_SOURCES = tests/unit/selection.c
tests_unit_selection_CFLAGS = $(UNIT_CFLAGS)
tests_unit_selection_LDADD = $(tests_unit_compiler_any_text_LDADD)
UNIT_TESTS += tests/unit/compiler_types tests/unit/compiler_flow tests/unit/compiler_regs tests/unit/compiler_run
tests_unit_compiler_run_SOURCES = tests/unit/compiler_run.c
tests_unit_compiler_run_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_run_LDADD = $(tests_unit_compiler_any_text_LDADD)
tests_unit_compiler_types_SOURCES = tests/unit/compiler_types.c
tests_unit_compiler_types_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_types_LDADD = libcompiler.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)
tests_unit_compiler_flow_SOURCES = tests/unit/compiler_flow.c
tests_unit_compiler_flow_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_flow_LDADD = libcompiler.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)
tests_unit_compiler_regs_SOURCES = tests/unit/compiler_regs.c
tests_unit_compiler_regs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_regs_LDADD = libcompiler.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)
tests_unit_compiler_scenario_SOURCES = tests/unit/compiler_scenario.c tests/unit/scenario_json.h tests/unit/scenario_json.c
tests_unit_compiler_scenario_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_compiler_scenario_LDADD = $(tests_unit_compiler_any_text_LDADD) $(JANSSON_LIBS)

SCRIPT_TESTS += tests/language/uses.sh tests/language/terminal.sh tests/language/folders.sh tests/language/diff.sh tests/language/diff_formats.sh tests/language/doc.sh
