/* runtime/sim/holding.c - Compares what a step needs with what the site's adapters and directory have.
 *
 * In a play or simulation the link has all abilities of the contract, so that a strategy reaches the step that needs
 * one of them. The step's needs are then compared with the adapters that gcxvm.conf configures (both by
 * contract.def): those of an effect on a call with the adapter that brings the call, if its number or queue
 * determines that adapter, else with all adapters. */
#include "runtime/sim/holding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/sim/asked.h"
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

const struct sim_link *holding_link(const struct sim_site *site, enum media medium, const char *place)
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

/* Writes the sentence about a missing adapter. `lacks`: "brings sms". */
static void held_lacks(const struct sim_site *site, const char *lacks, const struct out *adapters,
                       char why[SIM_SITE_WHY])
{
    const char *has = site->adapters;
    (void)snprintf(why, SIM_SITE_WHY, "%s: no adapter there %s; add %s (it has %s)", site->file, lacks, adapters->bytes,
                   has[0] != '\0' ? has : "no adapter");
}

/* Does one of the adapters bring this medium? A medium defined by the site must be named in the adapter's setting. */
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

/* Does an adapter bring the medium? Call-backs come from the core itself, so for them no adapter is missing. */
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

const char *holding_starts(const struct sim_site *site, const char *dn)
{
    const struct sim_site_point *point = site_point_at(site, dn);
    return point ? point->strategy : NULL;
}

bool holding_is_started(const struct sim_site *site, const char *strategy)
{
    return site_point_of(site, strategy) != NULL;
}

const char *holding_place(const struct sim_site *site, const char *strategy)
{
    const struct sim_site_point *found = NULL;
    unsigned founds = 0;
    for (size_t i = 0; i < site->point_count; i++)
        if (strcmp(site->points[i].strategy, strategy) == 0) found = &site->points[i], founds++;
    return founds == 1 ? found->dn : NULL;
}

static bool queue_is_at(const struct sim_site_queue *queue, const char *dn)
{
    return strcmp(queue->dn ? queue->dn : queue->name, dn) == 0;
}

/* Is the place, as an adapter's settings name it, the routing point `dn`, or a queue at that DN? */
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

/* Does the link move interactions of other links to a queue of the routing point? */
static bool link_leads_to(const struct sim_site *site, const struct sim_link *link, const char *dn)
{
    static const char between[] = ", \t\n:=";
    if (!link->leads) return link->leads_any;
    for (size_t i = 0; i < site->queue_count; i++)
        if (queue_is_at(&site->queues[i], dn) && sim_words_have(link->leads, between, span_of(site->queues[i].name)))
            return true;
    return sim_words_have(link->leads, between, span_of(dn));
}

/* Do agents or strategies move interactions to a queue of the routing point? Calls are left out: the switch takes
 * numbers that it does not know for outside numbers. */
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

/* Does an adapter bring interactions of the medium to the routing point? True also if no adapter brings the medium at
 * all, which is reported elsewhere. False: `strict` is set to an adapter that brings the medium, but only to other
 * places. */
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

/* Can interactions come to that routing point, or without one to any that starts the strategy? */
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

/* Returns the queue's routing point; NULL: there is none, or it has another strategy. */
static const struct sim_site_point *site_point_for(const struct sim_site *site, const char *queue, const char *strategy)
{
    for (size_t i = 0; i < site->point_count; i++)
        if (strcmp(site->points[i].strategy, strategy) == 0 && place_is_of(site, queue, site->points[i].dn))
            return &site->points[i];
    return NULL;
}

/* Does the directory start the strategy? Records and call-backs need no routing point. */
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

/* Returns the link that brought the interaction or call of the effect; NULL: none, or it is unknown. */
static const struct sim_link *held_link(const struct holding *h, const struct holding_of *of)
{
    return h->site && of->medium != media_none ? holding_link(h->site, of->medium, of->place) : NULL;
}

__attribute__((format(printf, 2, 3))) static void holding_tell(const struct holding *h, const char *format, ...)
{
    va_list arguments;
    char text[2 * SIM_SITE_WHY];
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    h->tell(h->self, text);
}

const char *holding_control_step(uint64_t op)
{
    static const char *const steps[] = {[call_op_answer] = "call.answer",
                                        [call_op_recording_start] = "recording.start",
                                        [call_op_recording_pause] = "recording.pause",
                                        [call_op_recording_resume] = "recording.resume",
                                        [call_op_recording_stop] = "recording.stop"};
    return op < sizeof steps / sizeof *steps ? steps[op] : NULL;
}

/* Returns the step by which a strategy asked for the effect, or the thing in the directory that did; NULL: none that
 * an adapter might not support. */
static const char *held_step(const struct holding *h, const struct holding_of *of, const struct message *effect)
{
    struct step_call call = {0};
    struct treatment_room room;
    struct switch_treatment treatment;
    switch (effect->kind) {
    case KIND_RequestApplyTreatment:
        treatment = treatment_read(&room, effect);
        call = treatment_call(&treatment);
        treatment_free(&treatment);
        break;
    case KIND_RequestMakeCall:
        return of->record ? "outbound.dial" : "callback.dial";
    case KIND_RequestCallControl:
        if (message_text(effect, RequestCallControl_keep).length != 0) return "callback.keep_place";
        return holding_control_step(message_u(effect, RequestCallControl_op));
    case KIND_Invite:
        return message_u(effect, Invite_mode) == invite_mode_forced ? NULL : "preview";
    case KIND_Classify:
        call = asked_classify_call(effect);
        break;
    case KIND_FetchRecords:
        return "campaign";
    case KIND_AddRecord:
    case KIND_NoteConsent:
    case KIND_CancelRecord:
    case KIND_SendMessage:
        call = sent_call(h->image, effect);
        break;
    default:
        return NULL;
    }
    json_decref(call.args);
    return call.step;
}

/* Does the adapter only decide about the call, and so not support the step? */
static bool held_decided(const struct holding *h, const struct sim_link *link, const char *point, const char *step)
{
    if (!link->decides || !contract_answers(step) || !dialled_is_allowed(link->decides, point)) return false;
    holding_tell(h, "%s: adapter %s only decides the calls of %s, and answers none: it does no %s; %s", h->site->file,
                 link->adapter, point, step, "take the routing point out of its `redirects`");
    return true;
}

/* Reports a problem if the call's adapter does not support the step with its settings, or cannot play or say what
 * the step gives it. */
static void held_does(const struct holding *h, const struct sim_link *link, const struct message *effect,
                      const char *step)
{
    struct span params = message_text(effect, RequestApplyTreatment_params);
    struct kv_value value;
    bool values = kv_get(params, "values", &value) || kv_get(params, "choices", &value);
    bool plays = values || kv_get(params, "prompt", &value);
    const char *setting,
        *steps[] = {step, plays ? "ivr.play" : step, kv_get(params, "text", &value) ? "ivr.say" : step};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (contract_does(link->lacks, steps[i], &setting)) continue;
        holding_tell(h, "%s: adapter %s, which has the call, does no %s%s%s%s", h->site->file, link->adapter, steps[i],
                     setting ? ": set its `" : " at all", setting ? setting : "", setting ? "`" : "");
        return;
    }
    if (values && link->wordless)
        holding_tell(h,
                     "%s: adapter %s, which has the call, does no %s: it says values, and there is no piece of them "
                     "such as say_1.wav in its `prompts`",
                     h->site->file, link->adapter, step);
}

/* Reports the first missing ability. `link`: only this one could help; NULL: any. */
static void held_cap_tell(const struct holding *h, const struct sim_link *link, const struct message *effect,
                          uint32_t lacking, const char *step)
{
    struct out adapters = {0};
    char lacks[200], why[SIM_SITE_WHY];
    uint32_t cap = lacking & -lacking;
    const char *doc = "", *word = contract_word((enum cap)cap, &doc);
    contract_adapters(&adapters, media_none, cap, step);
    if (link)
        (void)snprintf(why, sizeof why, "%s: adapter %s, which has the call, has no `%s`, which %s needs (%s)",
                       h->site->file, link->adapter, word, kind_name(effect->kind), doc);
    else {
        (void)snprintf(lacks, sizeof lacks, "has `%s`, which %s needs (%s)", word, kind_name(effect->kind), doc);
        held_lacks(h->site, lacks, &adapters, why);
    }
    holding_tell(h, "%s", why);
    out_free(&adapters);
}

/* Is the medium offered to agents? In a test an agent has every medium, at a site only those that an adapter offers. */
bool sim_site_offers(const struct sim_site *site, const struct image *image, enum media medium, char why[SIM_SITE_WHY])
{
    struct span said = media_said(image, medium);
    if (site->any || !media_at_desks(medium)) return true;
    for (size_t i = 0; i < site->link_count; i++)
        if (sim_link_offers(&site->links[i], medium, said)) return true;
    (void)snprintf(
        why, SIM_SITE_WHY, "%s: no adapter there offers %.*s to agents; add `adapter desk { media = ... }` (it has %s)",
        site->file, (int)said.length, (const char *)said.bytes, *site->adapters ? site->adapters : "no adapter");
    return false;
}

/* False: no adapter of the site offers that medium to agents, and this was reported as a problem. */
static bool held_offers(const struct holding *h, enum media medium)
{
    char why[SIM_SITE_WHY];
    bool good = sim_site_offers(h->site, h->image, medium, why);
    if (!good) holding_tell(h, "%s", why);
    return good;
}

/* May the link dial the given outside number? */
static bool link_dials(const struct sim_link *link, const char *number)
{
    return (link->caps & CAP_DIAL) != 0 && dialled_is_writable(number) && dialled_is_allowed(link->dials, number);
}

enum code holding_promises(const struct holding *h, struct span said)
{
    char number[DIALLED_MAX + 1];
    const struct sim_link *strict = NULL;
    if (!h->site || h->site->any || h->drawn) return code_ok;
    sim_copy_text(number, sizeof number, said);
    for (size_t i = 0; i < h->site->link_count; i++) {
        const struct sim_link *link = &h->site->links[i];
        if ((link->caps & CAP_DIAL) == 0) continue;
        if (!link->dials || link_dials(link, number)) return code_ok;
        strict = link;
    }
    if (strict)
        holding_tell(h, "%s: adapter %s may not dial %s: add how it begins to its `dialable`, or %s", h->site->file,
                     strict->adapter, number, "refuse such numbers when they are booked, by the table `outside`");
    return strict ? code_rejected : code_ok;
}

static bool link_has_trunk(const struct sim_link *link, const char *names)
{
    struct span name;
    while (contract_place_next(&names, &name))
        if (sim_words_have(link->outlets, ", \t\n=", name)) return true;
    return false;
}

/* Copies a text of the user data, up to the length that an adapter reads. False: they have none. */
static bool wish_text(struct span data, const char *key, char text[DIALLED_MAX + 1])
{
    struct kv_value said;
    if (!kv_get(data, key, &said) || said.tag != KV_TEXT || said.span.length > DIALLED_MAX) return false;
    sim_copy_text(text, DIALLED_MAX + 1, said.span);
    return true;
}

/* Checks the user data that name trunks for an outside call, of which one must exist, and the number to show to the
 * called person, which must be a number. `own`: the link that has the call; NULL: any link that can dial. True: one
 * of the trunks exists. */
static bool held_wishes(const struct holding *h, const struct sim_link *own, struct span data)
{
    char names[DIALLED_MAX + 1], told[DIALLED_MAX + 1];
    const struct sim_link *strict = NULL;
    bool wants = wish_text(data, "trunk", names) && *names, any = !wants;
    bool good = !wish_text(data, "caller_id", told) || !*told || dialled_is_writable(told);
    for (size_t i = 0; i < h->site->link_count; i++) {
        const struct sim_link *link = &h->site->links[i];
        if (own ? link != own : (link->caps & CAP_DIAL) == 0) continue;
        if (!link->outlets) return true;
        any = any || link_has_trunk(link, names);
        strict = link;
    }
    if (strict && !any)
        holding_tell(h, "%s: adapter %s has no trunk `%s`, as the user data `trunk` want: %s", h->site->file,
                     strict->adapter, names, "name it in its `outbound`, NAME=ADDRESS");
    if (strict && !good)
        holding_tell(h, "%s: adapter %s does not tell `%s`, the user data `caller_id`: %s", h->site->file,
                     strict->adapter, told, "a number has digits, + and * alone");
    return any || !strict;
}

/* Returns the DN of the site's queue; NULL: it is unknown, or there is no such queue, which is reported elsewhere. */
static const char *site_queue_dn(const struct sim_site *site, const char *queue)
{
    for (size_t i = 0; i < site->queue_count; i++)
        if (strcmp(site->queues[i].name, queue) == 0) return site->queues[i].dn;
    return NULL;
}

/* Is the number an extension of the link's switch, or one of its routing points? A number beginning with + is no
 * extension; of others this may be unknown. */
static bool link_has_inside(const struct sim_link *link, const char *number)
{
    bool inside = names_have(link->reaches, link->reach_count, number) || (!link->reaches_known && *number != '+');
    return inside || link_names(link, number);
}

/* Checks a route: a call can leave only by its own link, according to its user data. A whisper to the agent needs
 * the same abilities as playing and speaking to callers. */
static enum code held_route(const struct holding *h, const struct holding_of *of, const struct message *effect)
{
    char number[DIALLED_MAX + 1];
    const struct sim_link *link = held_link(h, of);
    struct span ext = message_text(effect, RequestRouteCall_ext);
    struct kv_value value;
    const char *setting, *step = kv_get(ext, "whisper_prompt", &value) ? "ivr.play"
                                 : kv_get(ext, "whisper", &value)      ? "ivr.say"
                                                                       : NULL;
    if (!link) return code_ok;
    sim_copy_text(number, sizeof number, message_text(effect, RequestRouteCall_dest));
    const char *queue = of->queue, *dn = queue ? site_queue_dn(h->site, queue) : number;
    bool outside = dn && (queue || *number == '+') && link->dials && !link_has_inside(link, dn);
    bool refuses = outside && !link_dials(link, dn);
    if (refuses && queue)
        holding_tell(h,
                     "%s: adapter %s cannot call %s, the DN of queue %s: give it a line in `telephones`, or add it to "
                     "`dialable`",
                     h->site->file, link->adapter, dn, queue);
    else if (refuses)
        holding_tell(h,
                     "%s: adapter %s may not dial %s, to which its call is routed: add how it begins to its `dialable`",
                     h->site->file, link->adapter, number);
    if (step && !held_decided(h, link, of->place, step) && !contract_does(link->lacks, step, &setting))
        holding_tell(h, "%s: adapter %s, which has the call, whispers nothing: it does no %s%s%s%s", h->site->file,
                     link->adapter, step, setting ? ": set its `" : " at all", setting ? setting : "",
                     setting ? "`" : "");
    if (refuses) return code_invalid_destination;
    return outside && !held_wishes(h, link, message_text(effect, RequestRouteCall_data)) ? code_out_of_service
                                                                                         : code_ok;
}

static enum code held_dialling(const struct holding *h, const struct message *effect)
{
    enum code code = holding_promises(h, message_text(effect, RequestMakeCall_number));
    if (code != code_ok) return code;
    return held_wishes(h, NULL, message_text(effect, RequestMakeCall_data)) ? code_ok : code_no_circuit;
}

/* Checks a route that lets several telephones ring at once: the link that has the call must be able to do that. */
static enum code held_rings(const struct holding *h, const struct holding_of *of, const struct message *effect)
{
    const struct sim_link *link = held_link(h, of);
    if (!link || (link->caps & CAP_RING) != 0 || message_text(effect, RequestRouteCall_also).length == 0)
        return code_ok;
    held_cap_tell(h, link, effect, CAP_RING, "connect");
    return code_unsupported;
}

static enum code held_routes(const struct holding *h, const struct holding_of *of, const struct message *effect)
{
    enum code refused = held_route(h, of, effect);
    return refused == code_ok ? held_rings(h, of, effect) : refused;
}

static void held_writes(const struct holding *h, const struct message *effect)
{
    for (size_t i = 0; i < h->site->unwritten_count; i++)
        if (span_is(message_text(effect, Query_source), h->site->unwritten[i]))
            holding_tell(h, "%s: source %s is read-only: set its `write = true`", h->site->file, h->site->unwritten[i]);
}

/* Returns the abilities that the step needs of a link; some need another one for a number than for a mail's address. */
static uint32_t held_needs(const char *step, const struct message *effect, bool *apart)
{
    struct span to;
    uint32_t at = 0, needs = contract_needs(step, apart), number = contract_needs_to_number(step);
    if (number == 0 || effect->kind != KIND_SendMessage ||
        !message_next_text(message_text(effect, SendMessage_to), &at, &to))
        return needs;
    for (uint32_t i = 0; i < to.length; i++)
        if (to.bytes[i] == '@') return needs;
    return number;
}

enum code holding_asks(const struct holding *h, const struct holding_of *of, const struct message *effect)
{
    enum code refused = code_ok;
    if (effect->kind == KIND_Invite && h->site && !held_offers(h, of->medium)) return code_ok;
    if (effect->kind == KIND_RequestRouteCall && h->site && !h->site->any) refused = held_routes(h, of, effect);
    if (h->site && effect->kind == KIND_Query && message_u(effect, Query_write) != 0) held_writes(h, effect);
    const char *step = h->site && !h->site->any ? held_step(h, of, effect) : NULL;
    bool apart, treats = effect->kind == KIND_RequestApplyTreatment;
    /* Treatments and call control use the link that has the call; other effects use the agent's link, or any
     * suitable one. */
    bool of_call = treats || effect->kind == KIND_RequestCallControl;
    const struct sim_link *link = step && of_call ? held_link(h, of) : NULL;
    uint32_t needs = step ? held_needs(step, effect, &apart) : 0;
    if ((link && held_decided(h, link, of->place, step)) || needs == 0 || (apart && of->session)) return refused;
    uint32_t lacking = needs & ~(link ? link->caps : h->site->caps);
    if (lacking != 0)
        held_cap_tell(h, link, effect, lacking, step);
    else if (link && treats)
        held_does(h, link, effect, step);
    else if (effect->kind == KIND_RequestMakeCall)
        refused = held_dialling(h, effect);
    else if (effect->kind == KIND_RequestCallControl && message_text(effect, RequestCallControl_keep).length != 0)
        (void)holding_promises(h, message_text(effect, RequestCallControl_keep));
    return refused;
}

void holding_needs_queue(const struct holding *h, const char *name)
{
    if (!h->site || !h->site->directory) return;
    for (size_t i = 0; i < h->site->queue_count; i++)
        if (strcmp(h->site->queues[i].name, name) == 0) return;
    holding_tell(h, "%s: there is no queue %s; add a row to queue", h->site->directory, name);
}
