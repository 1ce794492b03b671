## runtime/post: the life of items that come from customers and go to them, for the plugins that are ways.
## libsubmits.la: questions to the core, for plugins that are no ways, too.
noinst_LTLIBRARIES += libsubmits.la libpost.la
libsubmits_la_SOURCES = runtime/post/submits.c runtime/post/submits.h
libsubmits_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
libpost_la_FILES = \
	runtime/post/body.c runtime/post/body.h runtime/post/code.c runtime/post/code.h \
	runtime/post/post.def runtime/post/way.h runtime/post/states.c runtime/post/states.h \
	runtime/post/postbook.c runtime/post/postbook.h runtime/post/postbook_state.h runtime/post/postbook_before.c \
	runtime/post/postbook_in.c runtime/post/postbook_out.c \
	runtime/post/office.c runtime/post/office.h runtime/post/office_state.h \
	runtime/post/talks.c runtime/post/talks.h runtime/post/memos.c runtime/post/memos.h \
	runtime/post/office_jobs.c runtime/post/office_sending.c runtime/post/office_pieces.c runtime/post/office_receipts.c \
	runtime/post/office_asked.c runtime/post/office_waits.c runtime/post/office_out.c \
	runtime/post/office_in.c runtime/post/office_ends.c runtime/post/unended.c runtime/post/unended.h
libpost_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(SODIUM_CFLAGS)
libpost_la_LIBADD = libsubmits.la

UNIT_TESTS += tests/unit/post_submits
tests_unit_post_submits_SOURCES = tests/unit/post_submits.c
tests_unit_post_submits_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS)
tests_unit_post_submits_LDADD = libsubmits.la libvocabulary.la libvm.la libbase.la $(GLIB_LIBS) $(CRITERION_LIBS)
