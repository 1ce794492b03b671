/* runtime/sources/certificate.h - When does the certificate end that a server shows to libcurl? For endpoints and
 * adapters. */
#pragma once

#include <curl/curl.h>
#include <stdint.h>

/* To be called before the transfer: during the handshake the end of the server's certificate, in seconds since 1970, is
 * written to `ends_s`, even if the certificate is not trusted. A server that shows none leaves it as it is. */
void certificate_watch_curl(CURL *, int64_t *ends_s);
