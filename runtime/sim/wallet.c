/* runtime/sim/wallet.c - Reads certificates and passwords.
 *
 *     --desk-certificate certs/%s.pem      agent marie: certs/marie.pem, if there is such a file
 *     --passwords FILE                     a line per agent: NAME PASSWORD
 *
 * Everything is read before the switch listens, so that a wrong path is reported at once. The options are borrowed
 * from the command line; passwords stay in memory until the end of the process. */
#include "runtime/sim/rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/tls.h"
#include "base/file.h"
#include "base/memory.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 65, PASSWORD_BYTES = 257 };

struct password {
    char agent[NAME_BYTES], text[PASSWORD_BYTES];
};

struct wallet {
    struct wallet_options options;
    struct tls *at_switch;
    struct password *passwords;
    size_t count;
};

/* Reads the passwords; false, with a sentence: some line is not a pair. */
static bool read_passwords(struct wallet *w, struct error *error)
{
    const char *why;
    FILE *file = file_reader(w->options.passwords, &why);
    struct password one;
    if (!file) return error_set(error, ERROR_SYSTEM, "--passwords: %s: %s", w->options.passwords, why);
    int fields;
    while ((fields = fscanf(file, "%64s %256s", one.agent, one.text)) == 2) {
        w->passwords = memory_grown(w->passwords, w->count + 1, sizeof one);
        w->passwords[w->count++] = one;
    }
    bool whole = fields == EOF && feof(file) != 0;
    fclose(file);
    if (!whole) error_set(error, ERROR_INPUT, "--passwords: %s: a line is no agent and password", w->options.passwords);
    return whole;
}

struct wallet *wallet_new(const struct wallet_options *options, struct error *error)
{
    assert(options);
    struct wallet *w = memory_zeroed(1, sizeof *w);
    w->options = *options;
    bool good = !options->passwords || read_passwords(w, error);
    if (good && (options->switch_certificate || options->switch_key || options->switch_ca)) {
        char why[512];
        struct tls_settings settings = {.certificate = options->switch_certificate,
                                        .key = options->switch_key,
                                        .ca = options->switch_ca,
                                        .required = true,
                                        .certificate_setting = "--switch-certificate",
                                        .key_setting = "--switch-key",
                                        .ca_setting = "--switch-ca"};
        w->at_switch = tls_server(&settings, why, sizeof why);
        good = w->at_switch != NULL;
        if (!good) error_set(error, ERROR_INPUT, "%s", why);
    }
    if (!good) {
        wallet_free(w);
        return NULL;
    }
    return w;
}

void wallet_free(struct wallet *w)
{
    if (w) {
        tls_free(w->at_switch);
        free(w->passwords);
        free(w);
    }
}

struct tls *wallet_switch(const struct wallet *w)
{
    return w->at_switch;
}

bool wallet_desks(const struct wallet *w)
{
    return w->options.cti_ca != NULL;
}

/* Returns the path with the agent's name in place of the first %s; NULL: this agent has no such file. */
static const char *wallet_path_of(const char *pattern, const char *agent, char path[PATH_BYTES])
{
    const char *at = !pattern ? NULL : strstr(pattern, "%s");
    if (!at) return pattern;
    (void)snprintf(path, PATH_BYTES, "%.*s%s%s", (int)(at - pattern), pattern, agent, at + 2);
    return access(path, F_OK) == 0 ? path : NULL;
}

/* Makes a TLS context for a desktop, owned by the caller: each agent has a certificate of its own. */
struct tls *wallet_desk(const struct wallet *w, const char *agent, struct error *error)
{
    char why[512], certificate[PATH_BYTES], key[PATH_BYTES];
    struct tls_settings settings = {.certificate = wallet_path_of(w->options.desk_certificate, agent, certificate),
                                    .key = wallet_path_of(w->options.desk_key, agent, key),
                                    .ca = w->options.cti_ca,
                                    .certificate_setting = "--desk-certificate",
                                    .key_setting = "--desk-key",
                                    .ca_setting = "--cti-ca"};
    struct tls *tls = tls_client(&settings, why, sizeof why);
    if (!tls) error_set(error, ERROR_INPUT, "%s", why);
    return tls;
}

const char *wallet_password(const struct wallet *w, const char *agent)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->passwords[i].agent, agent) == 0) return w->passwords[i].text;
    return NULL;
}
