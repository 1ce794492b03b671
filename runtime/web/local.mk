## runtime/web: what serves browsers, for the plugins of chat and desk.
noinst_LTLIBRARIES += libweb.la
libweb_la_FILES = runtime/web/websocket.c runtime/web/websocket.h runtime/web/door.c runtime/web/door.h runtime/web/reply.c runtime/web/reply.h \
    runtime/web/authorization.c runtime/web/authorization.h runtime/web/applications.c runtime/web/applications.h \
    runtime/web/crowd.c runtime/web/crowd.h runtime/web/opening.c runtime/web/opening.h \
    runtime/web/origins.c runtime/web/origins.h runtime/web/saved.c runtime/web/saved.h runtime/web/html.c runtime/web/html.h runtime/web/entities.def \
    runtime/web/magic.c runtime/web/magic.h runtime/web/magic.def \
    runtime/web/languages.c runtime/web/languages.h
libweb_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
libweb_la_LIBADD = $(SODIUM_LIBS) $(TLS_LIBS) $(GLIB_LIBS) $(EVENT_LIBS)

## Parts of pages that the desk and the console share. A part is a word of this list.
SHARED_WEB = looks.css icon.svg dom.js entrance.js t.js wire.js words.js
EXTRA_DIST += runtime/web/pages runtime/web/languages runtime/web/languages.sh
## Their languages: a language is a word of this list, and a file of runtime/web/languages.
LANGUAGES = de en es fr

UNIT_TESTS += tests/unit/web_websocket
tests_unit_web_websocket_SOURCES = tests/unit/web_websocket.c
tests_unit_web_websocket_CFLAGS = $(UNIT_CFLAGS)
tests_unit_web_websocket_LDADD = libweb.la $(GLIB_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/web_door
tests_unit_web_door_SOURCES = tests/unit/web_door.c tests/unit/papers.c tests/unit/papers.h
tests_unit_web_door_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(TLS_CFLAGS)
tests_unit_web_door_LDADD = libweb.la libnet.la $(GLIB_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/web_saved
tests_unit_web_saved_SOURCES = tests/unit/web_saved.c
tests_unit_web_saved_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_web_saved_LDADD = libweb.la $(GLIB_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/web_languages
tests_unit_web_languages_SOURCES = tests/unit/web_languages.c
tests_unit_web_languages_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_web_languages_LDADD = libweb.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)
