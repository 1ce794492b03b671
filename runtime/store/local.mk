## runtime/store: the contact store, which the plugins of e-mail, chat and desk link, and gcxstore, its command.
noinst_LTLIBRARIES += libstore.la
libstore_la_FILES = runtime/store/store.h runtime/store/state.h runtime/store/store.def runtime/store/limits.def \
	runtime/store/kinds.def runtime/store/schema.c runtime/store/transaction.c runtime/store/text.c runtime/store/address.c runtime/store/forms.c runtime/store/put.c runtime/store/same.c \
	runtime/store/parts.c runtime/store/find.c runtime/store/served.c runtime/store/contact.c runtime/store/forget.c \
	runtime/store/response.c runtime/store/refusal.c runtime/store/rings.c runtime/store/mentions.c runtime/store/thread.c runtime/store/fill.h runtime/store/fill.c runtime/store/look.h runtime/store/look.c \
	runtime/store/act.c runtime/store/verify.c runtime/store/quality.c runtime/store/quality.h
libstore_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
libstore_la_LIBADD = libsql.la $(SODIUM_LIBS)

UNIT_TESTS += tests/unit/store_put
tests_unit_store_put_SOURCES = tests/unit/store_put.c tests/unit/store_world.c tests/unit/store_world.h $(SQL_WORLD)
tests_unit_store_put_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_put_LDADD = libstore.la libvocabulary.la libvm.la libbase.la $(SQLITE_LIBS) $(PQ_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/store_find
tests_unit_store_find_SOURCES = tests/unit/store_find.c tests/unit/store_world.c tests/unit/store_world.h $(SQL_WORLD)
tests_unit_store_find_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_find_LDADD = $(tests_unit_store_put_LDADD)

UNIT_TESTS += tests/unit/store_who
tests_unit_store_who_SOURCES = tests/unit/store_who.c tests/unit/store_world.c tests/unit/store_world.h $(SQL_WORLD)
tests_unit_store_who_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_who_LDADD = $(tests_unit_store_put_LDADD)

UNIT_TESTS += tests/unit/store_quality
tests_unit_store_quality_SOURCES = tests/unit/store_quality.c tests/unit/store_world.c tests/unit/store_world.h $(SQL_WORLD)
tests_unit_store_quality_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_quality_LDADD = $(tests_unit_store_put_LDADD)

UNIT_TESTS += tests/unit/store_rings
tests_unit_store_rings_SOURCES = tests/unit/store_rings.c tests/unit/store_world.c tests/unit/store_world.h $(SQL_WORLD)
tests_unit_store_rings_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_store_rings_LDADD = $(tests_unit_store_put_LDADD)

## The same tests with a PostgreSQL server, which a part of tests/flows/postgres.tap starts.

bin_PROGRAMS += gcxstore
gcxstore_FILES = runtime/store/cli/main.c runtime/store/cli/cli.h runtime/store/cli/show.c runtime/store/cli/change.c \
	runtime/store/cli/export.c runtime/store/cli/import.c runtime/store/cli/commands.def \
	runtime/store/cli/options.def runtime/store/cli/exits.def
gcxstore_LDADD = libstore.la libhost.la libvocabulary.la libvm.la libbase.la
SCRIPT_TESTS += tests/flows/store_command.sh
