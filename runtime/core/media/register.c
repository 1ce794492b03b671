/* runtime/core/media/register.c - Registrations of desks, and the notices that they get.
 *
 * A row is one object about which links want to be told: an agent, a queue, a workbin or an interaction. `links` has
 * a bit for each link that has registered. Links are told, not single desks.
 *
 *     fact, or a changed bin -> registered_changed(): the row is marked, and put into `changed`
 *     behind the event       -> registers_settle():   each marked row is told once, as it is now
 *
 * Ten changes in one event give one notice with the last state. A row without links is free. */
#include "runtime/core/media/register.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/vocabulary/ident.h"
#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/directory/may.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/rows.h"

/* ---- the table ---- */

static uint64_t registered_key(const struct registered *row)
{
    return table_mix64(table_mix64(table_mix64(row->object) + row->ixn) + ((uint64_t)row->whose << 32 | row->name));
}

static uint64_t registered_row_key(const void *owner, uint32_t at)
{
    return registered_key(&((const struct registers *)owner)->all[at]);
}

static void registers_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    *core->registers = (struct registers){.free = REGISTERED_NONE};
    lookup_init(&core->registers->by_object, core->registers, registered_row_key);
}

static void registers_release(void *self)
{
    struct core *core = self;
    free(core->registers->all);
    free(core->registers->changed);
    lookup_free(&core->registers->by_object);
}

static uint64_t registered_hash(const struct registered *row)
{
    return row->links == 0 ? 0 : table_mix64(registered_key(row) + row->links);
}

static bool is_bin(const struct registered *row)
{
    return row->object == object_queue || row->object == object_workbin;
}

/* Sets the row's links; without any the row is free. The sum of all rows' hashes, for the digest, is updated with
 * each change. */
static void set_links(struct core *core, uint32_t at, uint64_t links)
{
    struct registers *registers = core->registers;
    struct registered *row = &registers->all[at];
    assert(at < registers->count && (row->links != 0 || links != 0)); /* a free row must not be set to free again */
    registers->content -= registered_hash(row);
    row->links = links;
    registers->content += registered_hash(row);
    if (links != 0) return;
    if (is_bin(row)) (void)submitted_watch(core->submissions, row->name, row->whose, false);
    lookup_remove(&registers->by_object, registered_key(row));
    row->next = registers->free;
    registers->free = at;
}

/* Makes a row. REGISTERED_NONE: there are too many rows, or the bin cannot be watched. */
static uint32_t row_made(struct core *core, const struct registered *of)
{
    struct registers *registers = core->registers;
    uint32_t at = registers->free;
    if (at == REGISTERED_NONE && registers->count >= REGISTERED_MAX) return REGISTERED_NONE;
    if (is_bin(of) && !submitted_watch(core->submissions, of->name, of->whose, true)) return REGISTERED_NONE;
    at = POOL_TAKE(registers, next);
    bool changed = registers->all[at].changed; /* the list may still have this row from its earlier use */
    registers->all[at] = *of;
    registers->all[at].changed = changed;
    lookup_add(&registers->by_object, at);
    return at;
}

/* Called when a link comes up: what its desks registered before does not count any more. */
void register_forget_link(struct core *core, unsigned source)
{
    assert(source >= SOURCE_LINKS && source - SOURCE_LINKS < LINKS_MAX);
    uint64_t link = UINT64_C(1) << (source - SOURCE_LINKS);
    for (uint32_t at = 0; at < core->registers->count; at++) {
        uint64_t links = core->registers->all[at].links;
        if ((links & link) != 0) set_links(core, at, links & ~link);
    }
}

/* ---- notices ---- */

static void notice_begin(struct core *core, unsigned link, uint64_t ixn, enum notify change, enum object object,
                         struct span name)
{
    effect_begin(core->effects, &(struct effect){.kind = KIND_Notify, .link = link, .about = ixn});
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Notify_change, change);
    writer_u(writer, Notify_object, object);
    writer_bytes(writer, Notify_name, name);
}

/* Ends a notice, with the pairs in core->scratch. */
static void notice_end(struct core *core, struct span whose)
{
    writer_kv(&core->effects->writer, Notify_value, &core->scratch);
    writer_bytes(&core->effects->writer, Notify_whose, whose);
    effect_end(core->effects);
}

static void put_name(struct core *core, const char *key, uint32_t name)
{
    if (name != 0) kv_put_text(&core->scratch, key, core_name(core, name));
}

/* Writes the reasons of the agent's states: one for each medium with a state of its own. */
static void put_reasons(struct core *core, const struct agent *who)
{
    kv_list_begin(&core->scratch, span_of("reasons"));
    EACH_MEDIUM(medium, who->own) put_name(core, enum_name_media(medium), session_reason(who, (enum media)medium));
    kv_list_end(&core->scratch);
}

/* Writes the agent's states; media without a state of their own have that of voice and are left out. */
static void register_put_agent(struct core *core, uint32_t name)
{
    uint32_t agent;
    if (!agent_find(core->agents, name, &agent)) return;
    const struct agent *who = agent_at(core->agents, agent);
    EACH_MEDIUM(medium, media_set_with(who->own, media_voice, true))
    kv_put_text(&core->scratch, enum_name_media(medium),
                span_of(enum_name_agent_state(session_state(who, (enum media)medium))));
    put_reasons(core, who);
    interactions_put_media(core->interactions, &core->scratch);
    put_name(core, "reason", who->reason);
    struct state_by set = session_set_by(core->sessions, agent);
    if (set.by.length != 0) kv_put_text(&core->scratch, "by", set.by);
    if (set.by.length != 0) kv_put_text(&core->scratch, "why", set.why);
    if (set.by.length != 0) kv_put_text(&core->scratch, "set", span_of(enum_name_agent_state(set.state)));
    put_name(core, "display", who->display);
    put_name(core, "place", who->place);
    kv_put_int(&core->scratch, "has", who->claimed);
}

static void put_owner(struct core *core, const struct interaction *ix)
{
    kv_put_text(&core->scratch, "state", span_of(interaction_state_word(ix->state)));
    kv_put_text(&core->scratch, "owner_kind", span_of(interaction_owner_word(ix->owner_kind)));
    put_name(core, "owner", ix->owner);
}

static void registered_tell(struct core *core, const struct registered *row, unsigned link,
                            const struct interaction *ix)
{
    static const enum notify changes[] = {[object_agent] = notify_AgentState,
                                          [object_queue] = notify_QueueContentChanged,
                                          [object_workbin] = notify_WorkbinContentChanged,
                                          [object_interaction] = notify_InteractionChanged};
    char id[IXN_TEXT];
    struct span name = core_name(core, row->name);
    if (row->object == object_interaction) name = (struct span){(const uint8_t *)id, ident_print_ixn(row->ixn, id)};
    bool stopped = row->object == object_interaction && !ix;
    notice_begin(core, link, row->ixn, stopped ? notify_Stopped : changes[row->object], (enum object)row->object, name);
    kv_clear(&core->scratch);
    if (row->object == object_agent) register_put_agent(core, row->name);
    const struct bin *bin = is_bin(row) ? submitted_bin(core->submissions, row->name, row->whose) : NULL;
    if (bin) kv_put_int(&core->scratch, "count", bin->count);
    if (ix) put_owner(core, ix);
    notice_end(core, core_name(core, row->whose));
}

/* Sends the notice about a row; an interaction that has ended is reported as stopped, once, and its row is freed. */
static void tell_links(struct core *core, uint32_t at)
{
    const struct registered row = core->registers->all[at];
    const struct interaction *ix = row.ixn == 0 ? NULL : interaction_by_id(core->interactions, row.ixn);
    if (ix && interaction_has_ended(ix)) ix = NULL;
    for (unsigned bit = 0; bit < LINKS_MAX; bit++)
        if ((row.links >> bit & 1) != 0 && link_usable(core->links, SOURCE_LINKS + bit))
            registered_tell(core, &row, SOURCE_LINKS + bit, ix);
    if (row.ixn != 0 && !ix) set_links(core, at, 0);
}

/* Marks an object as changed; does nothing if nobody has registered for it. */
static void registered_changed(struct core *core, const struct registered *of)
{
    struct registers *registers = core->registers;
    uint32_t at;
    if (!lookup_find(&registers->by_object, registered_key(of), &at) || registers->all[at].changed) return;
    registers->all[at].changed = true;
    assert(registers->changed_count < registers->count); /* each row is in the list once */
    uint32_t count = ++registers->changed_count;
    registers->changed =
        memory_grow(registers->changed, &registers->changed_capacity, count, sizeof *registers->changed);
    registers->changed[count - 1] = at;
}

static void registers_hear(void *self, const struct fact *fact)
{
    struct core *core = self;
    if (core->registers->by_object.count == 0) return;
    if (fact->what == FACT_agent_state)
        registered_changed(core, &(struct registered){.object = object_agent, .name = fact->name});
    else if (fact->what == FACT_owned || fact->what == FACT_ended)
        registered_changed(core, &(struct registered){.object = object_interaction, .ixn = fact->ixn});
}

/* Sends the notices of the event; a row that was freed since it was marked has no links, and is skipped. */
static void registers_settle(void *self)
{
    struct core *core = self;
    struct registers *registers = core->registers;
    for (const struct bin *bin; (bin = submitted_changed(core->submissions));)
        registered_changed(core, &(struct registered){.object = bin->whose == 0 ? object_queue : object_workbin,
                                                      .name = bin->name,
                                                      .whose = bin->whose});
    while (registers->changed_count > 0) {
        uint32_t at = registers->changed[--registers->changed_count];
        assert(at < registers->count && registers->all[at].changed);
        registers->all[at].changed = false;
        if (registers->all[at].links != 0) tell_links(core, at);
    }
}

/* ---- requests ---- */

/* Finds the object that the request names. False: there is no object of that name, or nobody can register for such
 * objects. */
static bool registered_object(struct core *core, const struct message *message, struct registered *row)
{
    struct span name = message_text(message, RequestRegister_name);
    struct span whose = message_text(message, RequestRegister_whose);
    uint32_t agent;
    *row = (struct registered){.object = (uint8_t)message_u(message, RequestRegister_object)};
    if (row->object == object_interaction) {
        const struct interaction *ix = interaction_named(core->interactions, name);
        row->ixn = ix ? ix->id : 0;
        return ix != NULL;
    }
    row->name = row->object == object_workbin ? names_pass(core->names, name) : names_find(core->names, name);
    if (row->name == 0) return false;
    if (row->object == object_agent) return agent_find(core->agents, row->name, &agent);
    if (row->object == object_queue) return core_directory_has_queue(core->directory, row->name);
    if (whose.length == 0) whose = message_text(message, ENVELOPE_actor);
    row->whose = workbin_owner(core->interactions, whose);
    return row->object == object_workbin && row->whose != 0;
}

/* True: the supervisor leads whose workbin it is, or leads all; or it is the workbin of all. */
static bool leads_owner(const struct core *core, struct span person, uint32_t whose)
{
    char why[MAY_TEXT];
    uint32_t agent;
    struct span name = core_name(core, whose);
    return span_is(name, WORKBIN_OF_ALL) ||
           (agent_find(core->agents, whose, &agent) && may_on_agent(core, person, agent, why)) ||
           may_on_group(core, person, name, why);
}

/* May the agent register for the object? An agent may register for a workbin that is open to the agent, and a
 * supervisor for whom the link vouches for those of whom the supervisor leads. */
static bool may_hear(const struct core *core, const struct message *message, const struct registered *row)
{
    uint32_t agent, name = names_find(core->names, message_text(message, ENVELOPE_actor));
    bool supervises = message_u(message, RequestRegister_supervises) != 0;
    if (row->object != object_workbin) return true;
    bool open = agent_find(core->agents, name, &agent) && workbin_open_to(core->interactions, row->whose, agent);
    if (supervises && !open && !leads_owner(core, message_text(message, ENVELOPE_actor), row->whose)) return false;
    return authority_allows(ACT_watch, open ? claim_kind_free : claim_kind_none,
                            supervises ? AUTHORITY_supervisor : AUTHORITY_agent);
}

/* Carries out a registration; the link is told the present state at once, and need not ask for it. */
void register_on(struct core *core, const struct message *message)
{
    struct registered row;
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    uint32_t at = REGISTERED_NONE;
    bool on = message_u(message, RequestRegister_on) != 0;
    if (!registered_object(core, message, &row)) {
        effect_reply(core->effects, message, outcome_error, code_invalid_attribute, "there is no such object", NULL);
        return;
    }
    if (on && !may_hear(core, message, &row)) {
        effect_reply(core->effects, message, outcome_error, code_no_privilege, NULL, NULL);
        return;
    }
    if (!lookup_find(&core->registers->by_object, registered_key(&row), &at) && on) at = row_made(core, &row);
    if (at == REGISTERED_NONE && on) {
        effect_reply(core->effects, message, outcome_error, code_overload, "there are too many registrations", NULL);
        return;
    }
    effect_reply_about(core->effects, message, row.ixn, outcome_ok, code_ok, NULL, NULL);
    if (at == REGISTERED_NONE) return;
    uint64_t link = UINT64_C(1) << (source - SOURCE_LINKS), links = core->registers->all[at].links;
    set_links(core, at, on ? links | link : links & ~link);
    if (on)
        registered_tell(core, &core->registers->all[at], source,
                        row.ixn == 0 ? NULL : interaction_by_id(core->interactions, row.ixn));
}

/* ---- notices about agents who join and leave ---- */

void register_tell_party(struct core *core, struct interaction *ix, uint32_t agent, enum party_role role, bool there)
{
    char id[IXN_TEXT];
    struct span name = {(const uint8_t *)id, ident_print_ixn(ix->id, id)};
    uint64_t links = interaction_agents_links(core->interactions, ix);
    for (unsigned link = SOURCE_LINKS; links != 0; link++, links >>= 1) {
        if ((links & 1) == 0 || link == ix->link || !link_usable(core->links, link)) continue;
        notice_begin(core, link, ix->id, there ? notify_PartyAdded : notify_PartyRemoved, object_interaction, name);
        kv_clear(&core->scratch);
        put_name(core, "agent", agent_at(core->agents, agent)->name);
        kv_put_text(&core->scratch, "role", span_of(enum_name_party_role(role)));
        notice_end(core, (struct span){0});
    }
}

void register_tell_reply(struct core *core, struct interaction *ix, bool warns)
{
    char id[IXN_TEXT];
    struct span name = {(const uint8_t *)id, ident_print_ixn(ix->id, id)};
    uint64_t links = interaction_agents_links(core->interactions, ix), due_us = reply_due_us(core, ix);
    uint64_t away_us = reply_away_due_us(core, ix);
    for (unsigned link = SOURCE_LINKS; links != 0; link++, links >>= 1) {
        if ((links & 1) == 0 || !link_usable(core->links, link)) continue;
        notice_begin(core, link, ix->id, notify_ReplyDue, object_interaction, name);
        kv_clear(&core->scratch);
        if (due_us != 0) kv_put_time(&core->scratch, "due", (int64_t)due_us + core->now->wall_offset_us);
        if (away_us != 0) kv_put_time(&core->scratch, "away_due", (int64_t)away_us + core->now->wall_offset_us);
        if (warns) kv_put_bool(&core->scratch, "warns", true);
        notice_end(core, (struct span){0});
    }
}

void register_tell_shown(struct core *core, unsigned source)
{
    kv_clear(&core->scratch);
    notice_begin(core, source, 0, notify_Shown, object_client, (struct span){0});
    notice_end(core, (struct span){0});
}

static uint64_t registers_hash(const void *self)
{
    const struct core *core = self;
    return core->registers->content;
}

static bool registers_good(const void *self)
{
    const struct core *core = self;
    const struct registers *registers = core->registers;
    uint64_t content = 0;
    uint32_t rows = 0;
    for (uint32_t at = 0; at < registers->count; at++) {
        content += registered_hash(&registers->all[at]);
        rows += registers->all[at].links != 0;
    }
    return content == registers->content && rows == registers->by_object.count;
}

static void registered_keep(struct core *core, struct keeper *keeper, uint32_t at)
{
    struct registered *row = &core->registers->all[at];
    row->links = keep_u64(keeper, row->links);
    row->changed = keep_bool(keeper, row->changed);
    row->next = keep_index(keeper, row->next, core->registers->count, REGISTERED_NONE);
    if (row->links == 0) return;
    row->ixn = keep_u64(keeper, row->ixn);
    row->name = name_keep(core->names, keeper, row->name);
    row->whose = name_keep(core->names, keeper, row->whose);
    row->object = keep_u8(keeper, row->object);
    lookup_restore(&core->registers->by_object, keeper, at);
}

static void registers_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct registers *registers = core->registers;
    POOL_KEEP(registers, keeper, REGISTERED_MAX);
    for (uint32_t at = 0; at < registers->count && keep_good(keeper); at++) registered_keep(core, keeper, at);
    registers->changed = keep_rows(keeper, registers->changed, &registers->changed_count, &registers->changed_capacity,
                                   registers->count, sizeof *registers->changed);
    for (uint32_t at = 0; at < registers->changed_count; at++)
        registers->changed[at] = keep_index(keeper, registers->changed[at], registers->count, 0);
    registers->content = keep_u64(keeper, registers->content);
}

/* True: each row is free, or has an object for which one can register. */
static bool registers_sound(void *self)
{
    struct core *core = self;
    const struct registers *registers = core->registers;
    struct marks marks = marks_of(registers->count);
    bool good = true;
    POOL_MARK_FREE(registers, next, links, 0, &marks, good);
    for (uint32_t at = 0; good && at < registers->count; at++) {
        const struct registered *row = &registers->all[at];
        if (row->links != 0)
            good = marks_mark(&marks, at) &&
                   (is_bin(row) ? submitted_bin(core->submissions, row->name, row->whose) != NULL
                                : row->object == object_agent || row->object == object_interaction);
    }
    return marks_end(&marks, registers->count) && good;
}

const struct part_ops part_ops_registers = {
    .size = sizeof(struct registers),
    .init = registers_init,
    .free = registers_release,
    .settle = registers_settle,
    .hash = registers_hash,
    .check = registers_good,
    .hear = registers_hear,
    .keep = registers_keep,
    .sound = registers_sound,
};
