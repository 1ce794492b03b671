/* tests/unit/core_hostile_frames.c - Events that the codec accepts and that make no sense: kinds, fields, values of
 * enumerations and columns of the directory are drawn from the tables, what they name from the core as it is now. */
#include "tests/unit/core_hostile_frames.h"

#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/claim.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/vocabulary.h"

enum { EVENTS_BELOW = 1024 };

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* An interaction that lives; NULL: none does. */
static const struct interaction *live_ix(struct hostile *h)
{
    const struct interactions *interactions = h->world->core->interactions;
    uint32_t at = interactions->first;
    for (uint64_t steps = draw(&h->seed, interactions->live + 1u); at != INTERACTION_NONE && steps > 0; steps--)
        at = interaction_at(interactions, at)->next;
    return at != INTERACTION_NONE ? interaction_at(interactions, at) : NULL;
}

static uint64_t ixn_drawn(struct hostile *h)
{
    const struct interaction *ix = draw(&h->seed, 8) != 0 ? live_ix(h) : NULL;
    return ix ? ix->id : UINT64_C(1) << 48 | (1 + draw(&h->seed, 30));
}

/* A ConnID of a call that is there, of one that is over or comes next, or of no link. */
static uint64_t conn_drawn(struct hostile *h, unsigned link)
{
    const struct interaction *ix = draw(&h->seed, 3) != 0 ? live_ix(h) : NULL;
    if (ix && ix->conn != 0) return ix->conn;
    uint64_t place = draw(&h->seed, 16) != 0 ? (uint64_t)link << 48 : 0;
    return place + 0x10000000 + h->conns + draw(&h->seed, 6);
}

static const struct sent *sent_drawn(struct hostile *h)
{
    enum { RING = sizeof h->world->sent / sizeof h->world->sent[0] };
    uint32_t there = h->world->sent_count < RING ? h->world->sent_count : RING;
    return there != 0 ? &h->world->sent[draw(&h->seed, there)] : NULL;
}

static uint64_t number(struct hostile *h)
{
    static const uint64_t numbers[] = {1, 2, 3, 5, 16, 17, 63, 79, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX, 1u << 20};
    const struct claims *claims = h->world->core->claims;
    const struct sent *sent = sent_drawn(h);
    switch (draw(&h->seed, 7)) {
    case 0:
        return numbers[draw(&h->seed, sizeof numbers / sizeof numbers[0])];
    case 1:
        return claims->count != 0 ? claims->all[draw(&h->seed, claims->count)].id : 1;
    case 2:
        return sent ? sent->ref : 1;
    case 3:
        return ixn_drawn(h);
    case 4:
        return LINK + draw(&h->seed, 2);
    default:
        return draw(&h->seed, 12) + 1;
    }
}

/* A name that the core knows, or a column of the directory, or any. */
static struct span name(struct hostile *h)
{
    static const char *const names[] = {"marie",
                                        "paul",
                                        "7001",
                                        "7002",
                                        "1800",
                                        "desk",
                                        "5000",
                                        "service",
                                        "French",
                                        "overflow",
                                        "account",
                                        "x",
                                        "a/b",
                                        "overflow/marie",
                                        "1-000000000001",
                                        "language",
                                        "customer",
                                        "calls",
                                        "enterprise",
                                        "tserver",
                                        "far",
                                        "tserver/far",
                                        "point,direct",
                                        "1990",
                                        "98",
                                        "customer_callback",
                                        "0123456789012345678901234567890123456789012345678901234567890123"};
    static const char *const columns[] = {
#define SHEET(name, number, doc)
#define COLUMN(sheet, name, type, of, missing, doc) name,
#define END_SHEET(name)
#include "runtime/daemon/directory/directory.def"
    };
    const struct names *known = h->world->core->names;
    uint64_t which = draw(&h->seed, 8);
    if (which < 3) return names_text(known, (uint32_t)draw(&h->seed, known->count));
    if (which == 3) return span_of(columns[draw(&h->seed, sizeof columns / sizeof columns[0])]);
    return span_of(names[draw(&h->seed, sizeof names / sizeof names[0])]);
}

static void pairs(struct hostile *h, struct kv *kv, unsigned depth)
{
    for (uint64_t count = draw(&h->seed, 5); count > 0; count--) {
        struct kv_value value = {.tag = (enum kv_tag)draw(&h->seed, 8), .word = (int64_t)number(h), .number = 0.5};
        struct span key = name(h);
        if (value.tag == KV_LIST) {
            if (depth >= 4) continue;
            kv_list_begin(kv, key);
            pairs(h, kv, depth + 1);
            kv_list_end(kv);
            continue;
        }
        if (value.tag == KV_TEXT || value.tag == KV_BINARY) value.span = name(h);
        kv_put(kv, key, &value);
    }
}

static void put(struct hostile *h, struct writer *writer, const struct field_row *field);

static void record(struct hostile *h, struct writer *writer, const struct row *row)
{
    for (unsigned at = 0; at < row->count; at++)
        if (draw(&h->seed, 2) == 0) put(h, writer, &row->fields[at]);
}

static void put(struct hostile *h, struct writer *writer, const struct field_row *field)
{
    static const uint8_t other[32] = {1, 2, 3};
    const uint8_t *hash = draw(&h->seed, 4) != 0 ? image_hash(h->world->image) : other;
    struct kv kv;
    switch (field->type) {
    case TYPE_B:
        writer_u(writer, field->number, draw(&h->seed, 4) != 0);
        break;
    case TYPE_E:
        writer_u(writer, field->number,
                 field->values->count != 0 && draw(&h->seed, 16) != 0
                     ? field->values->values[draw(&h->seed, field->values->count)].number
                     : draw(&h->seed, 64));
        break;
    case TYPE_N:
    case TYPE_ID:
        writer_u(writer, field->number, number(h));
        break;
    case TYPE_I:
    case TYPE_T:
    case TYPE_D:
        writer_i(writer, field->number, (int64_t)number(h));
        break;
    case TYPE_CONN:
        writer_conn(writer, field->number, conn_drawn(h, LINK + (unsigned)draw(&h->seed, 2)));
        break;
    case TYPE_NAME:
    case TYPE_ADDR:
    case TYPE_TEXT:
        writer_bytes(writer, field->number, name(h));
        break;
    case TYPE_HASH:
        writer_bytes(writer, field->number, (struct span){hash, sizeof other});
        break;
    case TYPE_KV:
    case TYPE_ROWS:
    case TYPE_VALUES:
        kv_init(&kv);
        pairs(h, &kv, 0);
        writer_kv(writer, field->number, &kv);
        kv_free(&kv);
        break;
    case TYPE_LIST_TEXT:
        writer_list_begin(writer, field->number);
        for (uint64_t count = draw(&h->seed, 4); count > 0; count--) writer_list_text(writer, name(h));
        writer_list_end(writer);
        break;
    case TYPE_LIST_N:
        writer_list_begin(writer, field->number);
        for (uint64_t count = draw(&h->seed, 4); count > 0; count--) writer_list_u(writer, number(h));
        writer_list_end(writer);
        break;
    case TYPE_ONE_BLOB:
        writer_blob_begin(writer, field->number);
        record(h, writer, row_of_record(field->type));
        writer_blob_end(writer);
        break;
    case TYPE_BYTES:
        writer_bytes(writer, field->number, name(h));
        break;
    case TYPE_LIST_PARTY:
    case TYPE_LIST_BLOB:
        writer_list_begin(writer, field->number);
        for (uint64_t count = draw(&h->seed, 4); count > 0; count--) {
            writer_record_begin(writer);
            record(h, writer, row_of_record(field->type));
            writer_record_end(writer);
        }
        writer_list_end(writer);
        break;
    }
}

/* Such an event ends much of what was built up, so it comes more rarely. */
static bool ends_much(unsigned kind)
{
    return kind == KIND_LinkDown || kind == KIND_DirectoryCommit || kind == KIND_EventCallDeleted ||
           kind == KIND_RequestStop || kind == KIND_AdminRequest || kind == KIND_ResyncEnd || kind == KIND_Retire;
}

struct span hostile_frame(struct hostile *h)
{
    struct writer *writer = &h->world->writer;
    /* Every other one is of what calls and work live by, so that the rest finds some. */
    static const unsigned life[] = {KIND_EventCallCreated,  KIND_EventCallCreated, KIND_Submit,
                                    KIND_EventRouteRequest, KIND_EventRouteUsed,   KIND_EventParty,
                                    KIND_EventDone,         KIND_EventDone,        KIND_EventTreatment,
                                    KIND_EventAgentState,   KIND_RequestAccept};
    unsigned kind = draw(&h->seed, 2) == 0 ? life[draw(&h->seed, sizeof life / sizeof life[0])] : 0;
    while (!kind_is_event(kind) || !row_of(kind)) kind = (unsigned)draw(&h->seed, EVENTS_BELOW);
    if (ends_much(kind) && draw(&h->seed, 8) != 0) return hostile_frame(h);
    static const unsigned sources[] = {SOURCE_HOST, SOURCE_ADMIN, SOURCE_PARTITIONS, LINK, LINK, LINK, LINK + 1};
    unsigned source = sources[draw(&h->seed, 7)];
    for (unsigned tries = 0; tries < 40 && !kind_posted_by(kind, source); tries++) source = sources[draw(&h->seed, 7)];
    h->kind = kind;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_source, source);
    writer_u(writer, ENVELOPE_seq, ++h->world->seq[source]);
    const struct sent *sent = draw(&h->seed, 2) == 0 ? sent_drawn(h) : NULL; /* an answer */
    const struct row *row = row_of(kind);
    if (draw(&h->seed, 3) != 0) writer_u(writer, ENVELOPE_ixn, sent && sent->ixn != 0 ? sent->ixn : ixn_drawn(h));
    if (draw(&h->seed, 2) == 0) writer_u(writer, ENVELOPE_ref, sent ? sent->ref : number(h));
    if (draw(&h->seed, 6) != 0)
        writer_conn(writer, ENVELOPE_conn,
                    sent && sent->conn != 0 ? sent->conn : conn_drawn(h, source >= LINK ? source : LINK));
    if (draw(&h->seed, 2) == 0) writer_u(writer, ENVELOPE_client, number(h));
    for (unsigned at = 0; at < row->count; at++)
        if (draw(&h->seed, 4) != 0 && row->fields[at].number > ENVELOPE_tenant) put(h, writer, &row->fields[at]);
    if (draw(&h->seed, 8) == 0) h->conns++; /* calls come, one after another */
    return writer_end(writer);
}

struct core_world *hostile_world(void)
{
    static const char *const caps[] = {"calls", "sessions", "treatments", "pull_back", "set_agent", "desktops", NULL};
    struct core_world *world = world_new();
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK + 1);
    writer_text(writer, LinkUp_name, "far");
    writer_list_begin(writer, LinkUp_caps);
    for (unsigned i = 0; caps[i]; i++) writer_list_text(writer, span_of(caps[i]));
    writer_list_end(writer);
    world_post(world);
    directory(world, table_access, "tserver/far",
              (const char *const[]){"from", "tserver", "to", "far", "code", "98", "types", "direct,point", "points",
                                    "1990", NULL});
    directory(world, table_access, "far/tserver",
              (const char *const[]){"from", "far", "to", "tserver", "code", "97", "types", "direct", NULL});
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    return world;
}
