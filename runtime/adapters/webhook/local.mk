## runtime/adapters/webhook: the plugin for networks and messengers that write to us by HTTP; a network is a data file.
## libnetwork.la: networks as data, and requests to them; the plugin of short messages has it, too.
noinst_LTLIBRARIES += libnetwork.la libwebhook.la
libnetwork_la_FILES = runtime/adapters/webhook/fields.def runtime/adapters/webhook/places.def runtime/adapters/webhook/network.c runtime/adapters/webhook/network.h \
	runtime/adapters/webhook/pick.c runtime/adapters/webhook/pick.h runtime/adapters/webhook/posts.c \
	runtime/adapters/webhook/readable.c runtime/adapters/webhook/readable.h \
	runtime/adapters/webhook/form.c runtime/adapters/webhook/form.h \
	runtime/adapters/webhook/hosts.c runtime/adapters/webhook/hosts.h \
	runtime/adapters/webhook/given.c runtime/adapters/webhook/given.h \
	runtime/adapters/webhook/called.c runtime/adapters/webhook/called.h \
	runtime/adapters/webhook/send.c runtime/adapters/webhook/send.h \
	runtime/adapters/webhook/senders.c runtime/adapters/webhook/senders.h \
	runtime/adapters/webhook/verify.c runtime/adapters/webhook/verify.h
libnetwork_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(CURL_CFLAGS) $(TLS_CFLAGS)
libnetwork_la_LIBADD = libreached.la
libwebhook_la_FILES = runtime/adapters/webhook/webhook.h \
	runtime/adapters/webhook/hook.c runtime/adapters/webhook/post.c runtime/adapters/webhook/turn.c \
	runtime/adapters/webhook/fetch.c runtime/adapters/webhook/fetch.h \
	runtime/adapters/webhook/before.c \
	runtime/adapters/webhook/setting.c runtime/adapters/webhook/setting.h runtime/adapters/webhook/settings.def
libwebhook_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS) $(CURL_CFLAGS)

networksdir = $(pkgdatadir)/networks
dist_networks_DATA = runtime/adapters/webhook/networks/bot_messenger.json \
	runtime/adapters/webhook/networks/cloud_messenger.json runtime/adapters/webhook/networks/microblog.json \
	runtime/adapters/webhook/networks/text_form.json runtime/adapters/webhook/networks/text_json.json

pkglib_LTLIBRARIES += webhook.la
webhook_la_SOURCES = runtime/adapters/webhook/plugin.c
webhook_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
## GLib keeps its types for ever: the code stays.
webhook_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
webhook_la_LIBADD = libwebhook.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/webhook_network
tests_unit_webhook_network_SOURCES = tests/unit/webhook_network.c
tests_unit_webhook_network_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_webhook_network_LDADD = libwebhook.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la $(GLIB_LIBS) $(CURL_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/webhook_plugin
tests_unit_webhook_plugin_SOURCES = tests/unit/webhook_plugin.c runtime/adapters/webhook/plugin.c
tests_unit_webhook_plugin_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_webhook_plugin_LDADD = libwebhook.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la $(GLIB_LIBS) \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(EVENT_LIBS) $(ROOM_LIBS) $(CRITERION_LIBS)

SCRIPT_TESTS += tests/flows/webhook_wire.sh tests/flows/webhook_kills.sh tests/flows/text_wire.sh
PLAIN_TESTS += tests/flows/webhook_clients.sh
