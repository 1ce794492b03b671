/* runtime/sources/certificate.h - When does the certificate end that a server shows to libcurl? For endpoints and
 * adapters. */
#pragma once

#include <curl/curl.h>
#include <stdint.h>

/* Before the transfer: the end of the certificate, in seconds since 1970, is written to `ends_s` during the handshake,
 * also where it is not believed. A server that shows none leaves it as it is. */
void certificate_watch_curl(CURL *, int64_t *ends_s);
