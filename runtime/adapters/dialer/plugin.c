/* runtime/adapters/dialer/plugin.c - The descriptor that `dialer` exports: how it starts and ends, and which
 * function gets each effect.
 *
 *     core -- FetchRecords, UpdateRecord, ... --> dialer_perform() --> ask_effect() --> thread: lists
 *     thread --> ask_done() --> outbox, hand --> core
 *
 * The loop never waits for the database of lists: each effect is a job of the thread. Each second a tick sends what
 * has waited for credit and begins the jobs that are due. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/dialer/dialer.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "base/why.h"

static void dialer_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct dialer *dialer = self;
    (void)unused, (void)what;
    outbox_flush(&dialer->outbox);
    hand_flush(dialer);
    ask_tick(dialer);
    ask_whether_it_hangs(dialer);
}

/* Closes the dialer; the thread ends before the data of its jobs are freed. */
static void dialer_close(void *self)
{
    struct dialer *dialer = self;
    if (dialer->tick) event_free(dialer->tick);
    probe_free(dialer->probe);
    store_look_end(&dialer->look);
    worker_free(dialer->worker);
    book_free(&dialer->book);
    hand_forget_all(dialer);
    g_hash_table_destroy(dialer->offered);
    g_hash_table_destroy(dialer->counted);
    outbox_free(&dialer->outbox);
    writer_free(&dialer->writer);
    free(dialer);
}

static bool dialer_start(struct dialer *dialer, struct event_base *base, char *why, size_t why_size)
{
    struct worker_calls calls = {dialer, ask_work, ask_done, ask_dropped, NULL};
    struct timeval second = {1, 0};
    dialer->worker = worker_new(base, &calls);
    dialer->tick = event_new(base, -1, EV_PERSIST, dialer_on_tick, dialer);
    struct probe_calls looks = {.self = &dialer->look, .there = store_look};
    dialer->look.target = dialer->setting.store;
    if (*dialer->setting.store) dialer->probe = probe_new(dialer->link, dialer->services, "store", &looks);
    if (dialer->worker && dialer->tick && (dialer->probe || !*dialer->setting.store) &&
        event_add(dialer->tick, &second) == 0)
        return true;
    return why_set(why, why_size, "no thread can be had");
}

/* The database of lists may still be away: until it is up nothing is dialled, and the log says so. */
static void *dialer_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop");
        return NULL;
    }
    struct dialer *dialer = memory_zeroed(1, sizeof *dialer);
    dialer->link = link;
    dialer->services = services;
    dialer->offered = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    dialer->counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&dialer->handed);
    outbox_init(&dialer->outbox, link, services);
    writer_init(&dialer->writer);
    book_init(&dialer->book, &dialer->setting);
    struct link_settings of_link = {link, services};
    if (dialer_setting_read(&dialer->setting, setting_of_link, &of_link, why, why_size) &&
        dialer_start(dialer, base, why, why_size))
        return dialer;
    dialer_close(dialer);
    return NULL;
}

static bool dialer_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct dialer_setting setting;
    return dialer_setting_read(&setting, get, self, why, why_size);
}

static void dialer_answer(struct dialer *dialer, const struct message *effect, unsigned kind)
{
    adapter_answer_begin(&dialer->writer, effect, kind);
    outbox_post(&dialer->outbox, writer_end(&dialer->writer));
}

static void dialer_refuse(struct dialer *dialer, const struct message *effect)
{
    adapter_answer_done(&dialer->writer, effect, outcome_unsupported, code_unsupported);
    outbox_post(&dialer->outbox, writer_end(&dialer->writer));
}

static void dialer_perform(void *self, const struct message *effect)
{
    struct dialer *dialer = self;
    switch (effect->kind) {
    case KIND_CheckList:
    case KIND_FetchRecords:
    case KIND_CheckRecord:
    case KIND_UpdateRecord:
    case KIND_AddRecord:
    case KIND_NoteConsent:
    case KIND_CancelRecord:
    case KIND_ShowChain:
        ask_effect(dialer, effect);
        return;
    case KIND_Reply:
        ask_of_reply(dialer, effect);
        return;
    case KIND_Resync: /* the dialer has no calls to report, and offers its records anyway when the lists are open */
        dialer->offered_all = false; /* all records of the session are offered once more */
        if (dialer->away) return;
        dialer_answer(dialer, effect, KIND_ResyncBegin);
        dialer_answer(dialer, effect, KIND_ResyncEnd);
        return;
    case KIND_Configure: /* the effect is for routing points, which the dialer does not have */
        return;
    default: /* notices need no answer */
        if (effect_class(effect->kind) != CLASS_NOTICE) dialer_refuse(dialer, effect);
    }
}

/* The core has come or gone. A Reply may have been lost with the link, and a core may have forgotten records: so the
 * core is offered all records of the session that are not being dialled. The core refuses a record that it knows
 * already as a duplicate. */
static void dialer_core_up(void *self, bool up)
{
    struct dialer *dialer = self;
    hand_forget_all(dialer);
    g_hash_table_remove_all(dialer->counted);
    dialer->offered_all = false;
    if (!up) return;
    ask_tell_peer(dialer);
    ask_tick(dialer);
}

static void dialer_credit(void *self)
{
    struct dialer *dialer = self;
    outbox_flush(&dialer->outbox);
    hand_flush(dialer);
}

/* ---- `gcxvm --check` ---- */

enum { SAMPLE = 200 };

struct sampling {
    const struct gcx_look *look;
    const char *campaign;
    unsigned count;
};

/* Has a number checked; some numbers are enough to see whether the site can dial such numbers at all. */
static void sampling_on_number(void *self, struct span number)
{
    struct sampling *sampling = self;
    char text[64];
    sampling->count++;
    snprintf(text, sizeof text, "%.*s", (int)number.length, (const char *)number.bytes);
    sampling->look->adds(sampling->look->self, "number", text, sampling->campaign);
}

/* Returns the campaign's text in this column; NULL: the column is empty. */
static const char *campaign_says(const struct gcx_look *look, const char *kind, const char *campaign)
{
    struct gcx_site_name name;
    for (size_t i = 0; look->site(look->self, kind, i, &name); i++)
        if (strcmp(name.of, campaign) == 0) return name.name;
    return NULL;
}

/* Checks that the campaign selects at least one of the list's open records. */
static void selection_look(const struct gcx_look *look, const struct gcx_site_name *campaign,
                           const struct lists_selection *selection)
{
    const char *consent = campaign_says(look, "consent", campaign->name);
    struct error error = {0};
    bool any;
    if (lists_selects_any(selection, NULL, 0, &any, &error) && !any)
        look_tell(look, CHECK_list_nothing, "lists", LOOK_WORDS(campaign->where, campaign->name));
    else if (consent && lists_selects_any(selection, consent, (int64_t)time(NULL) * 1000000, &any, &error) && !any)
        look_tell(look, CHECK_list_consent, "lists", LOOK_WORDS(campaign->where, campaign->name, consent));
}

static void campaign_look(const struct gcx_look *look, const struct dialer_setting *setting, struct lists *lists,
                          const struct gcx_site_name *campaign)
{
    const char *name = *campaign->of ? campaign->of : campaign->name;
    struct sampling sampling = {look, campaign->name, 0};
    struct error error = {0}, unread = {0};
    int64_t list = 0;
    if (!lists_find(lists, setting->tenant, name, &list, &error)) return;
    if (list == 0) {
        look_tell(look, CHECK_list_none, "lists", LOOK_WORDS(campaign->name, name, setting->lists));
        return;
    }
    struct lists_selection *selection = lists_select(lists, list, campaign_says(look, "filter", campaign->name),
                                                     campaign_says(look, "order", campaign->name), &error);
    (void)lists_sample(lists, list, SAMPLE, sampling_on_number, &sampling, &unread);
    if (!selection)
        look_tell(look, CHECK_list_filter, "lists", LOOK_WORDS(campaign->where, campaign->name, error.text));
    else if (sampling.count > 0)
        selection_look(look, campaign, selection);
    lists_select_end(selection);
}

static void dialer_look(const struct gcx_look *look)
{
    struct dialer_setting setting;
    struct gcx_site_name campaign;
    struct error error = {0};
    char why[512];
    if (!dialer_setting_read(&setting, look->setting, look->self, why, sizeof why))
        return; /* check() has reported the mistake */
    setting_looks(look);
    struct lists *lists = lists_open_as_is(setting.lists, &error);
    if (!lists) return; /* the start makes a database that does not exist yet */
    for (size_t i = 0; look->site(look->self, "campaign", i, &campaign); i++)
        campaign_look(look, &setting, lists, &campaign);
    lists_close(lists);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "dialer",
    .media = media_of_outbound,
    .caps = caps_of_dialer,
    .settings = setting_names,
    .open = dialer_open,
    .close = dialer_close,
    .perform = dialer_perform,
    .core_up = dialer_core_up,
    .credit = dialer_credit,
    .check = dialer_check,
    .look = dialer_look,
};
