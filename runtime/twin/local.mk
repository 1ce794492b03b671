## runtime/twin: plays what a gcxvm has done through another version of the strategies.
noinst_LTLIBRARIES += libtwin.la
libtwin_la_FILES = runtime/twin/rival.h runtime/twin/rival_state.h runtime/twin/rival.c runtime/twin/rival_calls.c \
	runtime/twin/rival_compare.c runtime/twin/rival_hear.c
libtwin_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
