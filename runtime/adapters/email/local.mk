## runtime/adapters/email: the plugin that receives and sends e-mail.
noinst_LTLIBRARIES += libemail.la
libemail_la_SOURCES = \
	runtime/adapters/email/body.c runtime/adapters/email/body.h \
	runtime/adapters/email/html.c \
	runtime/adapters/email/limits.def \
	runtime/adapters/email/mime.c runtime/adapters/email/mime.h runtime/adapters/email/mime_internal.h \
	runtime/adapters/email/report.c \
	runtime/adapters/email/robot.c \
	runtime/adapters/email/text.c runtime/adapters/email/text.h
libemail_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS)

EMAIL_TEST_CFLAGS = $(UNIT_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS)
EMAIL_TEST_LIBS = libemail.la libadapter.la libnet.la libvocabulary.la libvm.la $(CRITERION_LIBS) $(GMIME_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/email_mime
tests_unit_email_mime_SOURCES = tests/unit/email_mime.c
tests_unit_email_mime_CFLAGS = $(EMAIL_TEST_CFLAGS)
tests_unit_email_mime_LDADD = $(EMAIL_TEST_LIBS)
