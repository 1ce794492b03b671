/* runtime/sources/certificate.h - When does the certificate end that a server has shown to libcurl? For endpoints and
 * adapters. */
#pragma once

#include <curl/curl.h>
#include <stdint.h>

/* In seconds since 1970; 0: the server has shown none. The transfer had CURLOPT_CERTINFO. */
int64_t curl_certificate_ends_s(CURL *);
