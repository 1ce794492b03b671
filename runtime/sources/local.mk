## runtime/sources: databases that `query` asks
## libendpoint.la: requests to endpoints; libreached.la: is a server there, and when does its certificate end? Plugins have them, too.
noinst_LTLIBRARIES += libendpoint.la libreached.la libsources.la
libendpoint_la_FILES = runtime/sources/endpoint.c runtime/sources/endpoint.h runtime/sources/endpoint_state.h \
	runtime/sources/request.c runtime/sources/body.c runtime/sources/body_plain.c runtime/sources/body.h \
	runtime/sources/body_xml.c runtime/sources/body_xml.h runtime/sources/breaker.c runtime/sources/breaker.h
libendpoint_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS) $(JANSSON_CFLAGS)
libendpoint_la_LIBADD = libreached.la
libreached_la_FILES = runtime/sources/certificate.c runtime/sources/certificate.h runtime/sources/head.c runtime/sources/head.h
libreached_la_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS)
libsources_la_FILES = runtime/sources/source.c runtime/sources/source.h runtime/sources/options.def runtime/sources/kind.h \
	runtime/sources/queue.c \
	runtime/sources/answer.c runtime/sources/answer.h runtime/sources/sqlite.c \
	runtime/sources/workers.c runtime/sources/workers.h runtime/sources/list_text.c runtime/sources/list_text.h \
	runtime/sources/postgres.c runtime/sources/pgsession.c runtime/sources/pgsession.h \
	runtime/sources/flights.c runtime/sources/pgsession_state.h \
	runtime/sources/rows.c runtime/sources/rows.h runtime/sources/pgtypes.c runtime/sources/pgtypes.h \
	runtime/sources/conninfo.c runtime/sources/conninfo.h runtime/sources/beside.c runtime/sources/beside.h
if HAVE_ODBC
libsources_la_SOURCES += runtime/sources/odbc.c
else
libsources_la_SOURCES += runtime/sources/odbc_none.c
endif
libsources_la_CFLAGS = $(AM_CFLAGS) -Werror=missing-field-initializers $(ODBC_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS) $(JANSSON_CFLAGS)
libsources_la_LIBADD = libendpoint.la libaside.la libxml.la $(ODBC_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(JANSSON_LIBS) $(EXPAT_LIBS)

UNIT_TESTS += tests/unit/sources_sqlite
tests_unit_sources_sqlite_SOURCES = tests/unit/sources_sqlite.c tests/unit/sources_texts.h
tests_unit_sources_sqlite_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_sources_sqlite_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS)

UNIT_TESTS += tests/unit/sources_odbc
tests_unit_sources_odbc_SOURCES = tests/unit/sources_odbc.c
tests_unit_sources_odbc_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_sources_odbc_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS) $(SQLITE_LIBS)

UNIT_TESTS += tests/unit/sources_endpoint
tests_unit_sources_endpoint_SOURCES = tests/unit/sources_endpoint.c
tests_unit_sources_endpoint_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS)
tests_unit_sources_endpoint_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/sources_breaker
tests_unit_sources_breaker_SOURCES = tests/unit/sources_breaker.c
tests_unit_sources_breaker_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sources_breaker_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS)

## Needs a server: a script starts one, and runs it.
if HAVE_CRITERION
check_PROGRAMS += tests/unit/sources_postgres
endif
tests_unit_sources_postgres_SOURCES = tests/unit/sources_postgres.c tests/unit/sources_postgres_lost.c \
	tests/unit/postgres_world.c tests/unit/postgres_world.h tests/unit/sources_texts.h
tests_unit_sources_postgres_CFLAGS = $(UNIT_CFLAGS) $(PQ_CFLAGS) $(EVENT_CFLAGS)
tests_unit_sources_postgres_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS) \
	$(PQ_LIBS) $(EVENT_LIBS)
LONG_TESTS += tests/flows/postgres.tap
SCRIPT_TESTS += tests/flows/postgres_tls.sh

UNIT_TESTS += tests/unit/sources_body
tests_unit_sources_body_SOURCES = tests/unit/sources_body.c
tests_unit_sources_body_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_sources_body_LDADD = libsources.la libhost.la libvocabulary.la libvm.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS) $(JANSSON_LIBS)
