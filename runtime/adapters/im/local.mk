## runtime/adapters/im: the plugin for instant messages to knowledge workers, a component of an XMPP server.
## The part that knows of XMPP and of settings, and nothing of the core, is a library of its own: tests link it alone.
noinst_LTLIBRARIES += libxmpp.la libim.la
libxmpp_la_FILES = runtime/adapters/im/presence.def \
	runtime/adapters/im/component.c runtime/adapters/im/component.h \
	runtime/adapters/im/content.c runtime/adapters/im/content.h \
	runtime/adapters/im/presence.c runtime/adapters/im/presence.h \
	runtime/adapters/im/setting.c runtime/adapters/im/setting.h runtime/adapters/im/settings.def \
	runtime/adapters/im/stanza.c runtime/adapters/im/stanza.h
libxmpp_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(SODIUM_CFLAGS)
libxmpp_la_LIBADD = libxml.la
libim_la_FILES = runtime/adapters/im/im.h runtime/adapters/im/words.def \
	runtime/adapters/im/earlier.c runtime/adapters/im/earlier.h \
	runtime/adapters/im/expert.c runtime/adapters/im/offer.c runtime/adapters/im/reply.c runtime/adapters/im/route.c \
	runtime/adapters/im/send.c runtime/adapters/im/talk.c
libim_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
XMPP_LIBS = libxmpp.la libweb.la libstore.la libnet.la $(EXPAT_LIBS) $(GLIB_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

pkglib_LTLIBRARIES += im.la
im_la_SOURCES = runtime/adapters/im/plugin.c
im_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
## GLib keeps its types for ever, and a thread may still wait for the resolver: the code stays.
im_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
im_la_LIBADD = libim.la libxmpp.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(EXPAT_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/im_stanza tests/unit/im_presence
tests_unit_im_stanza_SOURCES = tests/unit/im_stanza.c
tests_unit_im_stanza_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS)
tests_unit_im_stanza_LDADD = $(XMPP_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)
tests_unit_im_presence_SOURCES = tests/unit/im_presence.c
tests_unit_im_presence_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS)
tests_unit_im_presence_LDADD = $(XMPP_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

SCRIPT_TESTS += tests/flows/im_wire.sh tests/flows/im_case.sh tests/flows/im_kills.sh tests/flows/im_ejabberd.sh

UNIT_TESTS += tests/unit/im_before
tests_unit_im_before_SOURCES = tests/unit/im_before.c tests/unit/before_world.c tests/unit/before_world.h $(SQL_WORLD)
tests_unit_im_before_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_im_before_LDADD = libim.la libxmpp.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(EXPAT_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)
