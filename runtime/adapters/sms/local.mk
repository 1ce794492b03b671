## runtime/adapters/sms: the plugin that receives and sends short messages.
noinst_LTLIBRARIES += libsms.la
libsms_la_FILES = \
	runtime/adapters/sms/sms.h runtime/adapters/sms/texts.c runtime/adapters/sms/session.c runtime/adapters/sms/application.c \
	runtime/adapters/sms/link.c runtime/adapters/sms/link.h \
	runtime/adapters/sms/provider.c runtime/adapters/sms/provider.h \
	runtime/adapters/sms/setting.c runtime/adapters/sms/setting.h runtime/adapters/sms/settings.def \
	runtime/adapters/sms/smpp.c runtime/adapters/sms/smpp.h \
	runtime/adapters/sms/alphabet.c runtime/adapters/sms/alphabet.h runtime/adapters/sms/alphabet.def runtime/adapters/sms/gsm.def \
	runtime/adapters/sms/codings.def runtime/adapters/sms/national.def \
	runtime/adapters/sms/parts.c runtime/adapters/sms/parts.h \
	runtime/adapters/sms/pdu.c runtime/adapters/sms/pdu.h runtime/adapters/sms/commands.def \
	runtime/adapters/sms/receipt.c runtime/adapters/sms/receipt.h runtime/adapters/sms/receipt_states.def
libsms_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS) $(CURL_CFLAGS)
libsms_la_LIBADD = libcharset.la
SMS_LIBS = libsms.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(EVENT_LIBS)
SMS_TEST_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)

UNIT_TESTS += tests/unit/sms_pdu
tests_unit_sms_pdu_SOURCES = tests/unit/sms_pdu.c
tests_unit_sms_pdu_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_pdu_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/sms_text
tests_unit_sms_text_SOURCES = tests/unit/sms_text.c
tests_unit_sms_text_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_text_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

pkglib_LTLIBRARIES += sms.la
sms_la_SOURCES = runtime/adapters/sms/plugin.c
sms_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
## GLib keeps its types for ever: the code stays.
sms_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
sms_la_LIBADD = libsms.la libnetwork.la libconversation.la libpost.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(CURL_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

SCRIPT_TESTS += tests/flows/sms_wire.sh tests/flows/post_kills.sh tests/flows/sms_kannel.sh tests/flows/sms_session.sh tests/flows/sms_provider.sh

UNIT_TESTS += tests/unit/sms_smpp
tests_unit_sms_smpp_SOURCES = tests/unit/sms_smpp.c
tests_unit_sms_smpp_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_smpp_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/sms_link
tests_unit_sms_link_SOURCES = tests/unit/sms_link.c
tests_unit_sms_link_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_link_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/sms_plugin
tests_unit_sms_plugin_SOURCES = tests/unit/sms_plugin.c runtime/adapters/sms/plugin.c
tests_unit_sms_plugin_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_plugin_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/postbook
tests_unit_postbook_SOURCES = tests/unit/postbook.c
tests_unit_postbook_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_postbook_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/post_office
tests_unit_post_office_SOURCES = tests/unit/post_office.c tests/unit/post_world.c tests/unit/post_world.h tests/unit/trials.def
tests_unit_post_office_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_post_office_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/post_memos
tests_unit_post_memos_SOURCES = tests/unit/post_memos.c tests/unit/post_world.c tests/unit/post_world.h tests/unit/trials.def
tests_unit_post_memos_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_post_memos_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/post_commits
tests_unit_post_commits_SOURCES = tests/unit/post_commits.c tests/unit/post_world.c tests/unit/post_world.h tests/unit/trials.def
tests_unit_post_commits_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_post_commits_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/post_matrix
tests_unit_post_matrix_SOURCES = tests/unit/post_matrix.c tests/unit/post_world.c tests/unit/post_world.h tests/unit/trials.def
tests_unit_post_matrix_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_post_matrix_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)
