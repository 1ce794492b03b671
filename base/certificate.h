/* base/certificate.h - When does a certificate end? For handshakes by OpenSSL itself and by libcurl. */
#pragma once

#include <openssl/ssl.h>
#include <stdint.h>
#include <time.h>

/* In seconds since 1970; 0: it does not say. */
static inline int64_t certificate_moment_s(const ASN1_TIME *moment)
{
    struct tm date;
    return moment && ASN1_TIME_to_tm(moment, &date) == 1 ? (int64_t)timegm(&date) : 0;
}

static inline int64_t certificate_ends_s(const X509 *certificate)
{
    return certificate ? certificate_moment_s(X509_get0_notAfter(certificate)) : 0;
}

/* For SSL_CTX_set_cert_verify_callback: the end of what the peer shows is noted in the int64_t at `ends_s`, and it is
 * believed or refused as before. */
static inline int certificate_on_shown(X509_STORE_CTX *shown, void *ends_s)
{
    int64_t ends = certificate_ends_s(X509_STORE_CTX_get0_cert(shown));
    if (ends != 0) *(int64_t *)ends_s = ends;
    return X509_verify_cert(shown);
}
