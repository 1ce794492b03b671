## runtime/twin: plays what a gcxvm has done through another version of the strategies.
noinst_LTLIBRARIES += libtwin.la
libtwin_la_FILES = runtime/twin/rival.h runtime/twin/rival_state.h runtime/twin/rival.c runtime/twin/rival_calls.c \
	runtime/twin/rival_compare.c runtime/twin/rival_hear.c
libtwin_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
noinst_LTLIBRARIES += libtold.la
libtold_la_FILES = runtime/twin/exits.def runtime/twin/exits.h runtime/twin/tally.h runtime/twin/tally.c runtime/twin/tell.h \
	runtime/twin/tell.c runtime/twin/candidate.h runtime/twin/candidate.c
libtold_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
libtold_la_LIBADD = libprotocol.la
## What both doors need. The door what-if reads gcxvm's configuration, changes settings as gcxctl set does, and records a day as gcxrecords does.
noinst_LTLIBRARIES += libwhatif.la
libwhatif_la_FILES = runtime/twin/what_if.c runtime/twin/what_if_options.def runtime/twin/what_if_play.h runtime/twin/what_if_play.c \
	runtime/twin/day.h runtime/twin/day.c runtime/twin/load.h runtime/twin/load.c \
	runtime/twin/soon_state.h runtime/twin/soon_state.c \
	runtime/twin/replayed.h runtime/twin/replayed.c runtime/twin/doors.h runtime/twin/doors.c
libwhatif_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
noinst_LTLIBRARIES += libsoon.la
libsoon_la_FILES = runtime/twin/soon.c runtime/twin/soon_options.def
libsoon_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
bin_PROGRAMS += gcxtwin
gcxtwin_FILES = runtime/twin/gcxtwin.c runtime/twin/shadow.c runtime/twin/shadow_options.def \
	runtime/twin/shadow_play.h runtime/twin/shadow_play.c
gcxtwin_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(SODIUM_CFLAGS)
gcxtwin_LDADD = libsoon.la libwhatif.la librecords.la libtold.la libtwin.la $(DAEMON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(CURL_LIBS) $(TLS_LIBS) \
	$(XXHASH_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS)

SCRIPT_TESTS += tests/flows/shadow.sh tests/flows/shadow_media.sh tests/flows/shadow_standby.sh
SCRIPT_TESTS += tests/flows/what_if.sh
tests/flows/what_if.log: tests/debugger/journal$(EXEEXT)

UNIT_TESTS += tests/unit/twin
tests_unit_twin_SOURCES = tests/unit/twin.c
tests_unit_twin_CFLAGS = $(UNIT_CFLAGS)
tests_unit_twin_LDADD = libtwin.la $(CORE_LIBS)

UNIT_TESTS += tests/unit/twin_tally
tests_unit_twin_tally_SOURCES = tests/unit/twin_tally.c
tests_unit_twin_tally_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_twin_tally_LDADD = libtold.la libtwin.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS)
