## runtime/studio: those who write strategies: the site's git repository, and gcxc as a child. The desk's plugin serves it.
noinst_LTLIBRARIES += libstudio.la
libstudio_la_FILES = runtime/studio/check.c runtime/studio/check.h \
	runtime/studio/draft.c runtime/studio/draft.h runtime/studio/edit.c runtime/studio/edit.h runtime/studio/play.c runtime/studio/play.h runtime/studio/simulate.c runtime/studio/simulate.h runtime/studio/image.c runtime/studio/image.h runtime/studio/language.c runtime/studio/language.h runtime/studio/history.c runtime/studio/history.h \
	runtime/studio/repository.c runtime/studio/repository.h runtime/studio/studio.c runtime/studio/studio.h
libstudio_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(GIT2_CFLAGS)

UNIT_TESTS += tests/unit/studio
tests_unit_studio_SOURCES = tests/unit/studio.c runtime/adapter/tool.c
tests_unit_studio_CFLAGS = $(UNIT_CFLAGS) $(EVENT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(GIT2_CFLAGS)
tests_unit_studio_LDADD = libstudio.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(GIT2_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)
