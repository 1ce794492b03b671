## runtime/xml: trees of XML, for the sources' bodies, the importer, and the plugins of multimedia and instant messages.
noinst_LTLIBRARIES += libxml.la
libxml_la_SOURCES = runtime/xml/xml.c runtime/xml/xml.h
libxml_la_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
libxml_la_LIBADD = $(EXPAT_LIBS)
