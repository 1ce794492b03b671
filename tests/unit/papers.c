/* tests/unit/papers.c - Makes a key of P-256 and its certificate. */
#include "tests/unit/papers.h"

#include <criterion/criterion.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void papers_make_until(struct papers *papers, const char *name, long seconds)
{
    strcpy(papers->folder, "/tmp/gcx-net-XXXXXX");
    cr_assert_not_null(mkdtemp(papers->folder));
    snprintf(papers->certificate, sizeof papers->certificate, "%s/certificate", papers->folder);
    snprintf(papers->key, sizeof papers->key, "%s/key", papers->folder);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_EXTENSION *others = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
                                                 "DNS:other.example.org,IP:127.0.0.1,email:one@example.org,URI:urn:x");
    X509_add_ext(certificate, others, -1);
    X509_EXTENSION_free(others);
    X509_sign(certificate, key, EVP_sha256());
    FILE *file = fopen(papers->certificate, "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    file = fopen(papers->key, "w");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    chmod(papers->key, 0600);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void papers_make(struct papers *papers, const char *name)
{
    papers_make_until(papers, name, 3600);
}

void papers_end(struct papers *papers)
{
    unlink(papers->certificate);
    unlink(papers->key);
    rmdir(papers->folder);
}
