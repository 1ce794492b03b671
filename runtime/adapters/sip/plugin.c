/* runtime/adapters/sip/plugin.c - The descriptor that `sip` exports: how the exchange starts and ends.
 *
 *     open    settings -> sounds, speech -> call model -> files, telephones -> sockets -> what was kept
 *     tick    each 100 ms: deadlines, files that changed, what is kept, figures
 *     close   in the order that nobody calls what is gone: server, orders, talks, recordings,
 *             the kept file, sockets, then what they have used
 *
 * If open fails halfway, the same close runs; it takes down each part that exists and passes over the others. */
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/adapter/told.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/sound_fault.h"
#include "runtime/adapters/sip/look.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/ua/loop.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/reread.h"
#include "runtime/adapters/sip/speech.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"
#include "runtime/vocabulary/state_files.h"
#include "base/why.h"

enum { TICK_US = 100000, SECOND_US = 1000000, DROPS_MS = 10000 };

/* Logs how many packets the kernel has dropped because its buffer was full, at most every ten seconds: the exchange
 * never saw them. */
static void exchange_tells_dropped(struct exchange *exchange)
{
    uint32_t more = ua_dropped(&exchange->ua) - exchange->dropped;
    if (more == 0 || loop_ms() < exchange->drops_told_ms + DROPS_MS) return;
    exchange->dropped += more;
    exchange->drops_told_ms = loop_ms();
    exchange->cti.services->count(exchange->cti.link, "dropped", more);
    exchange_log(exchange, GCX_LOG_WARNING,
                 "%u messages came faster than they were read, and were dropped: the kernel keeps 4 MiB of them, or "
                 "net.core.rmem_max, if that is less",
                 (unsigned)more);
}

/* Logs conditions that failed while sound was handled: such a fault ends no call, but is counted. */
static void exchange_tells_faults(struct exchange *exchange)
{
    unsigned count;
    const char *fault = sound_fault_take(&count);
    if (fault)
        exchange_log(exchange, GCX_LOG_ERROR,
                     "sip: %u times sound was left out, since this must hold and did not, which is a fault of gcx: %s",
                     count, fault);
}

static void exchange_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct exchange *exchange = self;
    const struct gcx_services *services = exchange->cti.services;
    (void)unused, (void)what;
    cti_tick(&exchange->cti);
    telephones_tick(exchange);
    talks_tick(exchange);
    redirects_tick(exchange);
    watched_tick(&exchange->files);
    keep_tick(exchange);
    exchange_tells_dropped(exchange);
    exchange_tells_faults(exchange);
    services->figure(exchange->cti.link, "calls", exchange->talk_count);
    if (exchange->tls_ends_s != 0)
        services->figure(exchange->cti.link, TOLD_CERTIFICATE "tls_address", exchange->tls_ends_s);
}

/* --- Settings --- */

static struct server_settings server_settings_of(const struct sip_setting *setting, const char *token_key)
{
#define GIVEN(text) (*(text) ? (text) : NULL)
    return (struct server_settings){.address = setting->listen,
                                    .port_file = GIVEN(setting->port_file),
                                    .users = GIVEN(setting->users),
                                    .token_key = token_key,
                                    .insecure = setting_yes(setting->insecure),
                                    .tls = {.certificate = GIVEN(setting->certificate),
                                            .key = GIVEN(setting->key),
                                            .ca = GIVEN(setting->client_ca),
                                            .required = strcmp(setting->client_certificate, "required") == 0,
                                            .certificate_setting = "certificate",
                                            .key_setting = "key",
                                            .ca_setting = "client_ca"}};
#undef GIVEN
}

static bool folder_good(const char *name, const char *path, char *why, size_t why_size)
{
    struct stat folder;
    if (!*path || (stat(path, &folder) == 0 && S_ISDIR(folder.st_mode))) return true;
    return why_set(why, why_size, "%s: there is no folder %.200s", name, path);
}

/* Do the ports suffice for all calls? Each call takes two, except calls that are redirected. */
static bool ports_enough(const struct sip_setting *setting, char *why, size_t why_size)
{
    unsigned ports = rtp_ports(setting->first_rtp, setting->last_rtp);
    if (setting->first_rtp == 0 || *setting->redirects || ports / 2 >= setting->calls) return true;
    return why_set(why, why_size, "rtp_ports: %u even ports are enough for %u calls, and `calls` is %u", ports,
                   ports / 2, (unsigned)setting->calls);
}

/* Checks the settings: reads everything that a start would read, opens no socket, and frees all again. */
static bool sip_check(setting_get *get, void *self, char *why, size_t why_size)
{
    struct sip_setting setting;
    struct telephones telephones = {0};
    struct providers providers = {0};
    bool good = sodium_init() >= 0 && sip_setting_read(&setting, get, self, why, why_size);
    if (!good) return false;
    struct server_settings server = server_settings_of(&setting, *setting.token_key ? setting.token_key : NULL);
    good = (!get(self, "calls") || ports_enough(&setting, why, why_size)) &&
           telephones_read(&telephones, setting.telephones, setting.realm, why, why_size) &&
           providers_read(&providers, &setting, why, why_size) &&
           folder_good("prompts", setting.prompts, why, why_size) && speeches_check(setting.tts, why, why_size) &&
           folder_good("recordings", setting.recordings, why, why_size) && cti_server_check(&server, why, why_size);
    telephones_free(&telephones);
    providers_free(&providers);
    sip_setting_free(&setting);
    return good;
}

static void sip_look(const struct gcx_look *look)
{
    struct sip_setting setting;
    struct telephones telephones = {0};
    char why[512];
    if (!sip_setting_read(&setting, look->setting, look->self, why, sizeof why))
        return; /* check() has reported the mistake */
    struct server_settings server = server_settings_of(&setting, NULL);
    if (telephones_read(&telephones, setting.telephones, setting.realm, why, sizeof why))
        look_at_exchange(&(struct look_world){look, &setting, &telephones});
    cti_server_look(look, &server);
    telephones_free(&telephones);
    sip_setting_free(&setting);
}

/* --- Life --- */

/* Ends the exchange. The sockets are closed after the talks have ended, because the end of a talk sends BYE. */
static void sip_plugin_close(void *self)
{
    struct exchange *exchange = self;
    if (exchange->timer) event_free(exchange->timer);
    server_free(exchange->server);
    orders_forget(exchange);
    talks_end(exchange);
    recorders_close(exchange);
    exchange->keep_due = true;
    keep_write(exchange);
    stream_clock_end(&exchange->clock);
    providers_end(exchange);
    redirects_free(exchange->redirects);
    front_close(exchange);
    speeches_free(exchange->speeches);
    providers_free(&exchange->providers);
    sounds_free(exchange->sounds);
    telephones_free(&exchange->telephones);
    cti_free(&exchange->cti);
    sip_setting_free(&exchange->setting);
    free(exchange->kept_path);
    free(exchange);
    sip_loop_end();
}

static struct cti_settings cti_settings_of(const struct sip_setting *setting)
{
    return (struct cti_settings){.name = setting->name,
                                 .defaults = setting->defaults,
                                 .answer_timeout_us = (int64_t)setting->answer_timeout * SECOND_US,
                                 .router_grace_us = (int64_t)setting->router_grace * SECOND_US,
                                 .no_answer_us = (int64_t)setting->no_answer * SECOND_US,
                                 .desktop_grace_us = (int64_t)setting->desktop_grace * SECOND_US,
                                 .wrap_up_us = (int64_t)setting->wrap_up * SECOND_US,
                                 .limits = &setting->limits};
}

/* Starts the exchange with its settings. The sockets are open before keep_read(): telephones that were registered
 * can be called at once. */
static bool exchange_begin(struct exchange *exchange, struct event_base *base, const char *own_files, char *why,
                           size_t why_size)
{
    struct sip_setting *setting = &exchange->setting;
    char *token_key = *setting->token_key ? memory_text(setting->token_key)
                      : own_files         ? memory_format("%s%s", own_files, state_endings.tokens)
                                          : NULL;
    struct server_settings server = server_settings_of(setting, token_key);
    reread_begin(exchange);
    bool good = telephones_read(&exchange->telephones, setting->telephones, setting->realm, why, why_size) &&
                providers_read(&exchange->providers, setting, why, why_size) && front_open(exchange, why, why_size) &&
                (exchange->server = server_new(&exchange->cti, &server, why, why_size));
    free(token_key);
    if (!good) return false;
    keep_read(exchange);
    providers_begin(exchange);
    struct timeval interval = {0, TICK_US};
    exchange->timer = event_new(base, -1, EV_PERSIST, exchange_on_tick, exchange);
    event_add(exchange->timer, &interval);
    return true;
}

static void exchange_spoke(void *self, const char *why)
{
    const struct exchange *exchange = self;
    exchange->cti.services->neighbour(exchange->cti.link, "tts", !why, why);
}

/* NULL with the reason. On failure everything is freed: sip_setting_read() frees what it has read, and
 * sip_plugin_close() frees everything later. */
static void *sip_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    struct link_settings of_link = {link, services};
    struct sip_setting setting;
    char open[LOOK_TEXT];
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    if (!sip_setting_read(&setting, setting_of_link, &of_link, why, why_size)) return NULL;
    sip_loop_begin(base);
    const char *own_files = services->setting(link, GCX_OWN_FILES);
    struct exchange *exchange = memory_zeroed(1, sizeof *exchange);
    exchange->setting = setting;
    exchange->born = randombytes_random();
    if (own_files) exchange->kept_path = memory_format("%s%s", own_files, state_endings.telephones);
    exchange->redirects = redirects_new();
    exchange->sounds = sounds_new(setting.prompts);
    exchange->speeches =
        speeches_new(setting.tts, setting.tts_timeout * 1000, &(struct speeches_tell){exchange_spoke, exchange});
    stream_clock_init(&exchange->clock);
    exchange->clock.first_port = setting.first_rtp;
    exchange->clock.last_port = setting.last_rtp;
    exchange->clock.inband = setting_yes(setting.sound_keys);
    struct cti_settings cti = cti_settings_of(&exchange->setting);
    cti_init(&exchange->cti, link, services, &exchange_ops, exchange, &cti);
    if (*setting.tts) services->neighbour(link, "tts", true, NULL);
    if (!ports_enough(&setting, why, why_size))
        exchange_log(exchange, GCX_LOG_WARNING, "sip: %s: more are refused", why);
    if (look_recordings_open(setting.recordings, open))
        exchange_log(exchange, GCX_LOG_WARNING, "sip: recordings: %s", open);
    if (exchange_begin(exchange, base, own_files, why, why_size)) return exchange;
    sip_plugin_close(exchange);
    return NULL;
}

CTI_ENTRIES(sip, exchange)

extern const struct gcx_adapter gcx_adapter; /* what the plugin exports */

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sip",
    .media = media_of_voice,
    .caps = caps_of_sip,
    .settings = setting_names,
    .open = sip_open,
    .close = sip_plugin_close,
    .perform = sip_perform,
    .core_up = sip_core_up,
    .committed = sip_committed,
    .credit = sip_credit,
    .check = sip_check,
    .look = sip_look,
};
