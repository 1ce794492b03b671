/* base/certificate.h - Reads when a certificate ends. Used for TLS connections made by OpenSSL itself and by
 * libcurl. */
#pragma once

#include <openssl/ssl.h>
#include <stdint.h>
#include <time.h>

/* Returns a time of a certificate in seconds since 1970; 0: there is none, or it cannot be read. */
static inline int64_t certificate_moment_s(const ASN1_TIME *moment)
{
    struct tm date;
    return moment && ASN1_TIME_to_tm(moment, &date) == 1 ? (int64_t)timegm(&date) : 0;
}

static inline int64_t certificate_ends_s(const X509 *certificate)
{
    return certificate ? certificate_moment_s(X509_get0_notAfter(certificate)) : 0;
}

/* For SSL_CTX_set_cert_verify_callback: notes in the int64_t at `ends_s` when the peer's certificate ends, then
 * verifies the certificate as OpenSSL does by itself. */
static inline int certificate_on_shown(X509_STORE_CTX *shown, void *ends_s)
{
    int64_t ends = certificate_ends_s(X509_STORE_CTX_get0_cert(shown));
    if (ends != 0) *(int64_t *)ends_s = ends;
    return X509_verify_cert(shown);
}
