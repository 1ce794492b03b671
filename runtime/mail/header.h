/* runtime/mail/header.h - Reads the headers of a mail from their raw bytes: encoded words, addresses, parameters.
 *
 * All texts of headers are read here, because the library fails where mail programs do not: at text after an encoded
 * word with padding, at a charset label that means a larger charset, at bytes beyond ASCII. Only the first 65,536
 * bytes of a value are read; for addresses that is the limit for all headers of one name together. Strings are
 * GLib's; the caller frees. */
#pragma once

#include <gmime/gmime.h>

/* The text of a header such as Subject, with its encoded words (RFC 2047) decoded. NULL: there is no such header. */
char *header_text(GMimeObject *, const char *name);
/* The addresses in all headers of that name. NULL: there are none. The caller unrefs it. */
InternetAddressList *header_addresses(GMimeObject *, const char *name);
/* The file name of a part, from either of the two headers that may have it. NULL: it has none. */
char *header_file_name(GMimeObject *);
/* A parameter of a header: in pieces and with a charset (RFC 2231), or in encoded words, as many programs write it.
 * NULL: there is none. */
char *header_parameter(GMimeObject *, const char *header, const char *name);
