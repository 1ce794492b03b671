/* runtime/adapter/tls.c - TLS by OpenSSL for both ends of every TCP connection.
 *
 *     tls_server(), tls_client()      read the files, make a context
 *     tls_accept(), tls_connect()     a stream of libevent, which holds the context
 *     tls_refresh()                   files have changed: a new context, or the old one stays
 *
 * A wrong file never replaces a good one that was read before. The server asks for a certificate of the client if
 * `ca` is set; the client checks the server's name. */
#include "runtime/adapter/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/told.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"
#include "base/certificate.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { FILES = 3 };

struct tls {
    struct tls_settings settings;
    bool server;
    SSL_CTX *context;
    struct watched files[FILES];
    int64_t peer_ends_s; /* when the certificate that the last server has shown ends; 0: none */
};

/* OpenSSL's own text for its first error, which is the cause. */
static const char *tls_reason(void)
{
    unsigned long error = ERR_peek_error();
    const char *text = error == 0 ? NULL : ERR_reason_error_string(error);
    if (!text && error != 0 && ERR_SYSTEM_ERROR(error)) text = strerror(ERR_GET_REASON(error));
    return !text ? "not understood" : text;
}

static bool tls_wrong(const char *setting, const char *path, char *why, size_t why_size)
{
    snprintf(why, why_size, "%s: %s: %s", setting, path, tls_reason());
    ERR_clear_error();
    return false;
}

/* True: the file can be read. OpenSSL opens paths itself, and would wait for the other end of a pipe. */
static bool tls_readable(const char *setting, const char *path, char *why, size_t why_size)
{
    const char *reason;
    if (file_may_be_read(path, &reason)) return true;
    return why_set(why, why_size, "%s: %s: %s", setting, path, reason);
}

/* A certificate without its key, or a key without its certificate, is a mistake and not half of a setting. The key
 * must not be readable by everybody. */
static bool load_identity(SSL_CTX *context, const struct tls_settings *settings, char *why, size_t why_size)
{
    char said[256];
    if (!settings->certificate && !settings->key) return true;
    if (!settings->certificate || !settings->key) {
        bool key = settings->key != NULL;
        return why_set(why, why_size, "%s: is missing, and %s is given",
                       key ? settings->certificate_setting : settings->key_setting,
                       key ? settings->key_setting : settings->certificate_setting);
    }
    if (!tls_readable(settings->certificate_setting, settings->certificate, why, why_size)) return false;
    if (SSL_CTX_use_certificate_chain_file(context, settings->certificate) != 1)
        return tls_wrong(settings->certificate_setting, settings->certificate, why, why_size);
    if (!setting_private(settings->key, said, sizeof said))
        return why_set(why, why_size, "%s: %s", settings->key_setting, said);
    if (SSL_CTX_use_PrivateKey_file(context, settings->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return tls_wrong(settings->key_setting, settings->key, why, why_size);
    return true;
}

/* A server also sends the names of these authorities, so that a client can choose its certificate. */
static bool load_trust(SSL_CTX *context, const struct tls_settings *settings, bool server, char *why, size_t why_size)
{
    if (!settings->ca) return true;
    if (!tls_readable(settings->ca_setting, settings->ca, why, why_size)) return false;
    if (SSL_CTX_load_verify_file(context, settings->ca) != 1)
        return tls_wrong(settings->ca_setting, settings->ca, why, why_size);
    int mode = SSL_VERIFY_PEER;
    if (server) {
        STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(settings->ca);
        if (!names) return tls_wrong(settings->ca_setting, settings->ca, why, why_size);
        SSL_CTX_set_client_CA_list(context, names);
        mode |= settings->required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    }
    SSL_CTX_set_verify(context, mode, NULL);
    return true;
}

/* Refuses to ask for a pass phrase: a key that has one would ask at the terminal, and wait. */
static int no_phrase(char *buffer, int size, int writing, void *self)
{
    (void)buffer, (void)size, (void)writing, (void)self;
    return -1;
}

/* Errors of OpenSSL are kept per thread, so each failure empties that list. */
static SSL_CTX *context_new(const struct tls_settings *settings, bool server, char *why, size_t why_size)
{
    SSL_CTX *context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!context) abort();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context,
                            /* the ciphers of TLS 1.2; all ciphers of TLS 1.3 are good */
                            "ECDHE+AESGCM:ECDHE+CHACHA20");
    /* A connection that ends without close_notify ends normally: the protocol above knows whether its lines or
     * frames are whole. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_default_passwd_cb(context, no_phrase);
    if (load_identity(context, settings, why, why_size) && load_trust(context, settings, server, why, why_size))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* ---- when certificates end ---- */

static void tls_watch_peers(struct tls *tls)
{
    if (!tls->server) SSL_CTX_set_cert_verify_callback(tls->context, certificate_on_shown, &tls->peer_ends_s);
}

/* Connections may keep the context after this struct is freed. */
static void tls_let_go(struct tls *tls)
{
    if (!tls->server) SSL_CTX_set_cert_verify_callback(tls->context, NULL, NULL);
    SSL_CTX_free(tls->context);
}

int64_t tls_own_ends_s(const struct tls *tls)
{
    return tls ? certificate_ends_s(SSL_CTX_get0_certificate(tls->context)) : 0;
}

int64_t tls_peer_ends_s(const struct tls *tls)
{
    return tls ? tls->peer_ends_s : 0;
}

/* Reads the first certificate of a PEM file; NULL: it has none. */
static X509 *certificate_of_file(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, no_phrase, NULL) : NULL;
    if (file) fclose(file);
    ERR_clear_error();
    return certificate;
}

int64_t tls_file_ends_s(const char *path)
{
    X509 *certificate = certificate_of_file(path);
    int64_t ends_s = certificate_ends_s(certificate);
    X509_free(certificate);
    return ends_s;
}

int64_t tls_file_begins_s(const char *path)
{
    X509 *certificate = certificate_of_file(path);
    int64_t begins_s = certificate ? certificate_moment_s(X509_get0_notBefore(certificate)) : 0;
    X509_free(certificate);
    return begins_s;
}

bool tls_file_names(const char *path, const char *name)
{
    X509 *certificate = certificate_of_file(path);
    bool named = certificate && X509_check_host(certificate, name, 0, 0, NULL) == 1;
    X509_free(certificate);
    return named;
}

void tls_tell(const struct tls *tls, struct gcx_link *link, const struct gcx_services *services)
{
    int64_t own_s = tls_own_ends_s(tls), peer_s = tls_peer_ends_s(tls);
    if (own_s != 0) services->figure(link, TOLD_CERTIFICATE "own", own_s);
    if (peer_s != 0) services->figure(link, TOLD_CERTIFICATE "peer", peer_s);
}

static char *tls_copy(const char *text)
{
    char *made = !text ? NULL : strdup(text);
    if (text && !made) abort();
    return made;
}

/* The paths are copied, since the settings may be gone when the files are read again. */
static struct tls *tls_new(const struct tls_settings *settings, bool server, char *why, size_t why_size)
{
    SSL_CTX *context = context_new(settings, server, why, why_size);
    if (!context) return NULL;
    struct tls *tls = memory_zeroed(1, sizeof *tls);
    *tls = (struct tls){.settings = *settings, .server = server, .context = context};
    tls->settings.peer = tls_copy(settings->peer);
    tls->files[0].path = tls->settings.certificate = tls_copy(settings->certificate);
    tls->files[1].path = tls->settings.key = tls_copy(settings->key);
    tls->files[2].path = tls->settings.ca = tls_copy(settings->ca);
    for (size_t i = 0; i < FILES; i++) watched_changed(&tls->files[i]);
    tls_watch_peers(tls);
    return tls;
}

struct tls *tls_server(const struct tls_settings *settings, char *why, size_t why_size)
{
    if (!settings->certificate && !settings->key) {
        snprintf(why, why_size, "%s: is missing", settings->certificate_setting);
        return NULL;
    }
    return tls_new(settings, true, why, why_size);
}

struct tls *tls_client(const struct tls_settings *settings, char *why, size_t why_size)
{
    if (!settings->ca) {
        snprintf(why, why_size, "%s: is missing: whose word is to be taken for who the peer is?", settings->ca_setting);
        return NULL;
    }
    size_t length = !settings->peer ? 1 : strlen(settings->peer);
    if (length == 0 || length >= TLS_NAME_SIZE) { /* for OpenSSL an empty name would match any name */
        snprintf(why, why_size, "the name that the server's certificate has to have has %zu bytes; expected 1 to %d",
                 length, TLS_NAME_SIZE - 1);
        return NULL;
    }
    return tls_new(settings, false, why, why_size);
}

void tls_free(struct tls *tls)
{
    if (!tls) return;
    tls_let_go(tls);
    free((void *)(uintptr_t)tls->settings.peer);
    for (size_t i = 0; i < FILES; i++) free((void *)(uintptr_t)tls->files[i].path);
    free(tls);
}

enum tls_refresh tls_refresh(struct tls *tls, char *why, size_t why_size)
{
    bool changed = false;
    for (size_t i = 0; i < FILES; i++) changed = watched_changed(&tls->files[i]) || changed;
    if (!changed) return TLS_SAME;
    SSL_CTX *context = context_new(&tls->settings, tls->server, why, why_size);
    if (!context) return TLS_KEPT;
    tls_let_go(tls); /* connections that were made with these settings keep the old context */
    tls->context = context;
    tls_watch_peers(tls);
    return TLS_RENEWED;
}

void tls_tick(struct tls *tls, struct gcx_link *link, const struct gcx_services *services)
{
    char why[500];
    if (tls && tls_refresh(tls, why, sizeof why) == TLS_KEPT)
        services->log(link, GCX_LOG_ERROR, 0, 0, "%s; the certificates from before go on", why);
    tls_tell(tls, link, services);
}

static struct bufferevent *stream_new(struct tls *tls, struct event_base *base, int socket, int options)
{
    SSL *ssl = SSL_new(tls->context);
    if (!ssl) abort();
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        base, socket, ssl, tls->server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, options);
    if (!stream) SSL_free(ssl);
    return stream;
}

struct bufferevent *tls_accept(struct tls *tls, struct event_base *base, int socket)
{
    return stream_new(tls, base, socket, BEV_OPT_CLOSE_ON_FREE);
}

/* Sets the name that the certificate must have, before the handshake: the peer's name in the settings, else the name
 * of the host that is called. */
struct bufferevent *tls_connect(struct tls *tls, struct event_base *base, const char *host)
{
    struct bufferevent *stream = stream_new(tls, base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    const char *peer = tls->settings.peer ? tls->settings.peer : host;
    unsigned char ip[16];
    if (!stream) return NULL;
    SSL *ssl = bufferevent_openssl_get_ssl(stream);
    bool good;
    if (inet_pton(AF_INET, peer, ip) == 1 || inet_pton(AF_INET6, peer, ip) == 1)
        good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), peer) == 1;
    else
        good = SSL_set1_host(ssl, peer) == 1 && SSL_set_tlsext_host_name(ssl, peer) == 1;
    if (!good) abort(); /* out of memory: a connection that accepts any name must not be made */
    return stream;
}

/* Sends close_notify only after a complete handshake; before that there is nothing to end. */
void tls_end(struct bufferevent *stream)
{
    SSL *ssl = bufferevent_openssl_get_ssl(stream);
    if (ssl && SSL_is_init_finished(ssl)) SSL_shutdown(ssl);
    ERR_clear_error();
}

/* Returns what may mend the failure, for an operator who reads the log of either end; "": no hint. */
static const char *tls_cure(long verified)
{
    switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "; put a new one in its place";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "; set the clocks of both machines right";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "; it needs that name or address among its alternative names";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "; it is of another authority than those that are trusted here";
    default:
        return "";
    }
}

/* Writes the cause of a failure that helps most: first the check of the certificate, then the first error of
 * OpenSSL, then errno. */
void tls_why(struct bufferevent *stream, char *why, size_t why_size)
{
    const char *text = NULL, *next;
    unsigned long error;
    SSL *ssl = bufferevent_openssl_get_ssl(stream);
    long verified = !ssl ? X509_V_OK : SSL_get_verify_result(ssl);
    while (ssl && (error = bufferevent_get_openssl_error(stream)) != 0)
        if (!text && (next = ERR_reason_error_string(error))) text = next;
    if (verified != X509_V_OK)
        snprintf(why, why_size, "its certificate is refused: %s%s", X509_verify_cert_error_string(verified),
                 tls_cure(verified));
    else if (text)
        snprintf(why, why_size, "TLS: %s", text);
    else
        snprintf(why, why_size, "%s", errno == 0 ? "closed in the TLS handshake" : strerror(errno));
}

static void tls_name_add(struct tls_names *names, const ASN1_STRING *string)
{
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(&text, string);
    /* Takes a name of the certificate; a name with a zero byte is refused, since it would be read as a shorter name. */
    if (length > 0 && length < TLS_NAME_SIZE && names->count < TLS_NAMES_MAX && strlen((char *)text) == (size_t)length)
        memcpy(names->name[names->count++], text, (size_t)length + 1);
    if (length >= 0) OPENSSL_free(text);
}

/* Collects the common name and the alternative names (DNS and mail) of the peer's certificate. A certificate that
 * was not verified gives no names. */
void tls_peer_names(struct bufferevent *stream, struct tls_names *names)
{
    SSL *ssl = bufferevent_openssl_get_ssl(stream);
    X509 *certificate = !ssl ? NULL : SSL_get0_peer_certificate(ssl);
    names->count = 0;
    if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) tls_name_add(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    GENERAL_NAMES *others = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(others); i++) {
        int type;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(others, i), &type);
        if (type == GEN_DNS || type == GEN_EMAIL) tls_name_add(names, value);
    }
    GENERAL_NAMES_free(others);
}

bool tls_names_have(const struct tls_names *names, const char *name)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0) return true;
    return false;
}
