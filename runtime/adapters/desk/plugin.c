/* runtime/adapters/desk/plugin.c - The descriptor that `desk` exports: how the adapter starts and ends.
 *
 * All parts of the desk run in the loop's thread except two workers: `worker` with the contact store, `guard` with
 * passwords. The parts are made in this order, and closing removes those that exist; the port for browsers opens
 * last, so that a browser finds everything ready. The contract is checked once at the start: an operation or a
 * message of openapi.json without a handler ends the process then, instead of failing a browser's request later.
 *
 * Each second (desk_on_tick) events that waited for credit are posted, sessions and agents whose time is over end,
 * and lost telephone connections are made again. */
#include <assert.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/asks.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/helped.h"
#include "runtime/adapters/desk/editors.h"
#include "runtime/adapters/desk/forms.h"
#include "runtime/adapters/desk/knowledge.h"
#include "runtime/adapters/desk/links.h"
#include "runtime/adapters/desk/macros.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/adapters/desk/prompts.h"
#include "runtime/adapters/desk/said.h"
#include "runtime/adapters/desk/strategies.h"
#include "runtime/adapters/desk/web.h"
#include "runtime/adapters/desk/past.h"
#include "runtime/console/console.h"
#include "runtime/post/unended.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/opening.h"
#include "runtime/web/saved.h"

enum { MESSAGE_MAX = 700000, UNKNOWN_MAX = 65536, MIB = 1024 * 1024 };

/* ---- settings ---- */

static bool desk_read_users(struct desk *desk, char *why, size_t why_size)
{
    char reason[500];
    desk->users = users_read(desk->setting.users, reason, sizeof reason);
    if (!desk->users) snprintf(why, why_size, "users: %s", reason);
    return desk->users != NULL;
}

/* Can articles be read, suggestions asked for, and links followed, as the settings say? */
static bool desk_help_good(const struct desk_setting *setting, char *why, size_t why_size)
{
    json_t *links = desk_links_read(setting->links, setting->frames, why, why_size);
    json_decref(links);
    return links && (!*setting->knowledge || knowledge_good(setting->knowledge, why, why_size)) &&
           (!*setting->forms || desk_forms_good(setting->forms, why, why_size)) &&
           helped_good(setting->helper, why, why_size);
}

static bool desk_read_links(struct desk *desk, char *why, size_t why_size)
{
    desk->links = desk_links_read(desk->setting.links, desk->setting.frames, why, why_size);
    desk->policy = desk->links ? desk_links_policy(desk->links, api_policy) : NULL;
    return desk->policy != NULL;
}

static bool desk_read_macros(struct desk *desk, char *why, size_t why_size)
{
    if (*desk->setting.macros) desk->macros = macros_read(&desk->setting, why, why_size);
    return !*desk->setting.macros || desk->macros;
}

static bool desk_read_languages(struct desk *desk, char *why, size_t why_size)
{
    const struct desk_setting *setting = &desk->setting;
    desk->languages = languages_new(desk_languages, setting->languages, setting->language, why, why_size);
    return desk->languages != NULL;
}

/* Reads the settings for the T-Server; a host without TLS must be this machine. */
static bool read_voice(struct desk *desk, char *why, size_t why_size)
{
    const struct desk_setting *setting = &desk->setting;
    char host[256], reason[200];
    if (!*setting->tserver) return true;
    if (!address_split(setting->tserver, host, reason, sizeof reason))
        return why_set(why, why_size, "tserver: %s", reason);
    if (!*setting->tserver_ca) {
        if (address_says_loopback(setting->tserver) || setting_yes(setting->insecure)) return true;
        return why_set(why, why_size, "tserver: %s is another machine, and passwords go there: set `tserver_ca`",
                       setting->tserver);
    }
    desk->voice = tls_client(
        &(struct tls_settings){.ca = setting->tserver_ca, .peer = host, .ca_setting = "tserver_ca"}, why, why_size);
    return desk->voice != NULL;
}

/* ---- the contract ---- */

static void must_have(void *handlers, const char *name)
{
    assert(g_hash_table_lookup(handlers, name));
    (void)handlers, (void)name;
}

/* Reads the contract, and checks that each operation and message of it has a handler. */
static void read_contract(struct desk *desk)
{
    desk->contract = contract_new();
    desk->operations = g_hash_table_new(g_str_hash, g_str_equal);
    desk->messages = g_hash_table_new(g_str_hash, g_str_equal);
    api_handlers(desk->operations);
    said_handlers(desk->messages);
    contract_each_operation(desk->contract, must_have, desk->operations);
    contract_each_message(desk->contract, must_have, desk->messages);
}

/* ---- start and end ---- */

static void desk_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct desk *desk = self;
    (void)unused, (void)what;
    desk->second++;
    if (!desk->asks.office) outbox_flush(&desk->asks.outbox);
    door_tick(desk->door);
    desk->services->figure(desk->link, "desks", (int64_t)g_hash_table_size(desk->tickets));
    login_tick(desk);
    agent_tick(desk);
    held_tick(desk);
    over_tick(desk);
    read_tick(desk);
    look_tick(desk);
    lists_tick(desk);
    prompts_tick(desk->prompts);
    console_tick(desk->console);
    unended_tick(desk->unended);
    tserver_look_tick(desk->tserver);
    tls_tick(desk->voice, desk->link, desk->services);
}

static bool desk_open_door(struct desk *desk, char *why, size_t why_size)
{
    assert(desk->contract && desk->operations && desk->messages); /* requests may come from now on */
    const struct desk_setting *setting = &desk->setting;
    struct opening opening = OPENING_OF(setting);
    struct door_calls calls = {desk, api_request, said_heard, desk_agent_gone, session_known, desk_agent_has};
    struct door_options options = {.message_max = MESSAGE_MAX,
                                   .body_max = setting->upload * MIB,
                                   .unknown_max = UNKNOWN_MAX,
                                   .known_by = "Cookie",
                                   .connections = setting->connections,
                                   .per_address = setting->per_address,
                                   .messages_per_minute = setting->messages_per_minute,
                                   .proxy = setting_yes(setting->proxy)};
    desk->door = opening_door(&opening, &options, &calls, desk->link, desk->services, why, why_size);
    return desk->door != NULL;
}

static bool desk_looks_at_store(struct desk *desk)
{
    desk->look.target = desk->setting.store;
    desk->probe =
        probe_new(desk->link, desk->services, "store", &(struct probe_calls){.self = &desk->look, .there = store_look});
    return desk->probe != NULL;
}

/* Starts the desk; false with the reason: desk_close() then frees the parts that exist. */
static bool desk_start(struct desk *desk, struct event_base *base, char *why, size_t why_size)
{
    struct error error;
    struct timeval second = {1, 0};
    struct worker_calls calls = {desk, desk_job_work, desk_job_done, desk_job_left, NULL};
    struct worker_calls guard = {desk, login_work, login_done, login_dropped, NULL};
    desk->store = store_open(desk->setting.store, &(struct store_options){.country = desk->setting.country}, &error);
    if (!desk->store) return why_set(why, why_size, "store: %s", error.text);
    if (!remember_open(desk, why, why_size)) return false;
    desk->worker = worker_new(base, &calls);
    desk->guard = worker_new(base, &guard);
    if (!desk->worker || !desk->guard) return why_set(why, why_size, "no thread can be had");
    desk->tserver = tserver_look_new(desk);
    desk->unended = talked_new(desk);
    if (!asks_open(desk, base, why, why_size)) return false;
    if (!desk->asks.office && !desk_looks_at_store(desk)) return why_set(why, why_size, "no thread can be had");
    if (*desk->setting.knowledge)
        desk->knowledge = knowledge_new(desk->setting.knowledge, desk->setting.knowledge_link);
    if (*desk->setting.helper && !(desk->helper = helped_new(desk, base)))
        return why_set(why, why_size, "no thread can be had");
    if (*desk->setting.strategies) desk->studio_stop = eventfd(0, EFD_CLOEXEC);
    if (*desk->setting.strategies &&
        !((desk->studio = strategies_worker(desk, base)) && (desk->what_ifs = strategies_worker(desk, base)) &&
          (desk->shadows = strategies_worker(desk, base))))
        return why_set(why, why_size, "no thread can be had");
    if (*desk->setting.records && !(desk->past = past_new(desk, base)))
        return why_set(why, why_size, "no thread can be had");
    if (*desk->setting.prompts && !(desk->prompts = prompts_new(desk, base, why, why_size))) return false;
    if (*desk->setting.admin && !(desk->soon = past_new(desk, base)))
        return why_set(why, why_size, "no thread can be had");
    read_contract(desk);
    desk->tick = event_new(base, -1, EV_PERSIST, desk_on_tick, desk);
    event_add(desk->tick, &second);
    return desk_open_door(desk, why, why_size);
}

/* Ends the desk. Workers end before the parts that their finished jobs use. */
static void desk_close(void *self)
{
    struct desk *desk = self;
    if (desk->tick) event_free(desk->tick);
    if (desk->admin) bufferevent_free(desk->admin);
    worker_free(desk->guard);
    worker_free(desk->worker);
    g_queue_clear(&desk->unnamed);
    worker_free(desk->helper);
    if (desk->studio_stop >= 0) eventfd_write(desk->studio_stop, 1);
    worker_free(desk->studio);
    worker_free(desk->what_ifs);
    worker_free(desk->shadows);
    if (desk->studio_stop >= 0) close(desk->studio_stop);
    past_free(desk->past);
    past_free(desk->soon);
    prompts_free(desk->prompts);
    knowledge_free(desk->knowledge);
    json_decref(desk->links);
    g_free(desk->policy);
    json_decref(desk->macros);
    languages_free(desk->languages);
    unended_free(desk->unended);
    probe_free(desk->probe);
    store_look_end(&desk->look);
    asks_close(desk); /* waits for the last answers: the loop runs once more, and telephones may be lost in it */
    tserver_look_free(desk->tserver);
    door_free(desk->door);
    console_free(desk->console);
    g_hash_table_destroy(desk->editors);
    tls_free(desk->voice);
    saved_close(desk->saved);
    store_close(desk->store);
    g_hash_table_destroy(desk->readings);
    g_hash_table_destroy(desk->namings);
    g_hash_table_destroy(desk->lookings);
    g_hash_table_destroy(desk->watches);
    g_strfreev(desk->reasons);
    g_hash_table_destroy(desk->tickets);
    g_hash_table_destroy(desk->agents);
    g_hash_table_destroy(desk->leaving);
    g_hash_table_destroy(desk->asked);
    g_hash_table_destroy(desk->sessions);
    g_hash_table_destroy(desk->held);
    json_decref(desk->overs);
    json_decref(desk->vqs);
    json_decref(desk->chosen);
    g_hash_table_destroy(desk->guesses);
    g_hash_table_destroy(desk->begun);
    g_hash_table_destroy(desk->waiting);
    if (desk->operations) g_hash_table_destroy(desk->operations);
    if (desk->messages) g_hash_table_destroy(desk->messages);
    contract_free(desk->contract);
    softphone_free(&desk->softphone);
    users_free(desk->users);
    writer_free(&desk->writer);
    desk_setting_free(&desk->setting);
    free(desk);
}

/* Makes the struct. A table whose last argument is a function owns its values; a table without one only points to
 * them. */
static struct desk *desk_make(struct gcx_link *link, const struct gcx_services *services)
{
    struct desk *desk = memory_zeroed(1, sizeof *desk);
    desk->link = link;
    desk->services = services;
    desk->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, desk_session_free);
    desk->held = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, held_free);
    desk->says_for = said_for;
    desk->overs = json_object();
    desk->vqs = json_object();
    desk->chosen = json_object();
    desk->guesses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    desk->begun = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    desk->waiting = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    desk->agents = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, agent_free);
    desk->tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    desk->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, desk_request_free);
    desk->readings = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, desk_reading_free);
    desk->namings = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, phone_naming_free);
    desk->leaving = g_hash_table_new_full(g_direct_hash, g_direct_equal, desk_leaving_free, NULL);
    desk->lookings = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, look_free);
    desk->watches = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, watch_free);
    /* the time, so that the numbers differ from those of the process before */
    desk->requests = desk->clients = services->wall_us(link);
    asks_init(desk);
    desk->console = consoles_new(desk);
    desk->studio_stop = -1;
    desk->editors = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, editors_free);
    writer_init(&desk->writer);
    return desk;
}

static void *desk_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    struct desk *desk = desk_make(link, services);
    watched_begin(&desk->files, link, services);
    bool good = desk_setting_read(&desk->setting, watched_setting, &desk->files, why, why_size);
    watched_by(&desk->files, "users", login_users_again, desk);
    if (good && desk_help_good(&desk->setting, why, why_size) && strategies_good(&desk->setting, why, why_size) &&
        desk_read_macros(desk, why, why_size) && desk_read_users(desk, why, why_size) &&
        read_voice(desk, why, why_size) && desk_read_links(desk, why, why_size) &&
        desk_read_languages(desk, why, why_size) &&
        softphone_read(&desk->softphone, &desk->setting, desk->policy, why, why_size) &&
        desk_start(desk, base, why, why_size))
        return desk;
    desk_close(desk);
    return NULL;
}

static bool desk_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct desk desk = {0};
    bool good = desk_setting_read(&desk.setting, get, self, why, why_size);
    struct opening opening = OPENING_OF(&desk.setting);
    good = good && desk_help_good(&desk.setting, why, why_size) && sodium_init() >= 0 &&
           strategies_good(&desk.setting, why, why_size) && desk_read_users(&desk, why, why_size) &&
           read_voice(&desk, why, why_size) && desk_read_languages(&desk, why, why_size) &&
           softphone_read(&desk.softphone, &desk.setting, api_policy, why, why_size) &&
           opening_good(&opening, why, why_size);
    tls_free(desk.voice);
    languages_free(desk.languages);
    softphone_free(&desk.softphone);
    users_free(desk.users);
    desk_setting_free(&desk.setting);
    return good;
}

/* The core has come or gone. When the core goes, browsers are told, and the desk itself answers all open requests. When
 * the core comes back, it does not answer the requests from before. */
static void desk_core_up(void *self, bool up)
{
    struct desk *desk = self;
    unended_core_up(desk->unended, up);
    held_core_up(desk, up);
    if (desk->asks.office) conversations_core_up(&desk->asks, up);
    if (!up) {
        core_away(desk);
        read_away(desk);
        phone_namings_away(desk);
    }
    agents_tell(desk, json_pack("{s:s, s:b}", "type", "core", "up", up));
    if (up) desk->services->peer(desk->link, "desks", true);
}

static void desk_credit(void *self)
{
    outbox_flush(&((struct desk *)self)->asks.outbox);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "desk",
    .media = media_of_desks,
    .caps = caps_of_desk,
    .settings = setting_names,
    .open = desk_open,
    .close = desk_close,
    .perform = desk_perform,
    .core_up = desk_core_up,
    .credit = desk_credit,
    .check = desk_check,
    .look = desk_checked,
};
