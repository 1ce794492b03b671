## runtime/lists: calling lists, and gcxlists, their command.
LISTS_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
LISTS_LIBS = liblists.la libvocabulary.la libvm.la libbase.la $(JANSSON_LIBS)
# Without the databases, for who links the contact store as well, which has them.
noinst_LTLIBRARIES += liblistsbare.la liblists.la
liblistsbare_la_FILES = runtime/lists/lists.h runtime/lists/state.h runtime/lists/lists.def \
	runtime/lists/limits.def runtime/lists/answers.def runtime/lists/columns.def runtime/lists/schema.c \
	runtime/lists/list.c runtime/lists/row.c runtime/lists/import.c runtime/lists/export.c runtime/lists/blocked.c runtime/lists/person.c \
	runtime/lists/filter.c runtime/lists/functions.def runtime/lists/fetch.c runtime/lists/dial.c runtime/lists/loaded.c \
	runtime/lists/change.c runtime/lists/cancel.c runtime/lists/forget.c runtime/lists/restored.c runtime/lists/ops.def \
	runtime/lists/zones.c runtime/lists/zones.h

liblistsbare_la_CFLAGS = $(LISTS_CFLAGS)
liblists_la_SOURCES =
liblists_la_LIBADD = liblistsbare.la libsql.la $(JANSSON_LIBS)

UNIT_TESTS += tests/unit/lists_import
tests_unit_lists_import_SOURCES = tests/unit/lists_import.c tests/unit/lists_world.c tests/unit/lists_world.h $(SQL_WORLD)
tests_unit_lists_import_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_lists_import_LDADD = $(LISTS_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/lists_fetch tests/unit/lists_persons
LISTS_SESSION = tests/unit/lists_session.c tests/unit/lists_session.h tests/unit/lists_world.c tests/unit/lists_world.h $(SQL_WORLD)
tests_unit_lists_fetch_SOURCES = tests/unit/lists_fetch.c $(LISTS_SESSION)
tests_unit_lists_fetch_CFLAGS = $(tests_unit_lists_import_CFLAGS)
tests_unit_lists_fetch_LDADD = $(tests_unit_lists_import_LDADD)
tests_unit_lists_persons_SOURCES = tests/unit/lists_persons.c $(LISTS_SESSION)
tests_unit_lists_persons_CFLAGS = $(tests_unit_lists_import_CFLAGS)
tests_unit_lists_persons_LDADD = $(tests_unit_lists_import_LDADD)

UNIT_TESTS += tests/unit/lists_change
tests_unit_lists_change_SOURCES = tests/unit/lists_change.c tests/unit/lists_world.c tests/unit/lists_world.h $(SQL_WORLD)
tests_unit_lists_change_CFLAGS = $(tests_unit_lists_import_CFLAGS)
tests_unit_lists_change_LDADD = $(tests_unit_lists_import_LDADD)

UNIT_TESTS += tests/unit/lists_forget
tests_unit_lists_forget_SOURCES = tests/unit/lists_forget.c tests/unit/lists_world.c tests/unit/lists_world.h $(SQL_WORLD)
tests_unit_lists_forget_CFLAGS = $(tests_unit_lists_import_CFLAGS)
tests_unit_lists_forget_LDADD = $(tests_unit_lists_import_LDADD)

## The same tests with a PostgreSQL server, which a part of tests/flows/postgres.tap starts.

bin_PROGRAMS += gcxlists
gcxlists_FILES = runtime/lists/cli/main.c runtime/lists/cli/cli.h runtime/lists/cli/change.c runtime/lists/cli/files.c \
	runtime/lists/cli/commands.def runtime/lists/cli/options.def runtime/lists/cli/exits.def
gcxlists_LDADD = libhost.la $(LISTS_LIBS)
SCRIPT_TESTS += tests/flows/lists_command.sh
