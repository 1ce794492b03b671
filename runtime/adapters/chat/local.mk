## runtime/adapters/chat: the plugin by which customers chat from web pages.
noinst_LTLIBRARIES += libchat.la
libchat_la_FILES = \
	runtime/adapters/chat/callback.c runtime/adapters/chat/callback.h \
	runtime/adapters/chat/hours.c runtime/adapters/chat/hours.h \
	runtime/adapters/chat/chat.c runtime/adapters/chat/chat.h \
	runtime/adapters/chat/entry.c \
	runtime/adapters/chat/file.c \
	runtime/adapters/chat/identity.c runtime/adapters/chat/identity.h \
	runtime/adapters/chat/page.c \
	runtime/adapters/chat/session.c \
	runtime/adapters/chat/setting.c runtime/adapters/chat/setting.h runtime/adapters/chat/settings.def \
	runtime/adapters/chat/widget.c
libchat_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)

## The widget stands in the plugin as a text, without its indents and comments: visitors' browsers need neither.
EXTRA_DIST += runtime/adapters/chat/widget.js runtime/adapters/chat/languages
CLEANFILES += runtime/adapters/chat/widget.inc runtime/adapters/chat/languages.inc
$(libchat_la_OBJECTS): runtime/adapters/chat/widget.inc runtime/adapters/chat/languages.inc
CHAT_LANGUAGES = $(LANGUAGES:%=runtime/adapters/chat/languages/%.json)
runtime/adapters/chat/languages.inc: runtime/web/languages.sh $(CHAT_LANGUAGES)
	$(AM_V_GEN)$(MKDIR_P) runtime/adapters/chat && $(SHELL) $(srcdir)/runtime/web/languages.sh $(CHAT_LANGUAGES:%=$(srcdir)/%) >$@.tmp && mv $@.tmp $@
runtime/adapters/chat/widget.inc: runtime/adapters/chat/widget.js
	$(AM_V_GEN)$(MKDIR_P) runtime/adapters/chat && \
	sed '/^ *\/\//d; s/^ *//; s/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $(srcdir)/runtime/adapters/chat/widget.js >$@.tmp && mv $@.tmp $@

pkglib_LTLIBRARIES += chat.la
chat_la_SOURCES = runtime/adapters/chat/plugin.c
chat_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
## GLib keeps its types for ever: the code stays.
chat_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
chat_la_LIBADD = libchat.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

SCRIPT_TESTS += tests/flows/callback_web.sh tests/flows/chat_wire.sh tests/flows/chat_kills.sh tests/flows/stay.sh
PLAIN_TESTS += tests/flows/chat_browser.sh tests/flows/callback_page.sh

UNIT_TESTS += tests/unit/chat_idle
tests_unit_chat_idle_SOURCES = tests/unit/chat_idle.c
tests_unit_chat_idle_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS)
tests_unit_chat_idle_LDADD = libchat.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/chat_identity
tests_unit_chat_identity_SOURCES = tests/unit/chat_identity.c runtime/adapters/chat/identity.c
tests_unit_chat_identity_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS)
tests_unit_chat_identity_LDADD = libvocabulary.la libbase.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/chat_before
tests_unit_chat_before_SOURCES = tests/unit/chat_before.c tests/unit/before_world.c tests/unit/before_world.h $(SQL_WORLD)
tests_unit_chat_before_CFLAGS = $(tests_unit_chat_idle_CFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
tests_unit_chat_before_LDADD = $(tests_unit_chat_idle_LDADD)
