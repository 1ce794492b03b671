/* runtime/adapters/sip/trunk.c - Registers at providers, asks trunks by OPTIONS whether they answer, and chooses
 * outlets.
 *
 *     outlets     a         b         c        trunk_outlet_next() takes the first that is not tried
 *     state       ok        rests     ok       order of trying: a, c, b
 *
 * An outlet that has failed is tried last for half a minute; it is not left out, since all outlets may have failed.
 * Once the outlet takes an INVITE, it is tried in its normal order again. */
#include "runtime/adapters/sip/trunk.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/transport.h"
#include "runtime/adapters/sip/trunk_answer.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

enum { REGISTRATION_S = 300, FIRST_ASK_MS = 100, OUTLET_RESTS_MS = 30000 };

/* --- The file --- */

static bool provider_uri(struct provider *provider, const char *text, struct sa *at)
{
    struct uri uri;
    struct pl all;
    pl_set_str(&all, text);
    if (uri_decode(&uri, &all) != 0 || pl_strcmp(&uri.scheme, "sip") != 0 || !pl_isset(&uri.user) ||
        sa_set(at, &uri.host, uri.port ? uri.port : SIP_PORT) != 0 ||
        pl_strcpy(&uri.user, provider->user, sizeof provider->user) != 0 ||
        re_snprintf(provider->registrar, sizeof provider->registrar, "sip:%J%r", at, &uri.params) <= 0)
        return false;
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.:@;=[]";
    return strspn(text, plain) == strlen(text) && text_set(provider->uri, sizeof provider->uri, text);
}

/* Reads a line of the file of providers. The provider's address also becomes a trunk, so that its calls are
 * accepted. */
static bool provider_line(struct providers *providers, struct sip_setting *setting, char *line)
{
    struct provider provider = {0};
    struct trunk trunk = {0};
    char *words[3] = {NULL}, *rest = line;
    for (unsigned i = 0; i < 3; i++) {
        while (rest && (*rest == ' ' || *rest == '\t')) rest++;
        words[i] = i < 2 ? strsep(&rest, " \t") : rest;
        if (!words[i] || !*words[i]) return false;
    }
    if (!provider_uri(&provider, words[0], &trunk.source) || !text_set(provider.name, sizeof provider.name, words[1]) ||
        !text_set(provider.password, sizeof provider.password, words[2]))
        return false;
    providers->all = memory_more(providers->all, providers->count, sizeof *providers->all);
    providers->all[providers->count] = memory_zeroed(1, sizeof provider);
    *providers->all[providers->count++] = provider;
    sa_set_port(&trunk.source, 0);
    setting->trunks_of = memory_more(setting->trunks_of, setting->trunk_count, sizeof trunk);
    setting->trunks_of[setting->trunk_count++] = trunk;
    return true;
}

const struct provider *providers_at(const struct exchange *exchange, const struct sa *at)
{
    char registrar[PROVIDER_TEXT];
    if (re_snprintf(registrar, sizeof registrar, "sip:%J", at) <= 0) return NULL;
    for (unsigned i = 0; i < exchange->providers.count; i++) {
        const char *its = exchange->providers.all[i]->registrar;
        size_t length = strlen(registrar);
        if (strncmp(its, registrar, length) == 0 && (its[length] == '\0' || its[length] == ';'))
            return exchange->providers.all[i];
    }
    return NULL;
}

bool providers_read(struct providers *providers, struct sip_setting *setting, char *why, size_t why_size)
{
    enum { FILE_MAX = 1024 * 1024 };
    const char *path = setting->providers, *reason;
    char said[256];
    size_t length;
    unsigned number = 0;
    bool good = true;
    *providers = (struct providers){0};
    if (!*path) return true;
    char *file = setting_private(path, said, sizeof said) ? file_read(path, FILE_MAX, &length, &reason) : NULL;
    if (!file) {
        snprintf(why, why_size, "providers: %s: it cannot be read, or others can read it", path);
        return false;
    }
    char *rest = file;
    for (char *line; good && (line = strsep(&rest, "\n"));) {
        number++;
        line[strcspn(line, "\r")] = '\0';
        good = *line == '\0' || *line == '#' || provider_line(providers, setting, line);
    }
    if (!good) snprintf(why, why_size, "providers: %s: line %u is not sip:USER@ADDRESS NAME PASSWORD", path, number);
    sodium_memzero(file, length);
    free(file);
    return good;
}

void providers_free(struct providers *providers)
{
    for (unsigned i = 0; i < providers->count; i++) {
        sodium_memzero(providers->all[i], sizeof *providers->all[i]);
        free(providers->all[i]);
    }
    free(providers->all);
    free(providers->asked);
    *providers = (struct providers){0};
}

/* --- Trunks and providers are shown as neighbours, whose names have a limit of length --- */

static void trunk_is(struct exchange *exchange, const char *name, bool there, const char *why)
{
    enum { NEIGHBOUR_NAME = 48 };
    char cut[NEIGHBOUR_NAME];
    snprintf(cut, sizeof cut, "%.47s", name);
    exchange->cti.services->neighbour(exchange->cti.link, cut, there, why);
}

/* Shows by a trunk's answer whether the trunk works. A trunk that asks for a password works, too. */
static void trunk_tell(struct exchange *exchange, const char *name, int error, const struct sip_msg *answer)
{
    char why[TRUNK_ANSWER_TEXT + 16], said[TRUNK_ANSWER_TEXT];
    bool asks_name = answer && (answer->scode == 401 || answer->scode == 407);
    if (error == 0 && answer) trunk_answer_words(answer, said);
    snprintf(why, sizeof why, "%s%s", error != 0 || !answer ? "it does not answer" : "it answers ",
             error != 0 || !answer ? "" : said);
    trunk_is(exchange, name, error == 0 && answer && (answer->scode < 300 || asks_name), why);
}

/* --- Outlets: after a failure an outlet is tried after the others for a while --- */

static bool outlet_rests(const struct outlet *outlet)
{
    return outlet->rests_until_ms > loop_ms();
}

int trunk_outlet_next(const struct exchange *exchange, const char *names, uint32_t tried)
{
    const struct sip_setting *setting = &exchange->setting;
    int found = -1, best = 0;
    assert(setting->outlet_count <= OUTLETS_MAX);
    for (unsigned i = 0; i < setting->outlet_count; i++) {
        int place = setting_outlet_place(setting, i, names);
        if (place < 0 || (tried & UINT32_C(1) << i) != 0) continue;
        if (outlet_rests(&setting->outlets[i]))
            place += ADDRESS_SIZE; /* an outlet that has failed comes after all others: there are fewer names than
                                    * this */
        if (found >= 0 && place >= best) continue;
        found = (int)i;
        best = place;
    }
    return found;
}

static void outlet_tell(struct exchange *exchange, const struct outlet *outlet, bool there, const char *why)
{
    char name[PROVIDER_TEXT];
    (void)re_snprintf(name, sizeof name, "trunk-%J", &outlet->at);
    trunk_is(exchange, name, there, why);
}

void trunk_outlet_failed(struct exchange *exchange, unsigned at, uint16_t status)
{
    struct outlet *outlet = &exchange->setting.outlets[at];
    char why[64] = "it does not answer an INVITE";
    assert(at < exchange->setting.outlet_count);
    if (status != 0) snprintf(why, sizeof why, "it answers an INVITE with %u", status);
    outlet->rests_until_ms = loop_ms() + OUTLET_RESTS_MS;
    outlet_tell(exchange, outlet, false, why);
}

void trunk_outlet_took(struct exchange *exchange, unsigned at)
{
    struct outlet *outlet = &exchange->setting.outlets[at];
    assert(at < exchange->setting.outlet_count);
    if (outlet->rests_until_ms == 0) return;
    outlet->rests_until_ms = 0;
    outlet_tell(exchange, outlet, true, "");
}

/* --- Registration --- */

static void provider_on_answer(int error, const struct sip_msg *answer, void *self)
{
    const struct provider *provider = self;
    bool refused = answer && (answer->scode == 401 || answer->scode == 407); /* the password, too */
    if (error == 0 && answer && answer->scode < 200) return;
    trunk_tell(provider->exchange, provider->uri, refused ? EACCES : error, answer);
}

static void provider_begin(struct exchange *exchange, struct provider *provider)
{
    char contact[CONTACT_SIZE];
    provider->exchange = exchange;
    transport_contact(exchange, SIP_TRANSP_UDP, provider->user, contact);
    int error = registration_begin(&provider->registration, &exchange->ua,
                                   &(struct registration_ask){.registrar = provider->registrar,
                                                              .uri = provider->uri,
                                                              .contact = contact,
                                                              .seconds = REGISTRATION_S,
                                                              .name = provider->name,
                                                              .password = provider->password,
                                                              .told = provider_on_answer,
                                                              .self = provider});
    if (error != 0) trunk_tell(exchange, provider->uri, error, NULL);
}

/* Finds the provider with that URI in the array; NULL: there is none. */
static struct provider **provider_of(const struct providers *providers, const char *uri)
{
    for (unsigned i = 0; i < providers->count; i++)
        if (strcmp(providers->all[i]->uri, uri) == 0) return &providers->all[i];
    return NULL;
}

/* Ends a provider that is gone or has changed. If only the provider's name or password has changed, no end is sent: the
 * provider might take the end for that of the new registration. */
static void provider_over(struct exchange *exchange, struct provider *provider)
{
    bool gone = !provider_of(&exchange->providers, provider->uri);
    registration_end(provider->registration, gone);
    /* a provider that is gone is not expected any more, so it does not count as failed */
    if (gone) trunk_is(exchange, provider->uri, true, "");
}

/* Reads the providers again. Providers that have not changed keep their registration; their objects are exchanged
 * with those that were just read. The other registrations are ended or begun. In the array of trunks those of the
 * settings come before those of the providers. */
bool providers_again(struct exchange *exchange, struct watched_lost *lost, char *why, size_t why_size)
{
    struct sip_setting *setting = &exchange->setting, fresh_setting = *setting;
    struct providers *now = &exchange->providers, before = *now, fresh;
    unsigned trunks = setting->trunk_count - before.count; /* in the array, trunks of providers are the last */
    fresh_setting.trunk_count = trunks;
    fresh_setting.trunks_of = memory_zeroed(trunks + 1, sizeof *setting->trunks_of);
    if (trunks > 0) memcpy(fresh_setting.trunks_of, setting->trunks_of, trunks * sizeof *setting->trunks_of);
    bool good = providers_read(&fresh, &fresh_setting, why, why_size);
    lost->of = before.count;
    for (unsigned i = 0; good && i < before.count; i++) lost->gone += !provider_of(&fresh, before.all[i]->uri);
    if (!good || !watched_counts(lost)) {
        free(fresh_setting.trunks_of);
        providers_free(&fresh);
        return good;
    }
    free(setting->trunks_of);
    setting->trunks_of = fresh_setting.trunks_of;
    setting->trunk_count = fresh_setting.trunk_count;
    now->all = fresh.all;
    now->count = fresh.count;
    before.asked = NULL; /* it goes on */
    for (unsigned i = 0; i < now->count; i++) {
        struct provider **old = provider_of(&before, now->all[i]->uri), *made = now->all[i];
        if (!old || strcmp((*old)->name, made->name) != 0 || strcmp((*old)->password, made->password) != 0) continue;
        now->all[i] = *old;
        *old = made;
    }
    for (unsigned i = 0; i < before.count; i++) provider_over(exchange, before.all[i]);
    for (unsigned i = 0; i < now->count; i++)
        if (!now->all[i]->registration) provider_begin(exchange, now->all[i]);
    providers_free(&before);
    return true;
}

/* --- OPTIONS --- */

static void asked_on_answer(int error, const struct sip_msg *answer, void *self)
{
    const struct asked *asked = self;
    struct exchange *exchange = asked->exchange;
    if (error == 0 && answer && answer->scode < 200) return;
    /* Any answer shows that the trunk works, except one that it is out of service (503) or that its own request
     * timed out (408). */
    bool lives = error == 0 && answer && answer->scode != 503 && answer->scode != 408;
    if (lives)
        trunk_is(exchange, asked->name, true, "");
    else
        trunk_tell(exchange, asked->name, error, answer);
}

static void providers_on_time(void *self)
{
    struct exchange *exchange = self;
    struct providers *providers = &exchange->providers;
    char contact[CONTACT_SIZE];
    transport_contact(exchange, SIP_TRANSP_UDP, "gcx", contact);
    alarm_set(&providers->timer, exchange->setting.ping * 1000, providers_on_time, exchange);
    for (unsigned i = 0; i < providers->asked_count; i++) {
        struct asked *asked = &providers->asked[i];
        if (asked->request) continue; /* the last OPTIONS is still unanswered */
        const struct content content = {.headers = "Accept: application/sdp\r\n"};
        int error = request_send(&asked->request, &exchange->ua,
                                 &(struct request_ask){.method = "OPTIONS",
                                                       .dialog = asked->dialog,
                                                       .contact = contact,
                                                       .content = &content,
                                                       .answered = asked_on_answer,
                                                       .self = asked});
        if (error != 0) asked_on_answer(error, NULL, asked);
    }
}

/* Prepares to ask a trunk: one dialog serves all OPTIONS to this trunk, so that their CSeq goes up. */
static void asked_begin(struct exchange *exchange, struct asked *asked, struct sa at)
{
    char to[PROVIDER_TEXT], own[CONTACT_SIZE];
    if (sa_port(&at) == 0) sa_set_port(&at, SIP_PORT);
    asked->exchange = exchange;
    (void)re_snprintf(asked->name, sizeof asked->name, "trunk-%J", &at);
    (void)re_snprintf(to, sizeof to, "sip:%J", &at);
    transport_contact(exchange, SIP_TRANSP_UDP, "gcx", own);
    asked->dialog = dialog_new(to, to, NULL, own, NULL);
}

void providers_begin(struct exchange *exchange)
{
    struct providers *providers = &exchange->providers;
    const struct sip_setting *setting = &exchange->setting;
    for (unsigned i = 0; i < providers->count; i++) provider_begin(exchange, providers->all[i]);
    /* providers come last, and are checked by their registration */
    unsigned trunks = setting->trunk_count - providers->count;
    if (setting->ping == 0 || trunks == 0) return;
    providers->asked_count = trunks;
    providers->asked = memory_zeroed(trunks, sizeof *providers->asked);
    for (unsigned i = 0; i < trunks; i++) asked_begin(exchange, &providers->asked[i], setting->trunks_of[i].source);
    alarm_set(&providers->timer, FIRST_ASK_MS, providers_on_time, exchange);
}

/* Ends all registrations at their registrars, without waiting for the answers. */
void providers_end(struct exchange *exchange)
{
    struct providers *providers = &exchange->providers;
    alarm_stop(&providers->timer);
    for (unsigned i = 0; i < providers->count; i++) {
        registration_end(providers->all[i]->registration, true);
        providers->all[i]->registration = NULL;
    }
    for (unsigned i = 0; i < providers->asked_count; i++) {
        request_let_go(&providers->asked[i].request);
        dialog_free(providers->asked[i].dialog);
        providers->asked[i].dialog = NULL;
    }
}
