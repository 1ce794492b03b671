## runtime/adapters/conversation: conversations between customers and agents, for the plugins that are ways into them.
noinst_LTLIBRARIES += libconversation.la
libconversation_la_FILES = \
	runtime/adapters/conversation/conversation.h runtime/adapters/conversation/internal.h \
	runtime/adapters/conversation/begin.c \
	runtime/adapters/conversation/content.c runtime/adapters/conversation/content.h runtime/adapters/conversation/content.def \
	runtime/adapters/conversation/conversations.c \
	runtime/adapters/conversation/core.c \
	runtime/adapters/conversation/end.c \
	runtime/adapters/conversation/event.c \
	runtime/adapters/conversation/first.c \
	runtime/adapters/conversation/job.c \
	runtime/adapters/conversation/keep.c runtime/adapters/conversation/keep.h \
	runtime/adapters/conversation/read.c \
	runtime/adapters/conversation/recent.c \
	runtime/adapters/conversation/restore.c \
	runtime/adapters/conversation/said.c \
	runtime/adapters/conversation/template.c runtime/adapters/conversation/template.h
libconversation_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)

UNIT_TESTS += tests/unit/conversation_way
tests_unit_conversation_way_SOURCES = tests/unit/conversation_way.c $(SQL_WORLD)
tests_unit_conversation_way_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_conversation_way_LDADD = libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)
