/* runtime/core/read/view.c - Answers questions of adapters about the core: queues and workbins, agents who are
 * logged in, and one interaction.
 *
 * An answer is one list of pairs and must fit into one message. So rows are added up to the allowed number or size,
 * and then `more` or `next` says where to continue. ROW_BYTES are kept free for the last row. */
#include "vm/bin_view.h"
#include "runtime/core/base/record.h"
#include "vm/system_words.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/line.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/view_bin.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/booking.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/moment.h"
#include "runtime/vocabulary/rows.h"

enum { ROWS_MAX = 50, ROW_BYTES = 2500, MORE_BYTES = 16, BYTES_MAX = KV_BYTES_MAX - ROW_BYTES };

static void put_some(struct kv *into, const char *key, struct span text)
{
    if (text.length != 0) kv_put_text(into, key, text);
}

static void view_put_id(struct kv *into, const char *key, uint64_t ixn)
{
    char id[IXN_TEXT];
    if (ixn != 0) kv_put_text(into, key, (struct span){(const uint8_t *)id, ident_print_ixn(ixn, id)});
}

/* Writes the columns that lists show of a submitted interaction. Fields without a value are left out. */
static void view_put_submitted(const struct core *core, const struct interaction *ix, struct kv *into)
{
    const struct submitted *row = submitted_of(core->submissions, ix);
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t due = block_system(block, SYSTEM_due);
    view_put_id(into, "id", ix->id);
    kv_put_text(into, "media", span_of(interactions_medium(core->interactions, ix->media)));
    put_some(into, "external_id", submitted_external_id(row));
    put_some(into, "from", interaction_system(core->interactions, ix, SYSTEM_from));
    put_some(into, "to", interaction_system(core->interactions, ix, SYSTEM_to));
    put_some(into, "subject", interaction_system(core->interactions, ix, SYSTEM_subject));
    kv_put_time(into, "received", (int64_t)interaction_arrived(core->interactions, ix) + core->now->wall_offset_us);
    if (due != VALUE_NONE) kv_put_time(into, "due", (int64_t)due);
    kv_put_int(into, "priority", block->priority);
    view_put_id(into, "parent", row->parent);
    put_some(into, "author", core_name(core, row->author));
    if (ix->running) kv_put_bool(into, "locked", true);
    uint64_t back_us = submitted_back_us(core->submissions, ix);
    if (back_us != 0) kv_put_time(into, "until", moment_wall_us(back_us, core->now->wall_offset_us));
}

/* Returns the bin that is asked for; NULL: there is none, or it is not open to the asker. Without an asker the
 * adapter asks for itself, and every bin is open to it. */
static const struct bin *bin_asked(const struct core *core, const struct view_asked *asked)
{
    uint32_t whose = asked->object == object_workbin ? names_find(core->names, asked->whose) : 0, agent;
    const struct bin *bin = submitted_bin(core->submissions, names_find(core->names, asked->name), whose);
    if (whose == 0 && asked->object == object_workbin) return NULL;
    if (!bin || whose == 0 || asked->asker.length == 0) return bin;
    bool known = agent_find(core->agents, names_find(core->names, asked->asker), &agent);
    return known && workbin_open_to(core->interactions, whose, agent) ? bin : NULL;
}

/* Writes a page in the reader's order, or a page of the matching items only. */
static void put_bin_viewed(const struct core *core, const struct bin *bin, const struct bin_view *view, struct kv *into)
{
    const struct interaction *rows[ROWS_MAX];
    struct bin_found found = bin_view_read(core, bin, view, rows);
    uint32_t at = 0;
    kv_put_int(into, "matching", found.matching);
    if (found.cut) kv_put_bool(into, "cut", true);
    for (; at < found.count && into->length <= BYTES_MAX; at++) {
        size_t before = into->length;
        kv_list_begin(into, span_of("item"));
        view_put_submitted(core, rows[at], into);
        bin_view_put_data(core, rows[at], view, into);
        kv_list_end(into);
        if (into->length <= KV_BYTES_MAX - MORE_BYTES) continue;
        into->length = before; /* the user data need more than was kept free: the next page begins with this row */
        break;
    }
    if (found.more || at < found.count) kv_put_bool(into, "more", true);
}

/* Finds a view of the site, in the newest of the images that routing points have. NULL: none of these images has the
 * view. */
static const struct image *view_declared(const struct core *core, struct span name, struct image_view *view)
{
    const struct directory *directory = core->directory;
    struct image_view found;
    uint32_t newest = 0, last = PROGRAM_NONE;
    bool has = false;
    for (uint32_t at = 0; at < directory->point_count; at++) {
        uint32_t program = directory->points[at].now.program;
        if (program == PROGRAM_NONE || program == last || (has && program <= newest)) continue;
        last = program; /* many points have the same program */
        if (!image_view_find(core->strategies->programs[program].image, (const char *)name.bytes, name.length, &found))
            continue;
        *view = found;
        newest = program;
        has = true;
    }
    return has ? core->strategies->programs[newest].image : NULL;
}

/* Writes of which queue or workbin the view is, its order, and the columns that it shows. */
static void put_view_head(const struct image *image, const struct image_view *view, struct kv *into)
{
    const struct image_name *bin = image_name(image, view->bin);
    kv_put_text(into, "object", span_of(enum_name_object(bin->kind == TYPE_QUEUE ? object_queue : object_workbin)));
    kv_put_text(into, "name", span_of_text(image_text(image, bin->text)));
    put_some(into, "order", span_of_text(view->order));
    for (uint32_t at = 0; at < view->columns; at++)
        kv_put_text(into, "column", span_of_text(image_view_column(image, view, at)));
}

/* Writes a page of a view of the site: the items of its bin, if the bin is open to the asker. */
static void put_view(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    struct image_view declared;
    const struct image *image = view_declared(core, asked->view, &declared);
    if (!image) return;
    const struct image_name *name = image_name(image, declared.bin);
    struct view_asked of_bin = *asked;
    of_bin.object = name->kind == TYPE_QUEUE ? object_queue : object_workbin;
    of_bin.name = span_of_text(image_text(image, name->text));
    put_view_head(image, &declared, into);
    const struct bin *bin = bin_asked(core, &of_bin);
    kv_put_int(into, "count", bin ? bin->count : 0);
    if (!bin) return;
    uint32_t most = asked->count == 0 || asked->count > ROWS_MAX ? ROWS_MAX : asked->count;
    put_bin_viewed(core, bin,
                   &(struct bin_view){.order = asked->order,
                                      .filter = asked->filter,
                                      .declared = &declared,
                                      .image = image,
                                      .after = asked->after,
                                      .most = most},
                   into);
}

/* Writes the rows of the bin after that of the interaction `after`, or all rows if that interaction is not in the
 * bin. */
static void put_bin(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    const struct bin *bin = bin_asked(core, asked);
    const struct interaction *last = interaction_by_id(core->interactions, asked->after);
    uint32_t row = SUBMITTED_NONE, count = 0;
    uint32_t most = asked->count == 0 || asked->count > ROWS_MAX ? ROWS_MAX : asked->count;
    if (!bin) return;
    kv_put_int(into, "count", bin->count);
    struct bin_view view = {.order = asked->order, .filter = asked->filter, .after = asked->after, .most = most};
    if (!bin_view_plain(&view)) {
        put_bin_viewed(core, bin, &view, into);
        return;
    }
    const struct submitted *from = last ? submitted_of(core->submissions, last) : NULL;
    if (from && from->in && &core->submissions->bins[from->bin] == bin) row = (uint32_t)(from - core->submissions->all);
    for (const struct interaction *ix; (ix = submitted_next(core->submissions, bin, &row)); count++) {
        if (count == most || into->length > BYTES_MAX) {
            kv_put_bool(into, "more", true);
            return;
        }
        kv_list_begin(into, span_of("item"));
        view_put_submitted(core, ix, into);
        kv_list_end(into);
    }
}

static void put_groups(const struct core *core, const struct agent *who, struct kv *into)
{
    for (uint32_t at = 0; at < who->group_count && into->length <= BYTES_MAX; at++)
        kv_put_text(into, "group", core_name(core, who->groups[at].name));
}

/* Writes how many of each medium the agent's capacity rule allows; nothing for an agent who takes one interaction at a
 * time. */
static void put_takes(const struct core *core, const struct agent *who, struct kv *into)
{
    const struct capacity_rule *rule = capacity_rule(&core->agents->capacities, who->capacity);
    kv_list_begin(into, span_of("takes"));
    for (unsigned medium = 0; who->capacity != CAPACITY_SINGLE && medium < MEDIA_KINDS; medium++)
        if (rule->most[medium] != 0) kv_put_int(into, enum_name_media(medium), rule->most[medium]);
    kv_list_end(into);
}

/* Writes an agent; the caller ends the list. */
static void view_put_agent(const struct core *core, const struct agent *who, struct kv *into)
{
    kv_list_begin(into, span_of("agent"));
    kv_put_text(into, "name", core_name(core, who->name));
    EACH_MEDIUM(medium, media_set_with(who->own, media_voice, true))
    kv_put_text(into, enum_name_media(medium), span_of(enum_name_agent_state(session_state(who, (enum media)medium))));
    put_some(into, "reason", core_name(core, who->reason));
    put_some(into, "display", core_name(core, who->display));
    put_some(into, "place", core_name(core, who->place));
    const struct line *line = line_for_agent(core->agents, (uint32_t)(who - core->agents->all), media_voice);
    if (line && line_medium(line) == media_voice) put_some(into, "dn", core_name(core, line->dn));
    kv_put_int(into, "has", who->claimed);
}

static uint8_t view_letter(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte >= 0x80 ? 0x80 : byte;
}

static uint32_t view_letter_next(struct span text, uint32_t at)
{
    at++;
    while (at < text.length && (text.bytes[at] & 0xc0) == 0x80) at++;
    return at;
}

/* Does the name contain the part? Small and capital letters are the same, and a letter with an accent is like any
 * letter: the reader compares them. */
static bool view_is_like(struct span name, struct span part)
{
    for (uint32_t from = 0; from < name.length; from = view_letter_next(name, from)) {
        uint32_t at = 0, of = from;
        while (at < part.length && of < name.length) {
            uint8_t one = view_letter(part.bytes[at]), other = view_letter(name.bytes[of]);
            if (one != other && one != 0x80 && other != 0x80) break;
            at = view_letter_next(part, at);
            of = view_letter_next(name, of);
        }
        if (at >= part.length) return true;
    }
    return false;
}

/* Is the agent one of those that are asked for: who are logged in, or all of the directory that are called so? */
static bool view_wants_agent(const struct core *core, const struct view_asked *asked, const struct agent *who)
{
    struct kv_value find;
    if (!kv_get(asked->filter, "find", &find) || find.tag != KV_TEXT) return agent_logged_in(who);
    bool like =
        view_is_like(core_name(core, who->name), find.span) || view_is_like(core_name(core, who->display), find.span);
    return like && (who->known || agent_logged_in(who));
}

/* Writes one agent with the agent's groups and capacity, or the agents who are logged in, or who are called so, from
 * the place `after` of the table on. */
static void put_agents(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    uint32_t agent, count = 0;
    if (asked->name.length != 0) {
        if (!agent_find(core->agents, names_find(core->names, asked->name), &agent)) return;
        view_put_agent(core, agent_at(core->agents, agent), into);
        put_groups(core, agent_at(core->agents, agent), into);
        put_takes(core, agent_at(core->agents, agent), into);
        kv_list_end(into);
        return;
    }
    uint32_t most = asked->count == 0 || asked->count > ROWS_MAX ? ROWS_MAX : asked->count;
    for (uint64_t at = asked->after; at < core->agents->count; at++) {
        const struct agent *who = agent_at(core->agents, (uint32_t)at);
        if (!view_wants_agent(core, asked, who)) continue;
        if (count++ == most || into->length > BYTES_MAX) {
            kv_put_int(into, "next", (int64_t)at);
            return;
        }
        view_put_agent(core, who, into);
        kv_list_end(into);
    }
}

/* Finds the interaction by its number, or by its external id if the question gives one instead. `*ended`: it ended
 * lately. The medium is part of the key but not of the question, so each medium is tried. */
static const struct interaction *one_asked(const struct core *core, const struct view_asked *asked, uint64_t *ended)
{
    *ended = 0;
    if (!asked->external) return interaction_named(core->interactions, asked->name);
    for (unsigned medium = 1; medium < MEDIA_KINDS; medium++) {
        uint64_t ixn = submitted_before(core->submissions,
                                        submitted_key(core->submissions, asked->name, (struct span){0}, medium));
        if (ixn != 0 && interaction_by_id(core->interactions, ixn)) return interaction_by_id(core->interactions, ixn);
        if (ixn != 0) *ended = ixn;
    }
    return NULL;
}

/* Answers for an external id that is not known: writes the id of the newest interaction, and whether external ids of
 * ended interactions have been forgotten, so that the asker knows whether there may have been such an interaction. */
static void put_memory(const struct core *core, struct kv *into)
{
    view_put_id(into, "newest", interactions_newest(core->interactions));
    if (submitted_forgets(core->submissions)) kv_put_bool(into, "forgets", true);
}

/* Writes a call-back that is named by its external id: when it is due, and once it has begun its interaction. False:
 * there is no call-back of that name. */
static bool put_booked(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    const struct booking *row = asked->external ? booking_named(core, asked->name) : NULL;
    if (!row) return false;
    kv_put_time(into, "due", row->due_us);
    kv_put_int(into, "attempts", row->attempts);
    if (row->ixn == 0) return true;
    const struct interaction *ix = interaction_by_id(core->interactions, row->ixn);
    view_put_id(into, "id", row->ixn);
    kv_put_text(into, "state", span_of(interaction_state_word(ix->state)));
    kv_put_bool(into, "reached", ix->leg);
    return true;
}

/* Writes the outcome of an interaction that has ended lately. */
static void put_outcome(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    uint64_t ixn = 0, count = core->records->ended_count;
    char text[IXN_TEXT];
    if (!text_set_span(text, sizeof text, asked->name) || !ident_read_ixn(text, &ixn)) return;
    for (uint64_t back = 1; back <= count && back <= ENDED_KEPT; back++) {
        const struct ended *ended = record_ended_at(core->records, count - back);
        if (!ended || ended->ixn != ixn) continue;
        view_put_id(into, "ended", ixn);
        put_some(into, "outcome", core_outcome_word(ended->outcome));
        return;
    }
}

/* Writes how the interaction ended, as the event EventEnded said it: the keeper may have lost that event. */
static void put_how(const struct core *core, uint64_t ixn, struct kv *into)
{
    uint64_t count = core->records->ended_count;
    for (uint64_t back = 1; ixn != 0 && back <= count && back <= ENDED_KEPT; back++) {
        const struct ended *ended = record_ended_at(core->records, count - back);
        if (!ended || ended->ixn != ixn) continue;
        kv_put_text(into, "how", span_of(submitted_ended_word(ended->outcome)));
        return;
    }
}

/* Writes the virtual queue for which an agent was chosen to have it. */
static void put_vq(const struct core *core, const struct interaction *ix, struct kv *into)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(core->claims, at)->next_of_interaction) {
        if (claim_at(core->claims, at)->vq == 0) continue;
        put_some(into, "vq", core_name(core, claim_at(core->claims, at)->vq));
        return;
    }
}

/* Writes one interaction. Data that do not fit are left out completely: a part of them could be mistaken for all. */
static void put_one(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    uint64_t ended;
    const struct interaction *ix = one_asked(core, asked, &ended);
    if (!ix && ended == 0 && put_booked(core, asked, into)) return;
    if (!ix && !asked->external) put_outcome(core, asked, into);
    view_put_id(into, "ended", ended);
    put_how(core, ended, into);
    if (!ix && asked->external && ended == 0) put_memory(core, into);
    if (!ix) return;
    kv_put_text(into, "state", span_of(interaction_state_word(ix->state)));
    kv_put_text(into, "owner_kind", span_of(interaction_owner_word(ix->owner_kind)));
    put_some(into, "owner", core_name(core, ix->owner));
    put_vq(core, ix, into);
    if (ix->submitted)
        view_put_submitted(core, ix, into);
    else
        view_put_id(into, "id", ix->id);
    size_t before = into->length;
    kv_list_begin(into, span_of("data"));
    userdata_all(core->interactions, ix, into);
    kv_list_end(into);
    if (into->length > KV_BYTES_MAX) into->length = before;
}

void core_view(const struct core *core, const struct view_asked *asked, struct kv *into)
{
    switch (asked->object) {
    case object_queue:
    case object_workbin:
        if (asked->view.length > 0)
            put_view(core, asked, into);
        else
            put_bin(core, asked, into);
        break;
    case object_agent:
        put_agents(core, asked, into);
        break;
    case object_interaction:
        put_one(core, asked, into);
        break;
    default:
        break;
    }
}
