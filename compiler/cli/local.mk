## compiler/cli: gcxc.
bin_PROGRAMS += gcxc
gcxc_SOURCES = compiler/cli/main.c compiler/cli/commands.def compiler/cli/rows.c compiler/cli/help.c \
	compiler/cli/build.c compiler/cli/dis.c compiler/cli/explain.c compiler/cli/fmt.c compiler/cli/lint.c compiler/cli/test.c compiler/cli/command.h \
	compiler/cli/pool.c compiler/cli/pool.h compiler/cli/results.c compiler/cli/results.h \
	compiler/cli/suite.c compiler/cli/suite.h compiler/cli/grown.h compiler/cli/sites.c compiler/cli/sites.h compiler/cli/offers.c \
	compiler/cli/coverage.c compiler/cli/coverage.h compiler/cli/coverage_page.c \
	compiler/cli/exits.c compiler/cli/exits.h compiler/cli/mutants.c compiler/cli/mutants.h \
	compiler/cli/headers.c compiler/cli/libraries.c compiler/cli/libraries.h compiler/cli/lsp.c compiler/cli/pull.c compiler/cli/file.c compiler/cli/file.h
gcxc_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(PQ_CFLAGS) $(SQLITE_CFLAGS)
gcxc_LDADD = liblsp.la libcompiler.la libnatives.la libsim.la libcore.la libjournal.la libhost.la libadapter.la libvocabulary.la libvm.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)

## Both ask `gcxc --complete`, which knows the table of commands.
dist_bashcompletion_DATA += compiler/cli/completion/gcxc.bash
dist_zshcompletion_DATA += compiler/cli/completion/_gcxc

## What is told of programs.
gcxc_SOURCES += compiler/cli/view.c compiler/cli/view.h compiler/cli/graph.c compiler/cli/uses.c \
	compiler/cli/diff.c compiler/cli/doc.c

UNIT_TESTS += tests/unit/cli_pool
tests_unit_cli_pool_SOURCES = tests/unit/cli_pool.c compiler/cli/pool.c
tests_unit_cli_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_cli_pool_LDADD = $(CRITERION_LIBS)
