## compiler/cli: gcxc.
## libcli.la: what it shares with gcxdb. liblibraries.la: those of natives, for programs that link libnatives.la.
noinst_LTLIBRARIES += libcli.la liblibraries.la
libcli_la_FILES = compiler/cli/picture.c compiler/cli/picture.h compiler/cli/sites.c compiler/cli/sites.h
libcli_la_CFLAGS = $(AM_CFLAGS)
liblibraries_la_SOURCES = compiler/cli/libraries.c compiler/cli/libraries.h
liblibraries_la_CFLAGS = $(AM_CFLAGS)
bin_PROGRAMS += gcxc
gcxc_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(PQ_CFLAGS) $(SQLITE_CFLAGS)
gcxc_LDADD = libcli.la liblibraries.la libimport.la liblsp.la libcompiler.la libnatives.la libprofile.la libvirtual.la libsim.la libjournal.la libconf.la libhost.la libcore.la libadapter.la libsettings.la libvocabulary.la libvm.la libbase.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS) $(EXPAT_LIBS) $(CONFUSE_LIBS)

## Both ask `gcxc --complete`, which knows the table of commands.
dist_bashcompletion_DATA += compiler/cli/completion/gcxc.bash
dist_zshcompletion_DATA += compiler/cli/completion/_gcxc

UNIT_TESTS += tests/unit/cli_progress
tests_unit_cli_progress_SOURCES = tests/unit/cli_progress.c compiler/cli/progress.c
tests_unit_cli_progress_CFLAGS = $(UNIT_CFLAGS)
tests_unit_cli_progress_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/cli_pool
tests_unit_cli_pool_SOURCES = tests/unit/cli_pool.c compiler/cli/pool.c
tests_unit_cli_pool_CFLAGS = $(UNIT_CFLAGS)
tests_unit_cli_pool_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/cli_staff
tests_unit_cli_staff_SOURCES = tests/unit/cli_staff.c compiler/cli/simulate_staff.c compiler/cli/simulate_flow.c
tests_unit_cli_staff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_cli_staff_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS) -lm
SCRIPT_TESTS += tests/flows/fairness.sh tests/flows/simulate_shares.sh
SHIPPED_TESTS += tests/flows/fairness.sh tests/flows/simulate_shares.sh
LONG_TESTS += tests/flows/simulate.sh
