## runtime/mail: what mail servers hand over, for the plugins of e-mails and multimedia messages.
## libcharset.la: for short messages, too.
noinst_LTLIBRARIES += libcharset.la libmail.la
libcharset_la_SOURCES = runtime/mail/charset.c runtime/mail/charset.h runtime/mail/charsets.def
libcharset_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
libmail_la_FILES = \
	runtime/mail/dialogue.c runtime/mail/dialogue.h \
	runtime/mail/header.c runtime/mail/header.h \
	runtime/mail/parts.c runtime/mail/parts.h \
	runtime/mail/receive.c runtime/mail/receive.h \
	runtime/mail/rtf.c runtime/mail/rtf.h \
	runtime/mail/text.c runtime/mail/text.h \
	runtime/mail/tnef.c runtime/mail/tnef.h
libmail_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS)
libmail_la_LIBADD = libcharset.la $(GMIME_LIBS) $(EVENT_LIBS)
