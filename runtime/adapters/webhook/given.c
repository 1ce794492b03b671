/* runtime/adapters/webhook/given.c - Reads what a site sets for a network, and compares it with what the network's
 * data file needs. */
#include "runtime/adapters/webhook/given.h"

#include <glib.h>
#include <string.h>

#include "runtime/adapters/webhook/network.h"
#include "base/memory.h"
#include "base/why.h"

static bool is_web_address(const char *text)
{
    return g_str_has_prefix(text, "https://") || g_str_has_prefix(text, "http://");
}

/* Is the base address allowed? Without TLS tokens are not encrypted, so this is allowed only to this machine. The
 * address may not contain a name and a password. */
static bool is_safe_base(const char *base)
{
    static const char *const here[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    const char *host = strstr(base, "://");
    if (!host || memchr(host + 3, '@', strcspn(host + 3, "/"))) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(here); i++)
        if (g_str_has_prefix(base, here[i]) && (!base[strlen(here[i])] || strchr(":/", base[strlen(here[i])])))
            return true;
    return g_str_has_prefix(base, "https://");
}

/* Does the address, or a header, of requests to the network contain this placeholder? */
static bool network_sends(const struct network *network, const char *place)
{
    bool found = strstr(network->write.url, place) || (network->poll.url && strstr(network->poll.url, place));
    for (unsigned i = 0; i < HEADERS_MAX_COUNT && network->write.headers[i]; i++)
        found = found || strstr(network->write.headers[i], place);
    return found;
}

/* Do the network's posts say for which account they are? */
static bool network_names_account(const struct network *network)
{
    bool named = false;
    for (unsigned i = 0; i < network->read_count; i++) named = named || network->reads[i].fields[POST_account][0];
    return named;
}

static bool network_given_serves(const struct network_given *given, const char *token, const char *secret, char *why,
                                 size_t why_size)
{
    const struct network *network = given->network;
    if (!is_web_address(given->base))
        return why_set(why, why_size, "base: `%.80s` is no address of an API; https://HOST/PATH", given->base);
    if (!is_safe_base(given->base))
        return why_set(why, why_size,
                       "base: tokens would go in the clear, or stand in it; https://HOST/PATH, and http:// "
                       "on this machine only");
    if (network->verify.header && !secret)
        return why_set(why, why_size, "secret_file: it is not set, and %s is verified by a secret", network->name);
    if (network->verify.header && !verify_secret_is_good(&network->verify, secret))
        return why_set(why, why_size, "secret_file: it is no key of %s; base64, perhaps behind whsec_", network->name);
    if (!token && (network_sends(network, "{token}") || network_sends(network, "{basic}")))
        return why_set(why, why_size, "token_file: it is not set, and %s is written to with it", network->name);
    if (!*given->account && (network_sends(network, "{account}") || network_sends(network, "{basic}")))
        return why_set(why, why_size, "account: it is not set, and %s is written to with it", network->name);
    if (!*given->account && network_names_account(network))
        return why_set(why, why_size, "account: it is not set, and %s says which one a post is for", network->name);
    if (network->verify.signs && strstr(network->verify.signs, "{url}") && !is_web_address(given->public_url))
        return why_set(why, why_size, "public_url: %s signs it; https://HOST/PATH", network->name);
    return true;
}

static bool network_given_token(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct network_given *given = self;
    (void)lost;
    if (!secret_read(&given->token, given->token.path, "token_file", why, why_size)) return false;
    if (secret_text(&given->token)) {
        char *both = memory_format("%s:%s", given->account, secret_text(&given->token));
        secret_becomes(&given->basic, g_base64_encode((const guchar *)both, strlen(both))); /* malloc()'s */
        setting_password_free(both);
    }
    return true;
}

/* Reads a secret file again; a secret that cannot be a key of the network is not used. */
static bool network_given_secret(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct network_given *given = self;
    char *secret;
    (void)lost;
    if (!setting_password(given->secret.path, "secret_file", &secret, why, why_size)) return false;
    bool good = network_given_serves(given, secret_text(&given->token), secret, why, why_size);
    if (good)
        secret_becomes(&given->secret, secret);
    else
        setting_password_free(secret);
    return good;
}

bool network_given_read(struct network_given *given, const struct network *network, const char *token_file,
                        const char *secret_file, char *why, size_t why_size)
{
    given->network = network;
    given->token.path = token_file;
    given->secret.path = secret_file;
    return network_given_token(given, NULL, why, why_size) && network_given_secret(given, NULL, why, why_size);
}

void network_given_watched(struct network_given *given, struct watched_files *files)
{
    watched_by(files, "token_file", network_given_token, given);
    watched_by(files, "secret_file", network_given_secret, given);
}

void network_given_free(struct network_given *given)
{
    secret_free(&given->token);
    secret_free(&given->secret);
    secret_free(&given->basic);
    *given = (struct network_given){0};
}

const char *network_given_value(const struct network_given *given, const char *name)
{
    if (strcmp(name, "base") == 0) return given->base;
    if (strcmp(name, "account") == 0) return given->account;
    if (strcmp(name, "token") == 0) return secret_text(&given->token);
    if (strcmp(name, "basic") == 0) return secret_text(&given->basic);
    return strcmp(name, "hook") == 0 && *given->public_url ? given->public_url : NULL;
}
