/* runtime/sim/bridge_held.c - Checks a play against a site (holding.h): arrivals, with their media and the
 * directory's routing points, before the play; effects while it runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/bridge_state.h"
#include "runtime/sim/holding.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/reserved.h"
#include "base/memory.h"

/* Returns the site's link that brings the arrival. */
static const struct sim_link *link_of_arrival(struct bridge *b, uint32_t arrival)
{
    enum media medium = bridge_medium(b, arrival);
    return b->site && arrival != NO_ARRIVAL && medium != media_none
               ? holding_link(b->site, medium, world_says(b->world, arrival)->to)
               : NULL;
}

/* Is the call only there for an agent's consultation? An agent already had such a call before the test began, so the
 * test may give it any strategy. */
static bool is_consulted_about(const struct bridge *b, const struct scenario_arrival *says)
{
    for (size_t i = 0; i < b->plan->test->count; i++) {
        const struct scenario_item *item = &b->plan->test->items[i];
        bool consults = item->kind == ITEM_ARRIVE && item->arrival.main;
        if (consults && strcmp(item->arrival.main, says->from) == 0) return true;
    }
    return false;
}

/* Checks the arrivals against the site; a call whose test names no number may come to any number of its strategy,
 * unless the directory starts the strategy at the usual one. */
void bridge_hold(struct bridge *b, const struct sim_site *site)
{
    const struct scenario_item unsaid = scenario_item(ITEM_ARRIVE);
    char why[SIM_SITE_WHY];
    b->site = site;
    for (size_t i = 0; i < b->plan->test->count; i++) {
        const struct scenario_item *item = &b->plan->test->items[i];
        const struct scenario_arrival *says = &item->arrival;
        int medium = item->kind == ITEM_ARRIVE ? enum_value_media(says->media, (uint32_t)strlen(says->media)) : 0;
        if (medium <= media_none) continue;
        const char *starts = holding_starts(site, says->to);
        bool said = strcmp(says->to, unsaid.arrival.to) != 0 || !holding_is_started(site, says->strategy) ||
                    (starts && strcmp(starts, says->strategy) == 0);
        if (!sim_site_brings(site, b->image, (enum media)medium, why)) world_problem(b->world, item->line, "%s", why);
        if (!is_consulted_about(b, says) &&
            !sim_site_starts(site, b->image, (enum media)medium, said ? says->to : NULL, says->strategy, why))
            world_problem(b->world, item->line, "%s", why);
    }
}

static void held_tell(void *self, const char *text)
{
    world_problem(((struct bridge *)self)->world, 0, "%s", text);
}

static struct holding bridge_holding(struct bridge *b)
{
    return (struct holding){.site = b->site, .image = b->image, .tell = held_tell, .self = b};
}

/* Returns the test's queue at the given DN; NULL: none. */
static const char *held_queue_at(const struct bridge *b, const char *dn)
{
    for (uint32_t i = 0; i < b->plan->queue_count; i++)
        if (strcmp(b->plan->queues[i].dn, dn) == 0) return b->plan->queues[i].name;
    return NULL;
}

enum code bridge_asks(struct bridge *b, const struct message *effect)
{
    struct holding holding = bridge_holding(b);
    struct holding_of of = {.session = bridge_is_session(b, message_u(effect, ENVELOPE_conn))};
    uint32_t arrival = bridge_arrival_of(b, effect);
    char number[DIALLED_MAX + 1];
    if (arrival != NO_ARRIVAL) {
        of.medium = bridge_medium(b, arrival);
        of.place = world_says(b->world, arrival)->to;
        of.record = world_is_record(b->world, arrival);
    }
    if (effect->kind == KIND_RequestRouteCall) {
        sim_copy_text(number, sizeof number, message_text(effect, RequestRouteCall_dest));
        of.queue = held_queue_at(b, number);
    }
    return holding_asks(&holding, &of, effect);
}

enum code bridge_promises(struct bridge *b, struct span number)
{
    struct holding holding = bridge_holding(b);
    return holding_promises(&holding, number);
}

void bridge_needs_queue(struct bridge *b, const char *name)
{
    struct holding holding = bridge_holding(b);
    holding_needs_queue(&holding, name);
}

/* Returns what the text means at the numbers whose messages go to the queue. A word may mean something at one number
 * and nothing at another: if the text is a reserved word at any of these numbers, that meaning is returned, since the
 * strategy might not get the text. */
static enum words_meaning link_reserves(const struct sim_link *link, const char *queue, const char *text)
{
    enum words_meaning meaning = WORDS_NONE;
    bool any = false;
    for (const char *at = link->numbers ? link->numbers : ""; *at && meaning == WORDS_NONE; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ","), before = strcspn(at, "=,");
        bool leads = queue && length > before && strlen(queue) == length - before - 1 &&
                     strncmp(at + before + 1, queue, length - before - 1) == 0;
        char *number = memory_zeroed(before + 1, 1);
        memcpy(number, at, before);
        any = any || leads;
        if (leads) meaning = reserved_read(text, &link->words, strcmp(number, "*") == 0 ? NULL : number);
        free(number);
        at += length;
    }
    return any ? meaning : reserved_read(text, &link->words, NULL);
}

static const struct sim_link *link_of_texts(struct bridge *b, uint32_t arrival)
{
    return b->site ? holding_link(b->site, media_sms, world_says(b->world, arrival)->to) : NULL;
}

static enum words_meaning text_means(struct bridge *b, uint32_t arrival, const char *text)
{
    const struct sim_link *link = link_of_texts(b, arrival);
    const struct reserved_rules table = {.languages = b->site ? b->site->languages : ""};
    return link ? link_reserves(link, world_says(b->world, arrival)->to, text) : reserved_read(text, &table, NULL);
}

bool bridge_asks_person(struct bridge *b, uint32_t arrival, const char *text)
{
    return text && text_means(b, arrival, text) == WORDS_PERSON;
}

/* Does the adapter keep the text from the strategy? It keeps back a word by which a customer unsubscribes or subscribes
 * again, and HELP if the adapter answers that. */
bool bridge_reserves(struct bridge *b, uint32_t arrival, enum media media, const char *text)
{
    static const char *const meant[] = {[WORDS_STOP] = "by it the customer wants no more messages from us",
                                        [WORDS_START] = "by it the customer wants our messages again",
                                        [WORDS_HELP] = "the adapter answers it with its setting `help`"};
    const struct sim_link *link = media == media_sms && text ? link_of_texts(b, arrival) : NULL;
    bool helps = link ? link->helps : b->site && b->site->helps;
    enum words_meaning meaning = media == media_sms && text ? text_means(b, arrival, text) : WORDS_NONE;
    if (!reserved_is_kept(meaning) || (meaning == WORDS_HELP && !helps)) return false;
    world_problem(b->world, 0, "\"%s\" never comes to a strategy: %s (gcx-sms(8), WHO WANTS NO MESSAGES)", text,
                  meant[meaning]);
    return true;
}

/* Returns which texts the arrival's link accepts; if the link is unknown, the limits of the kind that accepts most. */
static struct sim_texts held_texts(const struct bridge *b, const struct sim_link *link)
{
    struct sim_texts texts = b->site ? b->site->texts : sim_texts_usual;
    if (link && has_medium(link->media, media_sms)) texts.sms = link->text;
    if (link && has_medium(link->media, media_social)) texts.social = link->text;
    return texts;
}

enum contract_why bridge_refuses(struct bridge *b, uint32_t arrival, const struct step_call *call,
                                 const struct message *effect, enum code *exit)
{
    const struct sim_link *link = link_of_arrival(b, arrival);
    const char *customer = world_says(b->world, arrival)->from;
    const char *automatic = json_string_value(json_object_get(world_says(b->world, arrival)->data, "automatic"));
    const struct submission *session = bridge_submission_of(b, message_u(effect, ENVELOPE_conn));
    const struct refusing_asked asked = {
        .site = b->site,
        .link = link,
        .texts = held_texts(b, link),
        .customer = span_of(customer ? customer : ""),
        .automatic = span_of(automatic ? automatic : ""),
        .talks = session != NULL,
        .said_us = session ? session->said_us : b->now_us,
        .now_us = b->now_us,
        .call = call,
    };
    return refusing_why(&b->refusing, &asked, effect, exit);
}
