/* runtime/core/read/site.c - Reads the configuration in force: routing points and their strategies, images and the
 * interactions that run on them, groups.
 *
 * A function with an index is called with 0, 1, 2 and so on, until it returns false. A row without a name, or that is
 * not `known`, is free or was deleted; the caller skips it. */
#include <assert.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/quarantine.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/kept_place.h"

bool core_agent_named(const struct core *core, struct span name, uint32_t *index)
{
    return agent_find(core->agents, names_find(core->names, name), index);
}

bool core_agent_group(const struct core *core, uint32_t index, uint32_t at, struct span *name)
{
    if (index >= core->agents->count || at >= core->agents->all[index].group_count) return false;
    *name = core_name(core, core->agents->all[index].groups[at].name);
    return true;
}

bool core_campaign_definition(const struct core *core, uint32_t index, struct campaign_definition_row *row,
                              uint32_t *rules)
{
    const struct campaign_definitions *definitions = &core->directory->campaigns;
    if (index >= definitions->count) return false;
    const struct campaign_definition *campaign = &definitions->all[index];
    *row = (struct campaign_definition_row){.known = campaign->known,
                                            .name = core_name(core, campaign->name),
                                            .mode = campaign->mode,
                                            .agents = core_name(core, campaign->agents),
                                            .list = core_name(core, campaign->list),
                                            .consent = core_name(core, campaign->consent),
                                            .rule_set = core_name(core, campaign->rule_set),
                                            .schedule = core_name(core, campaign->schedule),
                                            .zone = core_name(core, campaign->zone),
                                            .filter = campaign->filter,
                                            .order = campaign->order};
    campaign_rules(definitions, campaign, rules);
    return true;
}

/* Returns the hash of the image of a binding; NULL: nothing is bound there. */
static const uint8_t *site_bound(const struct core *core, struct binding binding, struct span *strategy)
{
    *strategy = span_of("");
    if (binding.program == PROGRAM_NONE) return NULL;
    const struct site_program *program = &core->strategies->programs[binding.program];
    struct text text = image_text(program->image, image_strategy(program->image, binding.strategy)->name);
    *strategy = (struct span){(const uint8_t *)text.bytes, text.length};
    return program->hash;
}

/* Reads a routing point. A routing point may have two strategies at a time: the newer one for its share of arrivals,
 * and the one before for the rest. */
static void point_fill(const struct core *core, const struct point *point, struct point_row *row)
{
    *row = (struct point_row){
        .dn = core_name(core, point->dn),
        .defaults = point->defaults,
        .answer_timeout_us = point->answer_timeout_us,
        .router_grace_us = point->router_grace_us,
        .program = point->now.program == PROGRAM_NONE ? UINT32_MAX : point->now.program,
        .percent = point->percent,
        .known = point->known,
    };
    row->image = site_bound(core, point->now, &row->strategy);
    row->given = point->now.given;
    row->image_before = site_bound(core, point->before, &row->before);
}

bool core_point(const struct core *core, uint32_t index, struct point_row *row)
{
    if (index >= core->directory->point_count) return false;
    point_fill(core, &core->directory->points[index], row);
    return true;
}

bool core_point_at(const struct core *core, struct span dn, struct point_row *row)
{
    const struct point *point = core_directory_point(core->directory, names_find(core->names, dn));
    if (point) point_fill(core, point, row);
    return point != NULL;
}

const struct image *core_program(const struct core *core, uint32_t index)
{
    return index < core->strategies->program_count ? core->strategies->programs[index].image : NULL;
}

bool core_has_category(const struct core *core, struct span name)
{
    const struct image *image;
    for (uint32_t i = 0; (image = core_program(core, i)); i++)
        if (image_name_find(image, TYPE_CATEGORY, (const char *)name.bytes, name.length) >= 0) return true;
    return false;
}

/* Counts the uses of images, with a limited number of rows per call, so that counting does not delay a batch. True:
 * more rows are left, call again with the cursor. */
bool core_uses(const struct core *core, uint64_t *cursor, uint32_t at_most, uint32_t *uses, uint32_t count)
{
    for (uint32_t slot = (uint32_t)*cursor; slot < core->interactions->count; slot++) {
        const struct interaction *ix = interaction_at(core->interactions, slot);
        if (at_most-- == 0) {
            *cursor = slot;
            return true;
        }
        if (ix->state != IX_FREE && ix->running && ix->program < count) uses[ix->program]++;
    }
    return false;
}

/* Reads the use of an own medium, which is given by its number among own media, not in the table of media. */
void core_own_medium(const struct core *core, unsigned own, struct own_medium_use *use)
{
    enum media medium = (enum media)medium_of_own(own);
    use->open = core->interactions->live_of[medium];
    const char *name = interactions_medium(core->interactions, medium);
    size_t length = strlen(name);
    assert(length < sizeof use->name);
    memcpy(use->name, name, length + 1);
}

const char *core_link_state(const struct core *core, unsigned source)
{
    static const char *const names[] = {
        [LINK_DOWN] = "down", [LINK_RESYNC] = "resync", [LINK_UP] = "up", [LINK_GRACE] = "grace"};
    const struct link *link = link_at(core->links, source);
    return names[link ? link->state : LINK_DOWN];
}

bool core_link_name(const struct core *core, unsigned source, struct span *name)
{
    const struct link *link = link_at(core->links, source);
    *name = core_name(core, link ? link->name : 0);
    return name->length > 0;
}

/* Looks at all interactions, so it is slow; called when people ask, and before a link is removed. */
struct link_holds core_link_holds(const struct core *core, unsigned source)
{
    const struct link *link = link_at(core->links, source);
    struct link_holds holds = {.able = link && link->caps != 0};
    EACH_INTERACTION (ix, core->interactions) {
        if (!kept_place_at_link(core, ix, source)) continue;
        holds.interactions++;
        for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction)
            holds.claims++;
    }
    return holds;
}

/* True: the link is down, and no booking, record, campaign or running strategy needs it. */
bool core_link_is_free(const struct core *core, unsigned source)
{
    const struct link *link = link_at(core->links, source);
    if (!link || link->connected || link->state != LINK_DOWN || bookings_of_link(core, source) ||
        list_records_of_link(core->list_records, source) || campaigns_of_link(core->campaigns, source))
        return false;
    EACH_INTERACTION (ix, core->interactions)
        if (ix->link == source && ix->running) return false;
    return true;
}

/* Reads a row of the quarantine: its mark, and what became of the interaction. */
bool core_quarantined(const struct core *core, uint32_t index, struct quarantined_row *row)
{
    static const char *const ends[] = {
#define QUARANTINE_END(id, words) words,
#include "runtime/core/run/quarantine.def"
    };
    if (index >= core->quarantines->count) return false;
    const struct quarantined *from = &core->quarantines->all[index];
    *row = (struct quarantined_row){.batch = from->mark.batch,
                                    .number = from->mark.number,
                                    .ixn = from->mark.ixn,
                                    .conn = from->mark.conn,
                                    .passed = from->passed,
                                    .passed_batch = from->passed_batch,
                                    .since_us = from->since_us,
                                    .index = from->mark.index,
                                    .kind = from->mark.kind,
                                    .link = from->mark.source,
                                    .timer = from->mark.timer,
                                    .recorded = from->recorded,
                                    .end = ends[from->end]};
    return true;
}

bool core_reason(const struct core *core, uint32_t index, struct reason_row *row)
{
    const struct reasons *reasons = &core->directory->reasons;
    if (index >= reasons->count) return false;
    const struct reason *reason = &reasons->all[index];
    *row = (struct reason_row){core_name(core, reason->name), core_name(core, reason->display)};
    return true;
}

/* Reads a booking; a free row has the id 0. */
bool core_booking(const struct core *core, uint32_t index, struct booking_row *row)
{
    if (index >= core->bookings->count) return false;
    const struct booking *from = &core->bookings->all[index];
    *row = (struct booking_row){.id = from->id};
    if (from->id == 0) return true;
    row->from = from->from;
    row->ixn = from->ixn;
    row->due_us = from->due_us;
    row->attempts = from->attempts;
    row->number = booking_number(from);
    row->strategy = core_name(core, from->title);
    row->dn = core_name(core, from->dn);
    return true;
}

uint64_t core_bookings_ever(const struct core *core)
{
    return core->bookings->last_id;
}
