/* runtime/sources/certificate.c - Notes until when the certificate is valid that a server shows in libcurl's
 * handshake. libcurl's own report of certificates is empty if it has refused one, and just then the end is needed. */
#include "runtime/sources/certificate.h"

#include <assert.h>
#include <string.h>

#include "base/certificate.h"

static CURLcode certificate_on_context(CURL *curl, void *context, void *ends_s)
{
    (void)curl;
    SSL_CTX_set_cert_verify_callback(context, certificate_on_shown, ends_s);
    return CURLE_OK;
}

void certificate_watch_curl(CURL *curl, int64_t *ends_s)
{
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    assert(curl && ends_s);
    /* the contexts of another TLS library are of another kind */
    if (!library || strncmp(library, "OpenSSL", strlen("OpenSSL")) != 0) return;
    /* no TLS session is resumed: the server would show no certificate */
    curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, certificate_on_context);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, ends_s);
}
