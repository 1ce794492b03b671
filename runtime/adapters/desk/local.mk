## runtime/adapters/desk: the plugin by which agents work in browsers.
noinst_LTLIBRARIES += libdesk.la
libdesk_la_FILES = \
	runtime/adapters/desk/desk.h runtime/adapters/desk/codes.def runtime/adapters/desk/mobiles.def \
	runtime/adapters/desk/agent.c runtime/adapters/desk/agent_tell.c runtime/adapters/desk/agents.c \
	runtime/adapters/desk/api.c runtime/adapters/desk/api.h runtime/adapters/desk/api_answer.c runtime/adapters/desk/api_calls.c \
	runtime/adapters/desk/api_contacts.c runtime/adapters/desk/api_files.c runtime/adapters/desk/api_interactions.c \
	runtime/adapters/desk/api_jobs.c runtime/adapters/desk/api_led.c runtime/adapters/desk/api_pages.c runtime/adapters/desk/api_quality.c \
	runtime/adapters/desk/api_queues.c runtime/adapters/desk/api_records.c runtime/adapters/desk/api_session.c runtime/adapters/desk/api_sounds.c \
	runtime/adapters/desk/api_strategies.c runtime/adapters/desk/api_supervise.c runtime/adapters/desk/api_texts.c \
	runtime/adapters/desk/asks.c runtime/adapters/desk/asks.h \
	runtime/adapters/desk/checked.c runtime/adapters/desk/chosen.c runtime/adapters/desk/chosen.h runtime/adapters/desk/consoles.c runtime/adapters/desk/helped.c runtime/adapters/desk/helped.h runtime/adapters/desk/divide.c runtime/adapters/desk/receipts.c \
	runtime/adapters/desk/contract.c runtime/adapters/desk/contract.h \
	runtime/adapters/desk/core.c runtime/adapters/desk/core_agents.c runtime/adapters/desk/core_post.c \
	runtime/adapters/desk/held.c runtime/adapters/desk/held.h runtime/adapters/desk/knowledge.c runtime/adapters/desk/knowledge.h \
	runtime/adapters/desk/links.c runtime/adapters/desk/links.h \
	runtime/adapters/desk/macros.c runtime/adapters/desk/macros.h runtime/adapters/desk/past.c runtime/adapters/desk/past.h runtime/adapters/desk/prompts.c runtime/adapters/desk/prompts.h runtime/adapters/desk/prompts_kept.c runtime/adapters/desk/prompts_kept.h runtime/adapters/desk/recordings.c runtime/adapters/desk/recordings.h \
	runtime/adapters/desk/item.c runtime/adapters/desk/job.c runtime/adapters/desk/named.c runtime/adapters/desk/looks.c runtime/adapters/desk/notes.c \
	runtime/adapters/desk/keep.c \
	runtime/adapters/desk/login.c \
	runtime/adapters/desk/look.c runtime/adapters/desk/led.c runtime/adapters/desk/may.c \
	runtime/adapters/desk/mail.c runtime/adapters/desk/marks.c \
	runtime/adapters/desk/over.c runtime/adapters/desk/over.h runtime/adapters/desk/phone.c runtime/adapters/desk/phone.h runtime/adapters/desk/phone_asks.c \
	runtime/adapters/desk/phone_calls.c runtime/adapters/desk/phone_vq.c runtime/adapters/desk/phone_told.c runtime/adapters/desk/phone_wire.c \
	runtime/adapters/desk/told.def \
	runtime/adapters/desk/read.c runtime/adapters/desk/recipients.c \
	runtime/adapters/desk/record.c runtime/adapters/desk/rings.c runtime/adapters/desk/phone_rings.c \
	runtime/adapters/desk/remember.c \
	runtime/adapters/desk/said.c runtime/adapters/desk/said.h runtime/adapters/desk/said_chat.c \
	runtime/adapters/desk/said_heard.c runtime/adapters/desk/said_move.c runtime/adapters/desk/said_state.c \
	runtime/adapters/desk/session.c runtime/adapters/desk/session_voice.c \
	runtime/adapters/desk/setting.c runtime/adapters/desk/setting.h runtime/adapters/desk/settings.def \
	runtime/adapters/desk/shown.c \
	runtime/adapters/desk/softphone.c runtime/adapters/desk/softphone.h \
	runtime/adapters/desk/editors.c runtime/adapters/desk/editors.h \
	runtime/adapters/desk/strategies.c runtime/adapters/desk/strategies.h \
	runtime/adapters/desk/thread.c runtime/adapters/desk/traces.c \
	runtime/adapters/desk/reviews.c runtime/adapters/desk/lists.c runtime/adapters/desk/forms.c runtime/adapters/desk/forms.h \
	runtime/adapters/desk/talked.c \
	runtime/adapters/desk/tserver.c \
	runtime/adapters/desk/watch.c runtime/adapters/desk/watch.h runtime/adapters/desk/watch_core.c \
	runtime/adapters/desk/acts.c runtime/adapters/desk/acts_shown.c runtime/adapters/desk/who.c runtime/adapters/desk/code.c runtime/adapters/desk/who.h \
	runtime/adapters/desk/write.c \
	runtime/adapters/desk/web.c runtime/adapters/desk/web.h
libdesk_la_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)

## The pages, and the interface's description, stand in the plugin. A page is a word of this list.
DESK_WEB = index.html desk.css icon-waits.svg main.js asks.js calls.js finder.js work.js who.js chat.js mail.js mms.js editor.js bins.js contact.js contents.js find.js helped.js history.js linked.js links.js \
	keys.js letter.html letter.js markdown.js notify.js people.js phone.js presence.js quick.js records.js responses.js reviews.js softphone.js sound.js supervise.js texts.js thread.js together.js transfer.js undo.js vcard.js
DESK_FILES = $(DESK_WEB:%=runtime/adapters/desk/web/%) $(SHARED_WEB:%=runtime/web/pages/%) $(CONSOLE_WEB:%=runtime/console/pages/%)
EXTRA_DIST += runtime/adapters/desk/openapi.json runtime/adapters/desk/web.sh runtime/adapters/desk/web
CLEANFILES += runtime/adapters/desk/web.inc runtime/adapters/desk/languages.inc runtime/adapters/desk/gsm.js
$(libdesk_la_OBJECTS): | runtime/adapters/desk/web.inc runtime/adapters/desk/languages.inc
DESK_LANGUAGES = $(LANGUAGES:%=runtime/web/languages/%.json)
runtime/adapters/desk/languages.inc: runtime/web/languages.sh $(DESK_LANGUAGES)
	$(AM_V_GEN)$(MKDIR_P) runtime/adapters/desk && $(SHELL) $(srcdir)/runtime/web/languages.sh $(DESK_LANGUAGES:%=$(srcdir)/%) >$@.tmp && mv $@.tmp $@
## The alphabet of short messages stands in one table.
runtime/adapters/desk/gsm.js: runtime/adapters/sms/gsm.def
	$(AM_V_GEN)$(MKDIR_P) runtime/adapters/desk && for name in GSM GSM_EXTENDED; do \
	    echo "export const $$name = ["; \
	    grep -o "\b$$name([^)]*)" $(srcdir)/runtime/adapters/sms/gsm.def | sed -n 's/.*, \(0x[0-9a-f]*\))/\1,/p'; echo "];"; done >$@.tmp && mv $@.tmp $@
runtime/adapters/desk/web.inc: runtime/adapters/desk/openapi.json runtime/adapters/desk/web.sh $(DESK_FILES) runtime/adapters/desk/gsm.js $(CONSOLE_MADE)
	$(AM_V_GEN)$(MKDIR_P) runtime/adapters/desk && \
	$(SHELL) $(srcdir)/runtime/adapters/desk/web.sh $(srcdir)/runtime/adapters/desk/openapi.json $(DESK_FILES:%=$(srcdir)/%) runtime/adapters/desk/gsm.js $(CONSOLE_MADE) >$@.tmp && mv $@.tmp $@

pkglib_LTLIBRARIES += desk.la
desk_la_SOURCES = runtime/adapters/desk/plugin.c
desk_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
## GLib keeps its types for ever: the code stays.
desk_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
desk_la_LIBADD = libdesk.la libconsole.la libstudio.la libquality.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libcti.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(GIT2_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

SCRIPT_TESTS += tests/flows/desk_thread.sh tests/flows/desk_wire.sh tests/flows/desk_voice.sh tests/flows/desk_sip.sh tests/flows/desk_outbound.sh
## Pages in a browser, and the promises, are played in the shipped build alone, as the whole check has twenty minutes.
## They pass under sanitizers: `top_srcdir=$PWD top_builddir=$PWD/build-asan sh tests/flows/desk_browser.sh`.
PLAIN_TESTS += tests/flows/desk_browser.sh tests/flows/sip_browser.sh

## The telephone's requests alone: the test is the agent whom they are answered.
UNIT_TESTS += tests/unit/desk_phone
tests_unit_desk_phone_SOURCES = tests/unit/desk_phone.c runtime/adapters/desk/phone_wire.c
tests_unit_desk_phone_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_desk_phone_LDADD = libcti.la libnet.la libvocabulary.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(CRITERION_LIBS)

## The file of macros alone.
UNIT_TESTS += tests/unit/desk_macros
tests_unit_desk_macros_SOURCES = tests/unit/desk_macros.c runtime/adapters/desk/macros.c runtime/web/origins.c
tests_unit_desk_macros_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_desk_macros_LDADD = libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)

## Links and frames alone.
UNIT_TESTS += tests/unit/desk_prompts
tests_unit_desk_prompts_SOURCES = tests/unit/desk_prompts.c runtime/adapters/desk/prompts_kept.c
tests_unit_desk_prompts_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_desk_prompts_LDADD = libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/desk_links
tests_unit_desk_links_SOURCES = tests/unit/desk_links.c runtime/adapters/desk/links.c
tests_unit_desk_links_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_desk_links_LDADD = libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)

## What is held, and what is over: the test is the core, the clock, the store and the pages.
UNIT_TESTS += tests/unit/desk_held
tests_unit_desk_held_SOURCES = tests/unit/desk_held.c runtime/adapters/desk/held.c
tests_unit_desk_held_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_desk_held_LDADD = libvocabulary.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/desk_over
tests_unit_desk_over_SOURCES = tests/unit/desk_over.c runtime/adapters/desk/over.c
tests_unit_desk_over_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_desk_over_LDADD = libvocabulary.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)
