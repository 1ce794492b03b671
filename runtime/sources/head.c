/* runtime/sources/head.c - Sends a HEAD request by a connection and a TLS handshake of its own. */
#include "runtime/sources/head.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>

#include "runtime/sources/certificate.h"

enum { HEAD_TIMEOUT_S = 5 };

static CURL *head_request(struct head *head, char reason[CURL_ERROR_SIZE])
{
    CURL *curl = curl_easy_init();
    if (!curl) return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, head->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    certificate_watch_curl(curl, &head->ends_s);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)HEAD_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    if (*head->ca) curl_easy_setopt(curl, CURLOPT_CAINFO, head->ca);
    return curl;
}

bool head_there(void *self, bool thorough, char *why, size_t why_size)
{
    struct head *head = self;
    char reason[CURL_ERROR_SIZE] = "";
    long code = 0;
    assert(head->url && head->ca);
    (void)thorough;
    CURL *curl = head_request(head, reason);
    if (!curl) return true; /* without memory for a request nothing is known about the server */
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_cleanup(curl);
    if (result != CURLE_OK)
        snprintf(why, why_size, "%s", *reason ? reason : curl_easy_strerror(result));
    else
        snprintf(why, why_size, "it answers by %ld", code);
    return result == CURLE_OK && (code < 500 || code == 501);
}

int64_t head_ends_s(void *self)
{
    return ((const struct head *)self)->ends_s;
}
