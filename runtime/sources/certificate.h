/* runtime/sources/certificate.h - Finds until when the certificate is valid that a server shows to libcurl. For
 * endpoints and adapters. */
#pragma once

#include <curl/curl.h>
#include <stdint.h>

/* Must be called before the transfer: during the handshake the end of the server's certificate, in seconds since
 * 1970, is written to `ends_s`, even if the certificate is not trusted. If the server shows no certificate, `ends_s`
 * is not changed. */
void certificate_watch_curl(CURL *, int64_t *ends_s);
