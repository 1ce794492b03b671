## runtime/adapters/webhook: the plugin for networks and messengers that write to us by HTTP; a network is a data file.
noinst_LTLIBRARIES += libwebhook.la
libwebhook_la_SOURCES = runtime/adapters/webhook/fields.def \
	runtime/adapters/webhook/network.c runtime/adapters/webhook/network.h \
	runtime/adapters/webhook/pick.c runtime/adapters/webhook/pick.h \
	runtime/adapters/webhook/posts.c \
	runtime/adapters/webhook/verify.c runtime/adapters/webhook/verify.h
libwebhook_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS) $(CURL_CFLAGS)

EXTRA_DIST += runtime/adapters/webhook/networks/bot_messenger.json \
	runtime/adapters/webhook/networks/cloud_messenger.json runtime/adapters/webhook/networks/microblog.json

UNIT_TESTS += tests/unit/webhook_network
tests_unit_webhook_network_SOURCES = tests/unit/webhook_network.c
tests_unit_webhook_network_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_webhook_network_LDADD = libwebhook.la libvocabulary.la libvm.la $(GLIB_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) \
	$(TLS_LIBS) $(CRITERION_LIBS)
