/* runtime/core/campaigns/campaign_fetch.c - FetchRecords: a campaign asks its list for records ahead of time, and
 * gives back those that have not begun when it is unloaded. A FetchRecords that is sent again has the same ref, so
 * the list recognizes the repetition.
 *
 * A campaign keeps a portion of due records ahead: two for each of its lines, and at least PORTION_LEAST. A campaign
 * asks for more when half of the portion is used, and never twice at a time:
 *
 *     campaign --FetchRecords(count)--> list --EventRecord, up to `count` times, then EventDone--> campaign
 *
 * After a list has given fewer records than were asked for, the campaign waits a while before it asks again, each
 * time twice as long; ListChanged ends the pause. When the list reports due records, the campaign asks for them even
 * if its portion is full: the list gives due records first, and they go before the new records of the portion
 * (list_record_count.c). A list that has just connected does not know which campaigns want its reports, so each
 * campaign asks it for at least one record. FetchRecords with the count 0 asks the list to take all records back. */
#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "base/utf8.h"

#define PAUSE_US      UINT64_C(30000000)  /* pause after the list gave fewer records than were asked for */
#define PAUSE_MOST_US UINT64_C(300000000) /* ... longest pause: each further one is twice as long, up to this */
#define SILENT_US     UINT64_C(60000000)  /* after this time without an answer the request is sent again */
enum { PORTION_LEAST = 10, PORTION_MOST = 2000, REFUSAL_MAX = 500 };

/* Returns how many records the campaign keeps ahead. */
static uint32_t fetch_portion(const struct campaign *campaign)
{
    uint64_t most = UINT64_C(2) * campaign->rules[CAMPAIGN_RULE_lines];
    return (uint32_t)(most < PORTION_LEAST ? PORTION_LEAST : most > PORTION_MOST ? PORTION_MOST : most);
}

/* Sends FetchRecords. While the link is in its grace time nothing is sent; the request goes out when the link is
 * back. */
static void fetch_send(struct campaigns *campaigns, struct campaign *campaign)
{
    if (!link_usable(campaigns->links, campaign->link)) return;
    campaign_terms_of(campaigns, campaign->name);
    campaign->ref = effect_begin(
        campaigns->effects, &(struct effect){.kind = KIND_FetchRecords, .link = campaign->link, .ref = campaign->ref});
    struct writer *writer = &campaigns->effects->writer;
    writer_bytes(writer, FetchRecords_campaign, names_text(campaigns->names, campaign->name));
    writer_u(writer, FetchRecords_count, campaign->asked);
    writer_bytes(writer, FetchRecords_filter, campaign->filter);
    writer_bytes(writer, FetchRecords_order, campaign->order);
    effect_kv(campaigns->effects, FetchRecords_terms);
    effect_end(campaigns->effects);
    campaign->sent_us = campaigns->now->time_us;
    campaign_touch(campaigns, campaign);
}

static void fetch_ask(struct campaigns *campaigns, struct campaign *campaign, uint32_t count)
{
    assert(count <= 2 * PORTION_MOST);
    campaign->ref = 0;
    campaign->asked = count;
    campaign->came = 0;
    fetch_send(campaigns, campaign);
}

void campaign_check(struct campaigns *campaigns, struct campaign *campaign)
{
    campaign->checked = 0;
    if (!link_usable(campaigns->links, campaign->link) || !link_can(campaigns->links, campaign->link, CAP_LISTS))
        return;
    campaign_terms_of(campaigns, campaign->name);
    campaign->checked =
        effect_begin(campaigns->effects, &(struct effect){.kind = KIND_CheckList, .link = campaign->link});
    struct writer *writer = &campaigns->effects->writer;
    writer_bytes(writer, CheckList_campaign, names_text(campaigns->names, campaign->name));
    writer_bytes(writer, CheckList_filter, campaign->filter);
    writer_bytes(writer, CheckList_order, campaign->order);
    effect_kv(campaigns->effects, CheckList_terms);
    effect_end(campaigns->effects);
    campaign_touch(campaigns, campaign);
}

void campaign_give_back(struct campaigns *campaigns, struct campaign *campaign)
{
    assert(campaign->state == CAMPAIGN_UNLOADING);
    fetch_ask(campaigns, campaign, 0);
}

/* Returns how many call-backs wait for their own agents in preview: these agents may be away for long, so other
 * agents get records in addition. */
static uint32_t waiting_for_agents(const struct campaign *campaign)
{
    if (campaign->mode != campaign_mode_preview) return 0;
    uint32_t own = campaign->counts.due_own;
    return own < PORTION_MOST ? own : (uint32_t)PORTION_MOST;
}

void campaign_fetch(struct campaigns *campaigns, struct campaign *campaign)
{
    uint32_t ahead = fetch_portion(campaign), wait = waiting_for_agents(campaign);
    assert(wait <= campaign->counts.records[RECORD_due]);
    uint32_t buffered = campaign_buffered(campaign) - wait, due = campaign->counts.records[RECORD_due] - wait;
    if (campaign->ref != 0 && campaigns->now->time_us - campaign->sent_us >= SILENT_US) fetch_send(campaigns, campaign);
    if (campaign->ref != 0 || campaign->state != CAMPAIGN_RUNNING || campaign->hours != CAMPAIGN_WHY_pacer) return;
    /* if the link can no longer fetch records, another adapter may have the lists now */
    if (!link_can(campaigns->links, campaign->link, CAP_RECORDS)) {
        unsigned link = link_that_can(campaigns->links, 0, CAP_RECORDS);
        if (link != 0) campaign->link = (uint16_t)link;
    }
    if (!link_can(campaigns->links, campaign->link, CAP_RECORDS)) return;
    bool enough = due >= ahead - ahead / 2 || buffered >= 2 * ahead;
    uint32_t promised = buffered < 4 * ahead ? campaign->promised : 0;
    if (promised == 0 && (enough || campaigns->now->time_us < campaign->again_us)) return;
    uint32_t missing = ahead > due ? ahead - due : 0, room = buffered < 2 * ahead ? 2 * ahead - buffered : 0;
    uint32_t count = missing < room ? missing : room, most = promised < ahead ? promised : ahead;
    campaign->promised = 0;
    fetch_ask(campaigns, campaign, count > most ? count : most);
}

/* An EventRecord has come. Counts the record for the request, unless the core refuses it for now; a record that the
 * core can never use counts, because the list closes it. A record that is refused for now comes with the next portion
 * again; it is not counted, so the core does not ask for it at once and without end. */
void campaign_record_came(struct campaigns *campaigns, uint32_t name, uint32_t req, enum code refused)
{
    struct campaign *campaign = campaign_of(campaigns, name);
    bool again = refused == code_invalid_dn || refused == code_invalid_state || refused == code_overload;
    if (!campaign || req == 0 || campaign->ref != req || again) return;
    campaign->came++;
    campaign_touch(campaigns, campaign);
}

/* Keeps for people what the list, or the telephone exchange, says is wrong; an empty text: nothing is wrong. */
static void keep_refusal(struct campaign *campaign, struct span text)
{
    uint32_t length = utf8_cut((const char *)text.bytes, text.length, REFUSAL_MAX);
    span_free(&campaign->refusal);
    campaign->refusal = span_copy((struct span){text.bytes, length});
}

/* Keeps the list's refusal. If the list has refused nothing, the reason that the exchange has given is kept as long as
 * dials fail. */
static void keep_list_refusal(struct campaign *campaign, unsigned code, const struct message *message)
{
    if (code != code_ok)
        keep_refusal(campaign, message_text(message, EventDone_text));
    else if (campaign->failed_in_row == 0)
        keep_refusal(campaign, (struct span){NULL, 0});
}

void campaign_dial_refused(struct campaigns *campaigns, uint32_t name, struct span text)
{
    struct campaign *campaign = campaign_of(campaigns, name);
    if (!campaign) return;
    keep_refusal(campaign, text);
    campaign_touch(campaigns, campaign);
}

/* Takes the list's answer to CheckList. A list that refuses its check would also refuse records, so the campaign is
 * stopped now and not later in the middle. */
static void fetch_checked(struct campaigns *campaigns, struct campaign *campaign, unsigned code)
{
    assert(campaign->checked != 0);
    campaign->checked = 0;
    campaign_touch(campaigns, campaign);
    if (code != code_ok && !list_record_may_pass(code)) campaign_stops(campaigns, campaign, CAMPAIGN_WHY_list_refuses);
}

/* Takes the list's answer to FetchRecords. */
static void fetch_answered(struct campaigns *campaigns, struct campaign *campaign, unsigned code)
{
    bool again = code != code_ok && list_record_may_pass(code), gave_back = campaign->state == CAMPAIGN_UNLOADING;
    assert(campaign->ref != 0 && (campaign->asked != 0 || gave_back));
    campaign_touch(campaigns, campaign);
    if (again && gave_back) return; /* told again after SILENT_US */
    bool all = code == code_ok && campaign->came >= campaign->asked;
    uint64_t pause_us = campaign->came != 0 || campaign->pause_us == 0 ? PAUSE_US : campaign->pause_us * 2;
    campaign->pause_us = all ? 0 : pause_us < PAUSE_MOST_US ? pause_us : PAUSE_MOST_US;
    campaign->again_us = campaigns->now->time_us + campaign->pause_us;
    campaign->ref = 0;
    campaign->asked = campaign->came = 0;
    campaign->given_back = gave_back;
    if (code != code_ok && !again) campaign_stops(campaigns, campaign, CAMPAIGN_WHY_list_refuses);
}

void campaign_on_done(struct campaigns *campaigns, const struct message *message)
{
    uint64_t ref = message_u(message, ENVELOPE_ref), source = message_u(message, ENVELOPE_source);
    if (ref == 0 || message_u(message, ENVELOPE_ixn) != 0 || message_u(message, ENVELOPE_conn) != 0) return;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *campaign = campaigns->all[at];
        if (!campaign || campaign->link != source || (campaign->ref != ref && campaign->checked != ref)) continue;
        keep_list_refusal(campaign, effect_code_of(message), message);
        if (campaign->ref == ref)
            fetch_answered(campaigns, campaign, effect_code_of(message));
        else
            fetch_checked(campaigns, campaign, effect_code_of(message));
        return;
    }
}

/* Keeps the counts that the list reports for a campaign. */
static void fetch_listed(struct campaigns *campaigns, struct campaign *campaign, const struct message *message)
{
    uint64_t due = message_u(message, ListChanged_due);
    campaign->listed = (struct campaign_listed){.left = message_u(message, ListChanged_left),
                                                .due = due,
                                                .overdue = message_u(message, ListChanged_overdue),
                                                .exhausted = message_u(message, ListChanged_exhausted),
                                                .told = true};
    campaign->promised = due < PORTION_MOST ? (uint32_t)due : (uint32_t)PORTION_MOST;
    campaign_touch(campaigns, campaign);
}

void campaign_on_list(struct campaigns *campaigns, const struct message *message)
{
    uint64_t source = message_u(message, ENVELOPE_source);
    struct span named = message_text(message, ListChanged_campaign);
    if (named.length != 0) {
        struct campaign *campaign = campaign_of(campaigns, names_find(campaigns->names, named));
        if (campaign && campaign->link == source) fetch_listed(campaigns, campaign, message);
        return;
    }
    struct span list = message_text(message, ListChanged_list);
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *campaign = campaigns->all[at];
        if (!campaign || campaign->link != source || campaign->pause_us == 0) continue;
        uint32_t name = campaign->list != 0 ? campaign->list : campaign->name;
        if (list.length != 0 && !span_equal(list, names_text(campaigns->names, name))) continue;
        campaign->again_us = campaign->pause_us = 0;
        campaign_touch(campaigns, campaign);
    }
}

void campaigns_look_again(struct campaigns *campaigns, unsigned link)
{
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *campaign = campaigns->all[at];
        if (!campaign) continue;
        campaign_touch(campaigns, campaign);
        if (link != 0 && campaign->link == link) {
            campaign->checked = 0; /* the list is checked again, since it may never have received the CheckList */
            campaign->again_us = campaign->pause_us = 0;
            if (campaign->ref == 0 && campaign->promised == 0)
                campaign->promised = 1; /* the campaign asks for a record, so that the list reports which are due */
        }
        if (link != 0 && campaign->link == link && campaign->ref != 0) fetch_send(campaigns, campaign);
    }
}

bool campaigns_of_link(const struct campaigns *campaigns, unsigned link)
{
    for (uint32_t at = 0; at < campaigns->count; at++)
        if (campaigns->all[at] && campaigns->all[at]->link == link) return true;
    return false;
}
