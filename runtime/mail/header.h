/* runtime/mail/header.h - Reads a mail's headers as they stand in it: encoded words, addresses, parameters.
 *
 * Every text of a header passes through here, because the library gives up where mail programs do not: behind an
 * encoded word with padding, at a charset that means more than it says, at bytes beyond ASCII. Only the first
 * 65,536 bytes of a value are read, and of addresses so many of all headers of a name. Strings are GLib's; the caller
 * frees. */
#pragma once

#include <gmime/gmime.h>

/* The text of a header such as Subject, with its encoded words (RFC 2047) read. NULL: there is no such header. */
char *header_text(GMimeObject *, const char *name);
/* The addresses of all headers of that name. NULL: there are none. The caller unrefs it. */
InternetAddressList *header_addresses(GMimeObject *, const char *name);
/* The name of a part as a file, from either header that may have it. NULL: it has none. */
char *header_file_name(GMimeObject *);
/* A parameter of a header: in pieces and with a charset (RFC 2231), or as encoded words, which many write there. NULL:
 * there is none. */
char *header_parameter(GMimeObject *, const char *header, const char *name);
