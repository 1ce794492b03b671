## runtime/adapters/cti: the call model and the clients' wire, shared by voice plugins.
## libjsonkv.la: user data as JSON, for plugins without a telephone, too.
noinst_LTLIBRARIES += libjsonkv.la libcti.la
libjsonkv_la_SOURCES = runtime/adapters/cti/json_kv.c runtime/adapters/cti/json_kv.h
libjsonkv_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libcti_la_FILES = \
	runtime/adapters/cti/access.c runtime/adapters/cti/roles.def \
	runtime/adapters/cti/agents.c runtime/adapters/cti/agents.h \
	runtime/adapters/cti/asks.c runtime/adapters/cti/asks_failed.c runtime/adapters/cti/asks.h \
	runtime/adapters/cti/call.c runtime/adapters/cti/call.h \
	runtime/adapters/cti/client.c runtime/adapters/cti/client_data.h runtime/adapters/cti/client_feed.c runtime/adapters/cti/client_send.c \
	runtime/adapters/cti/clients.c runtime/adapters/cti/clock.c \
	runtime/adapters/cti/consult_view.c runtime/adapters/cti/consults.c runtime/adapters/cti/consults.h \
	runtime/adapters/cti/cti.c runtime/adapters/cti/cti.h runtime/adapters/cti/internal.h \
	runtime/adapters/cti/dn.c runtime/adapters/cti/dn.h \
	runtime/adapters/cti/effects.h runtime/adapters/cti/effects.c \
	runtime/adapters/cti/effects_call.c \
	runtime/adapters/cti/events.c runtime/adapters/cti/events.h runtime/adapters/cti/events.def \
	runtime/adapters/cti/facts.c runtime/adapters/cti/facts.h runtime/adapters/cti/facts_agent.c runtime/adapters/cti/facts_party.c \
	runtime/adapters/cti/hosts.c runtime/adapters/cti/hosts.h \
	runtime/adapters/cti/index.c runtime/adapters/cti/index.h \
	runtime/adapters/cti/invites.c runtime/adapters/cti/invites.h \
	runtime/adapters/cti/limits.c runtime/adapters/cti/limits.h runtime/adapters/cti/limits.def \
	runtime/adapters/cti/logins.c runtime/adapters/cti/logins.h \
	runtime/adapters/cti/lines.c runtime/adapters/cti/lines.h \
	runtime/adapters/cti/mend.c runtime/adapters/cti/mend.h \
	runtime/adapters/cti/notify.c \
	runtime/adapters/cti/ports.c runtime/adapters/cti/ports_stay.c runtime/adapters/cti/ports.h \
	runtime/adapters/cti/post.c \
	runtime/adapters/cti/recordings.c runtime/adapters/cti/recordings.h \
	runtime/adapters/cti/records.c runtime/adapters/cti/records.h runtime/adapters/cti/records.def \
	runtime/adapters/cti/requests.c \
	runtime/adapters/cti/resync.c runtime/adapters/cti/snapshot.c \
	runtime/adapters/cti/routing.c runtime/adapters/cti/routing_watch.c \
	runtime/adapters/cti/server.c runtime/adapters/cti/server.h \
	runtime/adapters/cti/tokens.c runtime/adapters/cti/tokens.h \
	runtime/adapters/cti/users.c runtime/adapters/cti/users.h
libcti_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)
libcti_la_LIBADD = libjsonkv.la $(JANSSON_LIBS) $(SODIUM_LIBS) $(GLIB_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/cti_model tests/unit/cti_json
tests_unit_cti_model_SOURCES = tests/unit/cti_model.c
tests_unit_cti_model_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_cti_model_LDADD = libcti.la libnet.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)
tests_unit_cti_json_SOURCES = tests/unit/cti_json.c
tests_unit_cti_json_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_cti_json_LDADD = libcti.la libnet.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(EVENT_LIBS)
