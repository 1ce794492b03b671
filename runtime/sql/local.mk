## runtime/sql: databases that our programs write.
## liblite.la: what is shared with programs that link no libpq.
noinst_LTLIBRARIES += liblite.la libsql.la
liblite_la_SOURCES = runtime/sql/lite.h runtime/sql/lite.c
liblite_la_CFLAGS = $(AM_CFLAGS) -Werror=missing-field-initializers $(SQLITE_CFLAGS)
libsql_la_FILES = runtime/sql/sql.h runtime/sql/sql.c runtime/sql/kind.h runtime/sql/sqlite.c runtime/sql/postgres.c \
	runtime/sql/schema.h runtime/sql/schema_rows.h runtime/sql/versions.def runtime/sql/schema.c
libsql_la_CFLAGS = $(AM_CFLAGS) -Werror=missing-field-initializers $(SQLITE_CFLAGS) $(PQ_CFLAGS)
libsql_la_LIBADD = liblite.la $(SQLITE_LIBS) $(PQ_LIBS)

## How tests look into a database themselves.
SQL_WORLD = tests/unit/sql_world.h tests/unit/sql_world.c
