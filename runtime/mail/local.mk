## runtime/mail: what mail servers hand over, for the plugins of e-mails and multimedia messages.
noinst_LTLIBRARIES += libmail.la
libmail_la_SOURCES = \
	runtime/mail/charset.c runtime/mail/charset.h runtime/mail/charsets.def \
	runtime/mail/dialogue.c runtime/mail/dialogue.h \
	runtime/mail/header.c runtime/mail/header.h \
	runtime/mail/parts.c runtime/mail/parts.h \
	runtime/mail/receive.c runtime/mail/receive.h \
	runtime/mail/text.c runtime/mail/text.h
libmail_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS)
libmail_la_LIBADD = $(GMIME_LIBS) $(EVENT_LIBS)
