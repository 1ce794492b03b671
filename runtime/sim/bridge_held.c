/* runtime/sim/bridge_held.c - Holds a play to a site: tells a problem where the play needs what the site lacks.
 *
 * The link of the play has all abilities of the contract, so that the strategy gets to the place that needs one. What
 * the effect's step needs is then compared with the adapters that gcxvm.conf configures (both by contract.def): an
 * effect on a call with the adapter that brings the call, if its number or queue tells which one that is, else with all
 * of them. Arrivals are compared before the play with their media and with the directory's routing points. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/asked.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/site_media.h"
#include "runtime/sim/treatment.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/media.h"
#include "base/out.h"
#include "vm/image.h"
#include "vm/reads.h"
#include "vm/value.h"
#include "runtime/vocabulary/reserved.h"

static bool names_have(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static bool link_names(const struct sim_link *link, const char *place)
{
    return names_have(link->places, link->place_count, place);
}

/* Is the word one of those, which have blanks and these bytes between them? */
static bool link_words_have(const char *words, const char *between, struct span word)
{
    while (*words) {
        words += strspn(words, between);
        size_t length = strcspn(words, between);
        if (span_equal(word, (struct span){(const uint8_t *)words, (uint32_t)length})) return true;
        words += length;
    }
    return false;
}

/* The link by which that comes there; NULL: it may be one of several. */
static const struct sim_link *sim_site_link(const struct sim_site *site, enum media medium, const char *place)
{
    const struct sim_link *found = NULL, *open = NULL;
    unsigned founds = 0, opens = 0;
    for (size_t i = 0; i < site->link_count; i++) {
        const struct sim_link *link = &site->links[i];
        if (!has_medium(link->media, medium)) continue;
        if (link_names(link, place))
            found = link, founds++;
        else if (link->place_count == 0)
            open = link, opens++;
    }
    return founds == 1 ? found : founds == 0 && opens == 1 ? open : NULL;
}

/* The link that has the arrival. */
static const struct sim_link *link_of_arrival(struct bridge *b, uint32_t arrival)
{
    enum media medium = bridge_medium(b, arrival);
    return b->site && arrival != NO_ARRIVAL && medium != media_none
               ? sim_site_link(b->site, medium, world_says(b->world, arrival)->to)
               : NULL;
}

/* The sentence for an adapter that is lacking. `lacks`: "brings sms". */
static void held_lacks(const struct sim_site *site, const char *lacks, const struct out *adapters,
                       char why[SIM_SITE_WHY])
{
    const char *has = site->adapters;
    (void)snprintf(why, SIM_SITE_WHY, "%s: no adapter there %s; add %s (it has %s)", site->file, lacks, adapters->bytes,
                   has[0] != '\0' ? has : "no adapter");
}

/* Does it come by one of the adapters? A medium of the site's own has to stand in the adapter's setting. */
static bool site_has_link(const struct sim_site *site, enum media medium, struct span said)
{
    bool brings = site->any;
    for (size_t i = 0; i < site->link_count; i++) {
        const struct sim_link *link = &site->links[i];
        bool named = !medium_is_own(medium) || !link->said || span_is(said, link->said) ||
                     strcmp(link->said, enum_name_media(medium)) == 0;
        brings |= has_medium(link->media, medium) && named;
    }
    return brings;
}

/* Nothing brings call-backs but the core itself: then no adapter is lacking. */
bool sim_site_brings(const struct sim_site *site, const struct image *image, enum media medium, char why[SIM_SITE_WHY])
{
    struct out adapters = {0};
    struct span said = media_said(image, medium);
    char lacks[80];
    contract_adapters(&adapters, medium, 0, NULL);
    (void)snprintf(lacks, sizeof lacks, "brings %.*s", (int)said.length, (const char *)said.bytes);
    bool good = site_has_link(site, medium, said) || adapters.length == 0;
    if (!good) held_lacks(site, lacks, &adapters, why);
    out_free(&adapters);
    return good;
}

static const struct sim_site_point *site_point_at(const struct sim_site *site, const char *dn)
{
    for (size_t i = 0; i < site->point_count; i++)
        if (strcmp(site->points[i].dn, dn) == 0) return &site->points[i];
    return NULL;
}

static const struct sim_site_point *site_point_of(const struct sim_site *site, const char *strategy)
{
    for (size_t i = 0; i < site->point_count; i++)
        if (strcmp(site->points[i].strategy, strategy) == 0) return &site->points[i];
    return NULL;
}

static bool queue_is_at(const struct sim_site_queue *queue, const char *dn)
{
    return strcmp(queue->dn ? queue->dn : queue->name, dn) == 0;
}

/* Is the place, as an adapter's settings name it, the routing point `dn`, or a queue that stands there? */
static bool place_is_of(const struct sim_site *site, const char *place, const char *dn)
{
    for (size_t i = 0; i < site->queue_count; i++)
        if (queue_is_at(&site->queues[i], dn) && strcmp(site->queues[i].name, place) == 0) return true;
    return strcmp(place, dn) == 0;
}

static bool link_brings_to(const struct sim_site *site, const struct sim_link *link, const char *dn)
{
    for (size_t i = 0; i < link->place_count; i++)
        if (place_is_of(site, link->places[i], dn)) return true;
    return link->place_count == 0;
}

/* Does the link lead to a queue of the routing point what others bring? */
static bool link_leads_to(const struct sim_site *site, const struct sim_link *link, const char *dn)
{
    static const char between[] = ", \t\n:=";
    if (!link->leads) return link->leads_any;
    for (size_t i = 0; i < site->queue_count; i++)
        if (queue_is_at(&site->queues[i], dn) && link_words_have(link->leads, between, span_of(site->queues[i].name)))
            return true;
    return link_words_have(link->leads, between, span_of(dn));
}

/* Do agents, or strategies, lead something to a queue of the routing point? No call comes to one so: the switch takes
 * what is none of its own for a number outside. */
static bool site_leads_to(const struct sim_site *site, const struct image *image, const char *dn)
{
    char queue[SCENARIO_NAME_MAX + 1];
    for (size_t i = 0; i < site->link_count; i++)
        if (link_leads_to(site, &site->links[i], dn)) return true;
    for (size_t i = 0; i < site->routed_count; i++)
        if (place_is_of(site, site->routed[i], dn)) return true;
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        struct text name = image_text(image, image_name(image, i)->text);
        (void)snprintf(queue, sizeof queue, "%.*s", (int)name.length, name.bytes);
        if (image_name(image, i)->kind == TYPE_QUEUE && image_says_name(image, i) && place_is_of(site, queue, dn))
            return true;
    }
    return site->routed_to_any;
}

/* Does an adapter bring what is of the medium to the routing point? Where none brings it at all, that is told
 * elsewhere. False: `strict` is one that brings it to others. */
static bool point_is_reached(const struct sim_site *site, const struct image *image, enum media medium, const char *dn,
                             const struct sim_link **strict)
{
    const struct sim_link *others = NULL;
    for (size_t i = 0; i < site->link_count; i++) {
        if (!has_medium(site->links[i].media, medium)) continue;
        if (link_brings_to(site, &site->links[i], dn)) return true;
        others = &site->links[i];
    }
    *strict = others ? others : *strict;
    return !others || (medium != media_voice && site_leads_to(site, image, dn));
}

/* At that routing point, or at any that starts the strategy. */
static bool site_reaches(const struct sim_site *site, const struct image *image, enum media medium,
                         const struct sim_site_point *at, const char *strategy, char why[SIM_SITE_WHY])
{
    const struct sim_link *strict = NULL;
    const struct sim_site_point *first = at;
    for (size_t i = 0; i < site->point_count; i++) {
        const struct sim_site_point *point = &site->points[i];
        if (at ? point != at : strcmp(point->strategy, strategy) != 0) continue;
        if (point_is_reached(site, image, medium, point->dn, &strict)) return true;
        first = first ? first : point;
    }
    if (!first || !strict) return true;
    struct span said = media_said(image, medium);
    (void)snprintf(why, SIM_SITE_WHY, "%s: adapter %s brings no %.*s to %s; add it to its `%s`", site->file,
                   strict->adapter, (int)said.length, (const char *)said.bytes, first->dn, strict->places_of);
    return false;
}

/* The routing point of the queue; NULL: it is none, or has another strategy. */
static const struct sim_site_point *site_point_for(const struct sim_site *site, const char *queue, const char *strategy)
{
    for (size_t i = 0; i < site->point_count; i++)
        if (strcmp(site->points[i].strategy, strategy) == 0 && place_is_of(site, queue, site->points[i].dn))
            return &site->points[i];
    return NULL;
}

/* Records and call-backs come by no routing point. */
bool sim_site_starts(const struct sim_site *site, const struct image *image, enum media medium, const char *number,
                     const char *strategy, char why[SIM_SITE_WHY])
{
    bool call = medium == media_voice;
    const struct sim_site_point *at = call && number ? site_point_at(site, number) : NULL;
    const struct sim_site_point *other = site_point_of(site, strategy);
    why[0] = '\0';
    if (!site->directory || medium == media_outbound || medium == media_callback) return true;
    if (at ? strcmp(at->strategy, strategy) == 0 : other && (!call || !number)) {
        const struct sim_site_point *of = at || !number ? at : site_point_for(site, number, strategy);
        return site_reaches(site, image, medium, of, strategy, why);
    }
    if (at)
        (void)snprintf(why, SIM_SITE_WHY, "%s: the routing point %s starts %s, and not %s", site->directory, number,
                       at->strategy, strategy);
    else if (!other)
        (void)snprintf(why, SIM_SITE_WHY, "%s: no routing point starts %s; add a row to routing_point", site->directory,
                       strategy);
    else if (medium == media_voice && number)
        (void)snprintf(why, SIM_SITE_WHY, "%s: there is no routing point %s; %s is started at %s", site->directory,
                       number, strategy, other->dn);
    return why[0] == '\0';
}

/* A call about which an agent consults stands for one that the agent has had before: the test may give it any strategy.
 */
static bool is_consulted_about(const struct bridge *b, const struct scenario_arrival *says)
{
    for (size_t i = 0; i < b->plan->test->count; i++) {
        const struct scenario_item *item = &b->plan->test->items[i];
        bool consults = item->kind == ITEM_ARRIVE && item->arrival.main;
        if (consults && strcmp(item->arrival.main, says->from) == 0) return true;
    }
    return false;
}

/* A call to the number where calls come whose test says none may come to any number of its strategy, unless the
 * directory has it at that one. */
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
        const struct sim_site_point *at = site_point_at(site, says->to);
        bool said = strcmp(says->to, unsaid.arrival.to) != 0 || !site_point_of(site, says->strategy) ||
                    (at && strcmp(at->strategy, says->strategy) == 0);
        if (!sim_site_brings(site, b->image, (enum media)medium, why)) world_problem(b->world, item->line, "%s", why);
        if (!is_consulted_about(b, says) &&
            !sim_site_starts(site, b->image, (enum media)medium, said ? says->to : NULL, says->strategy, why))
            world_problem(b->world, item->line, "%s", why);
    }
}

const char *bridge_control_step(uint64_t op)
{
    static const char *const steps[] = {[call_op_answer] = "call.answer",
                                        [call_op_recording_start] = "recording.start",
                                        [call_op_recording_pause] = "recording.pause",
                                        [call_op_recording_resume] = "recording.resume",
                                        [call_op_recording_stop] = "recording.stop"};
    return op < sizeof steps / sizeof *steps ? steps[op] : NULL;
}

/* The step of a strategy by which the core asks for the effect, or the thing of the directory for which it does; NULL:
 * it is none that an adapter could lack. */
static const char *held_step(struct bridge *b, const struct message *effect)
{
    struct step_call call = {0};
    struct treatment_room room;
    struct switch_treatment treatment;
    uint32_t arrival;
    switch (effect->kind) {
    case KIND_RequestApplyTreatment:
        treatment = treatment_read(&room, effect);
        call = treatment_call(&treatment);
        treatment_free(&treatment);
        break;
    case KIND_RequestMakeCall:
        arrival = bridge_arrival_of(b, effect);
        return arrival != NO_ARRIVAL && world_is_record(b->world, arrival) ? "outbound.dial" : "callback.dial";
    case KIND_RequestCallControl:
        if (message_text(effect, RequestCallControl_keep).length != 0) return "callback.keep_place";
        return bridge_control_step(message_u(effect, RequestCallControl_op));
    case KIND_Invite:
        return message_u(effect, Invite_mode) == invite_mode_forced ? NULL : "preview";
    case KIND_Classify:
        call = classify_call(effect);
        break;
    case KIND_FetchRecords:
        return "campaign";
    case KIND_AddRecord:
    case KIND_SendMessage:
        call = sent_call(b->image, effect);
        break;
    default:
        return NULL;
    }
    json_decref(call.args);
    return call.step;
}

/* Is the call one that its adapter only decides, so that it does no such step? */
static bool held_decided(struct bridge *b, const struct sim_link *link, const struct message *effect, const char *step)
{
    const char *point = world_says(b->world, bridge_arrival_of(b, effect))->to;
    if (!link->decides || !contract_answers(step) || !dialled_is_allowed(link->decides, point)) return false;
    world_problem(b->world, 0, "%s: adapter %s only decides the calls of %s, and answers none: it does no %s; %s",
                  b->site->file, link->adapter, point, step, "take the routing point out of its `redirects`");
    return true;
}

/* The adapter that has the call does not do the step with its settings, or cannot play or say what is given to it. */
static void held_does(struct bridge *b, const struct sim_link *link, const struct message *effect, const char *step)
{
    struct span params = message_text(effect, RequestApplyTreatment_params);
    struct kv_value value;
    bool values = kv_get(params, "values", &value) || kv_get(params, "choices", &value);
    bool plays = values || kv_get(params, "prompt", &value);
    const char *setting,
        *steps[] = {step, plays ? "ivr.play" : step, kv_get(params, "text", &value) ? "ivr.say" : step};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (contract_does(link->lacks, steps[i], &setting)) continue;
        world_problem(b->world, 0, "%s: adapter %s, which has the call, does no %s%s%s%s", b->site->file, link->adapter,
                      steps[i], setting ? ": set its `" : " at all", setting ? setting : "", setting ? "`" : "");
        return;
    }
    if (values && link->wordless)
        world_problem(b->world, 0,
                      "%s: adapter %s, which has the call, does no %s: it says values, and there is no piece of them "
                      "such as say_1.wav in its `prompts`",
                      b->site->file, link->adapter, step);
}

/* Tells the first ability that is lacking. `link`: it alone would do. */
static void held_cap_tell(struct bridge *b, const struct sim_link *link, const struct message *effect, uint32_t lacking,
                          const char *step)
{
    struct out adapters = {0};
    char lacks[200], why[SIM_SITE_WHY];
    uint32_t cap = lacking & -lacking;
    const char *doc = "", *word = contract_word((enum cap)cap, &doc);
    contract_adapters(&adapters, media_none, cap, step);
    if (link)
        (void)snprintf(why, sizeof why, "%s: adapter %s, which has the call, has no `%s`, which %s needs (%s)",
                       b->site->file, link->adapter, word, kind_name(effect->kind), doc);
    else {
        (void)snprintf(lacks, sizeof lacks, "has `%s`, which %s needs (%s)", word, kind_name(effect->kind), doc);
        held_lacks(b->site, lacks, &adapters, why);
    }
    world_problem(b->world, 0, "%s", why);
    out_free(&adapters);
}

/* Is it offered to agents by one of desks, or by the one that brings it? */
static bool link_offers(const struct sim_link *link, enum media medium, struct span said)
{
    if ((link->caps & CAP_DESKTOPS) == 0) return false;
    if (link->offers) return !*link->offers || link_words_have(link->offers, ", \t\n", said);
    return has_medium(link->media, medium);
}

/* An agent of a test has each medium; of a site, those that an adapter offers to agents. */
bool sim_site_offers(const struct sim_site *site, const struct image *image, enum media medium, char why[SIM_SITE_WHY])
{
    struct span said = media_said(image, medium);
    if (site->any || !media_at_desks(medium)) return true;
    for (size_t i = 0; i < site->link_count; i++)
        if (link_offers(&site->links[i], medium, said)) return true;
    (void)snprintf(
        why, SIM_SITE_WHY, "%s: no adapter there offers %.*s to agents; add `adapter desk { media = ... }` (it has %s)",
        site->file, (int)said.length, (const char *)said.bytes, *site->adapters ? site->adapters : "no adapter");
    return false;
}

/* False: nobody is offered what the core invites for, as is told. */
static bool held_offers(struct bridge *b, const struct message *effect)
{
    char why[SIM_SITE_WHY];
    uint32_t arrival = bridge_arrival_of(b, effect);
    enum media medium = arrival == NO_ARRIVAL ? media_none : bridge_medium(b, arrival);
    bool good = sim_site_offers(b->site, b->image, medium, why);
    if (!good) world_problem(b->world, 0, "%s", why);
    return good;
}

/* May it dial the number outside? */
static bool link_dials(const struct sim_link *link, const char *number)
{
    return (link->caps & CAP_DIAL) != 0 && dialled_is_writable(number) && dialled_is_allowed(link->dials, number);
}

enum code bridge_promises(struct bridge *b, struct span said)
{
    char number[DIALLED_MAX + 1];
    const struct sim_link *strict = NULL;
    if (!b->site || b->site->any) return code_ok;
    sim_copy_text(number, sizeof number, said);
    for (size_t i = 0; i < b->site->link_count; i++) {
        const struct sim_link *link = &b->site->links[i];
        if ((link->caps & CAP_DIAL) == 0) continue;
        if (!link->dials || link_dials(link, number)) return code_ok;
        strict = link;
    }
    if (strict)
        world_problem(b->world, 0, "%s: adapter %s may not dial %s: add how it begins to its `dialable`, or %s",
                      b->site->file, strict->adapter, number,
                      "refuse such numbers when they are booked, by the table `outside`");
    return strict ? code_rejected : code_ok;
}

static bool link_has_trunk(const struct sim_link *link, const char *names)
{
    struct span name;
    while (contract_place_next(&names, &name))
        if (link_words_have(link->outlets, ", \t\n=", name)) return true;
    return false;
}

/* A text of the user data, as far as an adapter reads one. False: they have none. */
static bool wish_text(struct span data, const char *key, char text[DIALLED_MAX + 1])
{
    struct kv_value said;
    if (!kv_get(data, key, &said) || said.tag != KV_TEXT || said.span.length > DIALLED_MAX) return false;
    sim_copy_text(text, DIALLED_MAX + 1, said.span);
    return true;
}

/* User data may name the trunks by which a call goes outside, without one of which nobody is called, and the number
 * that is told there: a text that is no number is told to nobody. `own`: the link that has the call; NULL: any that
 * dials may be it. True: a trunk is there. */
static bool held_wishes(struct bridge *b, const struct sim_link *own, struct span data)
{
    char names[DIALLED_MAX + 1], told[DIALLED_MAX + 1];
    const struct sim_link *strict = NULL;
    bool wants = wish_text(data, "trunk", names) && *names, any = !wants;
    bool good = !wish_text(data, "caller_id", told) || dialled_is_writable(told);
    for (size_t i = 0; i < b->site->link_count; i++) {
        const struct sim_link *link = &b->site->links[i];
        if (own ? link != own : (link->caps & CAP_DIAL) == 0) continue;
        if (!link->outlets) return true;
        any = any || link_has_trunk(link, names);
        strict = link;
    }
    if (strict && !any)
        world_problem(b->world, 0, "%s: adapter %s has no trunk `%s`, as the user data `trunk` want: %s", b->site->file,
                      strict->adapter, names, "name it in its `outbound`, NAME=ADDRESS");
    if (strict && !good)
        world_problem(b->world, 0, "%s: adapter %s does not tell `%s`, the user data `caller_id`: %s", b->site->file,
                      strict->adapter, told, "a number has digits, + and * alone");
    return any || !strict;
}

/* The queue of the test at that DN of its world; NULL: none. */
static const char *held_queue_at(const struct bridge *b, const char *dn)
{
    for (uint32_t i = 0; i < b->plan->queue_count; i++)
        if (strcmp(b->plan->queues[i].dn, dn) == 0) return b->plan->queues[i].name;
    return NULL;
}

/* The DN of the site's queue; NULL: nobody knows it, or there is no such queue, as is told elsewhere. */
static const char *site_queue_dn(const struct sim_site *site, const char *queue)
{
    for (size_t i = 0; i < site->queue_count; i++)
        if (strcmp(site->queues[i].name, queue) == 0) return site->queues[i].dn;
    return NULL;
}

/* Does the link's switch find the number inside, or is it one of its routing points? What begins with + is no
 * telephone; of other numbers nobody may know it. */
static bool link_has_inside(const struct sim_link *link, const char *number)
{
    bool inside = names_have(link->reaches, link->reach_count, number) || (!link->reaches_known && *number != '+');
    return inside || link_names(link, number);
}

/* A call goes out by its own link alone, with the wishes of its user data. The agent hears a whisper by what plays and
 * says to callers, too. */
static enum code held_route(struct bridge *b, const struct message *effect)
{
    char number[DIALLED_MAX + 1];
    const struct sim_link *link = link_of_arrival(b, bridge_arrival_of(b, effect));
    struct span ext = message_text(effect, RequestRouteCall_ext);
    struct kv_value value;
    const char *setting, *step = kv_get(ext, "whisper_prompt", &value) ? "ivr.play"
                                 : kv_get(ext, "whisper", &value)      ? "ivr.say"
                                                                       : NULL;
    if (!link) return code_ok;
    sim_copy_text(number, sizeof number, message_text(effect, RequestRouteCall_dest));
    const char *queue = held_queue_at(b, number), *dn = queue ? site_queue_dn(b->site, queue) : number;
    bool outside = dn && (queue || *number == '+') && link->dials && !link_has_inside(link, dn);
    bool refuses = outside && !link_dials(link, dn);
    if (refuses && queue)
        world_problem(b->world, 0,
                      "%s: adapter %s cannot call %s, the DN of queue %s: give it a line in `telephones`, or add it to "
                      "`dialable`",
                      b->site->file, link->adapter, dn, queue);
    else if (refuses)
        world_problem(
            b->world, 0,
            "%s: adapter %s may not dial %s, to which its call is routed: add how it begins to its `dialable`",
            b->site->file, link->adapter, number);
    if (step && !held_decided(b, link, effect, step) && !contract_does(link->lacks, step, &setting))
        world_problem(b->world, 0, "%s: adapter %s, which has the call, whispers nothing: it does no %s%s%s%s",
                      b->site->file, link->adapter, step, setting ? ": set its `" : " at all", setting ? setting : "",
                      setting ? "`" : "");
    if (refuses) return code_invalid_destination;
    return outside && !held_wishes(b, link, message_text(effect, RequestRouteCall_data)) ? code_out_of_service
                                                                                         : code_ok;
}

static enum code held_dialling(struct bridge *b, const struct message *effect)
{
    enum code code = bridge_promises(b, message_text(effect, RequestMakeCall_number));
    if (code != code_ok) return code;
    return held_wishes(b, NULL, message_text(effect, RequestMakeCall_data)) ? code_ok : code_no_circuit;
}

static void held_writes(const struct bridge *b, const struct message *effect)
{
    for (size_t i = 0; i < b->site->unwritten_count; i++)
        if (span_is(message_text(effect, Query_source), b->site->unwritten[i]))
            world_problem(b->world, 0, "%s: source %s is read-only: set its `write = true`", b->site->file,
                          b->site->unwritten[i]);
}

enum code bridge_asks(struct bridge *b, const struct message *effect)
{
    enum code refused = code_ok;
    if (effect->kind == KIND_Invite && b->site && !held_offers(b, effect)) return code_ok;
    if (effect->kind == KIND_RequestRouteCall && b->site && !b->site->any) refused = held_route(b, effect);
    if (b->site && effect->kind == KIND_Query && message_u(effect, Query_write) != 0) held_writes(b, effect);
    const char *step = b->site && !b->site->any ? held_step(b, effect) : NULL;
    bool apart, treats = effect->kind == KIND_RequestApplyTreatment;
    /* Others are asked of the agent's link, or of any. */
    bool of_call = treats || effect->kind == KIND_RequestCallControl;
    const struct sim_link *link = step && of_call ? link_of_arrival(b, bridge_arrival_of(b, effect)) : NULL;
    uint32_t needs = step ? contract_needs(step, &apart) : 0;
    if ((link && held_decided(b, link, effect, step)) || needs == 0 ||
        (apart && bridge_is_session(b, message_u(effect, ENVELOPE_conn))))
        return refused;
    uint32_t lacking = needs & ~(link ? link->caps : b->site->caps);
    if (lacking != 0)
        held_cap_tell(b, link, effect, lacking, step);
    else if (link && treats)
        held_does(b, link, effect, step);
    else if (effect->kind == KIND_RequestMakeCall)
        refused = held_dialling(b, effect);
    else if (effect->kind == KIND_RequestCallControl && message_text(effect, RequestCallControl_keep).length != 0)
        (void)bridge_promises(b, message_text(effect, RequestCallControl_keep));
    return refused;
}

void bridge_needs_queue(struct bridge *b, const char *name)
{
    if (!b->site || !b->site->directory) return;
    for (size_t i = 0; i < b->site->queue_count; i++)
        if (strcmp(b->site->queues[i].name, name) == 0) return;
    world_problem(b->world, 0, "%s: there is no queue %s; add a row to queue", b->site->directory, name);
}

/* The strategy never sees a word by which a customer leaves or comes back, nor HELP where the adapter answers it. */
bool bridge_reserves(struct bridge *b, uint32_t arrival, enum media media, const char *text)
{
    const struct sim_link *link =
        b->site && media == media_sms ? sim_site_link(b->site, media, world_says(b->world, arrival)->to) : NULL;
    const char *languages = link ? link->languages : b->site ? b->site->languages : "";
    bool helps = link ? link->helps : b->site && b->site->helps;
    static const char *const meant[] = {[WORDS_STOP] = "by it the customer wants no more messages from us",
                                        [WORDS_START] = "by it the customer wants our messages again",
                                        [WORDS_HELP] = "the adapter answers it with its setting `help`"};
    enum words_meaning meaning = media == media_sms && text ? reserved_read(text, languages) : WORDS_NONE;
    if (meaning == WORDS_NONE || (meaning == WORDS_HELP && !helps)) return false;
    world_problem(b->world, 0, "\"%s\" never comes to a strategy: %s (gcx-sms(8), WHO WANTS NO MESSAGES)", text,
                  meant[meaning]);
    return true;
}

/* What the link takes that has the arrival; where that is not known, the way that takes most. */
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
