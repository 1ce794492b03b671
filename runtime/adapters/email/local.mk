## runtime/adapters/email: the plugin that receives and sends e-mail.
noinst_LTLIBRARIES += libemail.la
libemail_la_FILES = \
	runtime/adapters/email/answer.c runtime/adapters/email/answer.h \
	runtime/adapters/email/body.c runtime/adapters/email/body.h \
	runtime/adapters/email/classifier.c runtime/adapters/email/classifier.h \
	runtime/adapters/email/classify.c \
	runtime/adapters/email/compose.c runtime/adapters/email/compose.h \
	runtime/adapters/email/email.h runtime/adapters/email/letters.c \
	runtime/adapters/email/form.c \
	runtime/adapters/email/form_read.c runtime/adapters/email/form_read.h \
	runtime/adapters/email/imap.c runtime/adapters/email/imap.h \
	runtime/adapters/email/keep.c runtime/adapters/email/keep.h \
	runtime/adapters/email/limits.def \
	runtime/adapters/email/mailbox.c runtime/adapters/email/mailbox.h \
	runtime/adapters/email/mime.c runtime/adapters/email/mime.h runtime/adapters/email/mime_internal.h \
	runtime/adapters/email/poll.c \
	runtime/adapters/email/good.c \
	runtime/adapters/email/report.c \
	runtime/adapters/email/said.c runtime/adapters/email/said.h \
	runtime/adapters/email/robot.c \
	runtime/adapters/email/rules.c runtime/adapters/email/rules.h runtime/adapters/email/rule_limits.def \
	runtime/adapters/email/send.c \
	runtime/adapters/email/sending.c runtime/adapters/email/sending_submit.c runtime/adapters/email/sending_work.c \
	runtime/adapters/email/sending.h \
	runtime/adapters/email/setting.c runtime/adapters/email/setting_check.c runtime/adapters/email/setting.h runtime/adapters/email/settings.def \
	runtime/adapters/email/token.c runtime/adapters/email/token.h

libemail_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(IDN_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(TLS_CFLAGS)
libemail_la_LIBADD = libendpoint.la libreal.la libxml.la
EMAIL_LIBS = libemail.la libpost.la libmail.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GMIME_LIBS) $(IDN_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(EXPAT_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

pkglib_LTLIBRARIES += email.la
email_la_SOURCES = runtime/adapters/email/plugin.c
email_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS)
## GLib keeps its types for ever: the code stays.
email_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
email_la_LIBADD = libemail.la librequest.la libpost.la libmail.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GMIME_LIBS) $(IDN_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(EXPAT_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

EMAIL_TEST_CFLAGS = $(UNIT_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS)

UNIT_TESTS += tests/unit/email_mime
tests_unit_email_mime_SOURCES = tests/unit/email_mime.c
tests_unit_email_mime_CFLAGS = $(EMAIL_TEST_CFLAGS)
tests_unit_email_mime_LDADD = $(EMAIL_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/email_imap
tests_unit_email_imap_SOURCES = tests/unit/email_imap.c
tests_unit_email_imap_CFLAGS = $(EMAIL_TEST_CFLAGS)
tests_unit_email_imap_LDADD = $(EMAIL_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/email_setting
tests_unit_email_setting_SOURCES = tests/unit/email_setting.c
tests_unit_email_setting_CFLAGS = $(EMAIL_TEST_CFLAGS)
tests_unit_email_setting_LDADD = $(EMAIL_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/email_rules
tests_unit_email_rules_SOURCES = tests/unit/email_rules.c
tests_unit_email_rules_CFLAGS = $(EMAIL_TEST_CFLAGS)
tests_unit_email_rules_LDADD = $(EMAIL_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/email_received tests/unit/email_sent
EMAIL_STAGE = tests/unit/email_stage.c tests/unit/email_stage.h tests/unit/adapter_memory.h tests/unit/adapter_memory.c \
	tests/unit/plugin_rig.h tests/unit/plugin_rig.c runtime/adapters/email/plugin.c
tests_unit_email_received_SOURCES = tests/unit/email_received.c $(EMAIL_STAGE)
tests_unit_email_received_CFLAGS = $(EMAIL_TEST_CFLAGS) $(CURL_CFLAGS)
tests_unit_email_received_LDADD = libadapter.la $(EMAIL_LIBS) $(CRITERION_LIBS)
tests_unit_email_sent_SOURCES = tests/unit/email_sent.c $(EMAIL_STAGE)
tests_unit_email_sent_CFLAGS = $(tests_unit_email_received_CFLAGS)
tests_unit_email_sent_LDADD = $(tests_unit_email_received_LDADD)

SCRIPT_TESTS += tests/flows/email_wire.sh tests/flows/email_kills.sh
PROMISES += tests/promises/answer_sent.sh tests/promises/one_thread.sh
