/* tests/unit/core_userdata.c - What desktops and IVRs attach: coerced to the declared types or refused, and told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_userdata, .timeout = 30);

static void attach(struct core_world *world, enum data_op op, const struct kv *pairs, const char *key)
{
    world->client = 3;
    world->req = 77;
    struct writer *writer = world_event(world, LINK, KIND_RequestUserData, 0, 0, CALL);
    writer_text(writer, ENVELOPE_actor, "marie");
    writer_u(writer, RequestUserData_op, op);
    if (pairs) writer_kv(writer, RequestUserData_pairs, pairs);
    if (key) {
        writer_list_begin(writer, RequestUserData_keys);
        writer_list_text(writer, span_of(key));
        writer_list_end(writer);
    }
    world_post(world);
    world->client = world->req = 0;
}

static void attach_text(struct core_world *world, enum data_op op, const char *key, const char *text)
{
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, key, span_of(text));
    attach(world, op, &pairs, NULL);
    kv_free(&pairs);
}

Test(core_userdata, what_is_attached_is_kept_answered_and_told)
{
    struct core_world *world = world_new();
    created(world, CALL); /* no strategy yet: as in flow V2 */
    attach_text(world, data_op_Attach, "note", "the customer was here before");
    expect(world, "Reply ok\nEventAttachedDataChanged note\n");
    cr_assert(data_is(world, CALL, "note", "the customer was here before"));
    route_request(world, CALL, 0); /* and it goes with the call into the strategy */
    cr_assert(data_is(world, CALL, "note", "the customer was here before"));
    world_forget(world);
    attach(world, data_op_DeletePair, NULL, "note");
    expect(world, "Reply ok\nEventAttachedDataChanged\n");
    cr_assert_not(data_is(world, CALL, "note", "the customer was here before"));
    world_free(world);
}

Test(core_userdata, a_declared_key_takes_its_own_type_only)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    attach_text(world, data_op_Update, "language", "French");
    expect(world, "Reply ok\nEventAttachedDataChanged language\n");
    cr_assert(data_is(world, CALL, "language", "French"));
    attach_text(world, data_op_Update, "language", "Klingon");
    expect(world, "Reply error invalid_attribute\n");
    cr_assert(data_is(world, CALL, "language", "French"));
    attach(world, data_op_DeletePair, NULL, "language");
    expect(world, "Reply error invalid_state\n");
    struct kv pairs;
    kv_init(&pairs);
    kv_list_begin(&pairs, span_of("customer"));
    kv_put_text(&pairs, "name", span_of("Somebody with a name that does not fit into a word"));
    kv_put_text(&pairs, "tier", span_of("a tier that does not either"));
    kv_list_end(&pairs);
    kv_put_int(&pairs, "account", 4711); /* a number is a text too */
    attach(world, data_op_Attach, &pairs, NULL);
    kv_free(&pairs);
    expect(world, "Reply ok\nEventAttachedDataChanged customer account\n");
    cr_assert(data_is(world, CALL, "account", "4711"));
    world_free(world);
}

Test(core_userdata, all_or_nothing)
{
    struct core_world *world = world_new();
    struct kv pairs;
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    kv_init(&pairs);
    kv_put_text(&pairs, "account", span_of("4712"));
    kv_put_text(&pairs, "language", span_of("Klingon"));
    attach(world, data_op_Attach, &pairs, NULL);
    kv_free(&pairs);
    expect(world, "Reply error invalid_attribute\n");
    cr_assert_not(data_is(world, CALL, "account", "4712"));
    world_free(world);
}

Test(core_userdata, a_call_that_is_not_there_is_an_error)
{
    struct core_world *world = world_new();
    attach_text(world, data_op_Attach, "note", "x");
    expect(world, "Reply error unknown_conn_id\n");
    world_free(world);
}

Test(core_userdata, an_arrival_brings_its_data_and_declared_keys_are_found_in_it)
{
    struct core_world *world = world_new();
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, "account", span_of("a long account number"));
    kv_put_text(&pairs, "language", span_of("Klingon")); /* no such skill: kept beside */
    kv_put_text(&pairs, "campaign", span_of("autumn"));
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_kv(writer, EventCallCreated_data, &pairs);
    world_post(world);
    kv_free(&pairs);
    route_request(world, CALL, 0);
    cr_assert(data_is(world, CALL, "account", "a long account number"));
    cr_assert(data_is(world, CALL, "language", "Klingon"));
    cr_assert(data_is(world, CALL, "campaign", "autumn"));
    world_free(world);
}

Test(core_userdata, more_than_a_message_carries_is_refused)
{
    struct core_world *world = world_new();
    static char text[3001];
    memset(text, 'x', sizeof text - 1);
    created(world, CALL);
    for (int at = 0; at < 12; at++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", at);
        attach_text(world, data_op_Attach, key, text);
    }
    cr_assert(strstr(world->trace, "EventAttachedDataChanged k9\n"));
    cr_assert(!strstr(world->trace, "EventAttachedDataChanged k10\n"));
    cr_assert(strstr(world->trace, "Reply error invalid_attribute\n"));
    world_forget(world);
    route_request(world, CALL, 0); /* and all of it still goes with the call */
    treatment_end(world, CALL, NULL);
    treatment_end(world, CALL, NULL);
    treatment_end(world, CALL, NULL);
    cr_assert(strstr(world->trace, "RequestRouteCall 5000\n"));
    world_free(world);
}

Test(core_userdata, all_of_a_request_is_attached_or_nothing)
{
    struct core_world *world = world_new();
    created(world, CALL);
    for (unsigned request = 0; request < 2;
         request++) { /* the second: in a message they would fit, packed they do not */
        struct kv pairs;
        kv_init(&pairs);
        for (unsigned at = 0; at < 490; at++) {
            char key[16];
            snprintf(key, sizeof key, "%c%03u", 'a' + request, at);
            kv_put_text(&pairs, key, span_of("twenty-one characters"));
        }
        world_forget(world);
        attach(world, data_op_Attach, &pairs, NULL);
        kv_free(&pairs);
        cr_assert(data_is(world, CALL, "a489", "twenty-one characters"));
    }
    expect(world, "Reply error invalid_attribute\n");
    cr_assert_not(data_is(world, CALL, "b000", "twenty-one characters"));
    world_free(world);
}

/* A strategy may attach what it likes: an adapter that is sent a bad message closes the link. */
Test(core_userdata, what_leaves_is_what_a_message_may_carry)
{
    struct core_world *world = world_new();
    struct core *core = world->core;
    char key[300];
    memset(key, 'k', sizeof key);
    kv_clear(&core->scratch);
    kv_put_text(&core->scratch, "first", span_of("1"));
    kv_put_text(&core->scratch, "long", (struct span){(const uint8_t *)key, 0});
    kv_put(&core->scratch, (struct span){(const uint8_t *)key, sizeof key},
           &(struct kv_value){.tag = KV_INT, .word = 1});
    kv_list_begin(&core->scratch, span_of("many"));
    for (unsigned at = 0; at < 1001; at++) kv_put_int(&core->scratch, "item", at);
    kv_list_end(&core->scratch);
    kv_put_text(&core->scratch, "last", span_of("2"));
    effect_begin(core->effects, &(struct effect){.kind = KIND_EventAttachedDataChanged, .link = LINK});
    effect_kv(core->effects, EventAttachedDataChanged_changed);
    struct span frame = writer_end(&core->effects->writer);
    struct message message;
    struct kv_value value;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    struct span changed = message_text(&message, EventAttachedDataChanged_changed);
    cr_assert(kv_get(changed, "first", &value) && kv_get(changed, "last", &value));
    cr_assert_not(kv_get(changed, "many", &value));
    world_free(world);
}

static bool is_secret(const struct core *core, const char *key)
{
    struct kv data;
    struct kv_value value;
    kv_init(&data);
    bool is = core_data(core, CALL, &data) && kv_get(kv_span(&data), key, &value) && value.secret;
    kv_free(&data);
    return is;
}

/* The image here declares `account`, and not as a secret; where the mark comes from, another one does. */
Test(core_userdata, what_was_secret_stays_so_under_an_open_key)
{
    struct core_world *world = world_new();
    struct core *core = world->core;
    struct kv pairs;
    uint64_t word;
    kv_init(&pairs);
    kv_put(&pairs, span_of("account"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("815099")});
    kv_put(&pairs, span_of("note"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("661177")});
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_kv(writer, EventCallCreated_data, &pairs);
    world_post(world);
    kv_free(&pairs);
    route_request(world, CALL, 0);
    const struct block *block = block_at(core->slab, interaction_by_conn(core->interactions, CALL)->block);
    cr_assert_not(block_slot(block, 0, &word), "the strategy reads it");
    cr_assert(data_is(world, CALL, "account", "815099"));
    cr_assert(is_secret(core, "account") && is_secret(core, "note"));
    world_forget(world);
    attach_text(world, data_op_Update, "note", "661188"); /* what comes later is as secret, */
    expect(world, "Reply ok\nEventAttachedDataChanged note\n");
    cr_assert(data_is(world, CALL, "note", "661188") && is_secret(core, "note"));
    attach_text(world, data_op_Update, "account", "815100"); /* and there is one of it */
    cr_assert(data_is(world, CALL, "account", "815100") && is_secret(core, "account"));
    attach(world, data_op_DeletePair, NULL, "note");
    cr_assert_not(is_secret(core, "note"));
    world_free(world);
}

static unsigned count_of(const struct core *core, const char *key)
{
    struct kv data;
    struct kv_pair pair;
    unsigned count = 0;
    kv_init(&data);
    cr_assert(core_data(core, CALL, &data));
    for (uint32_t at = 0; kv_next(kv_span(&data), &at, &pair);) count += span_is(pair.key, key);
    kv_free(&data);
    return count;
}

Test(core_userdata, what_is_said_secretly_twice_and_again_is_there_twice)
{
    struct core_world *world = world_new();
    struct kv pairs;
    created(world, CALL);
    route_request(world, CALL, 0);
    for (int i = 0; i < 4; i++) {
        kv_init(&pairs);
        struct kv_value first = {.tag = KV_TEXT, .secret = true, .span = span_of("first")};
        struct kv_value second = {.tag = KV_TEXT, .secret = true, .span = span_of("second")};
        kv_put(&pairs, span_of("account"), &first);
        kv_put(&pairs, span_of("account"), &second);
        attach(world, data_op_Update, &pairs, NULL);
        kv_free(&pairs);
        cr_assert_eq(count_of(world->core, "account"), 2u, "%u after %d updates", count_of(world->core, "account"),
                     i + 1);
        cr_assert(data_is(world, CALL, "account", "first") && is_secret(world->core, "account"));
    }
    world_end(world);
}

/* Text that the block must keep, so that next to nothing more fits in. */
static void fill(struct core_world *world, unsigned system, uint32_t length)
{
    struct core *core = world->core;
    struct interaction *ix = interaction_by_conn(core->interactions, CALL);
    static char text[32000];
    uint64_t word;
    memset(text, 'x', sizeof text);
    cr_assert(block_make_text(core->slab, ix->block, text, length, &word));
    block_system_set(core->slab, ix->block, system, word);
    interaction_touch(core->interactions, ix);
    interactions_count(core->interactions);
}

Test(core_userdata, what_a_full_block_cannot_take_whole_it_does_not_take_at_all)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    attach_text(world, data_op_Attach, "note", "as before");
    fill(world, 3, 30000);
    fill(world, 5, 30000);
    uint64_t content =
        interaction_content(world->core->interactions, interaction_by_conn(world->core->interactions, CALL));
    world_forget(world);
    static char large[4000];
    memset(large, 'y', sizeof large - 1);
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, "first", span_of("this one would fit"));
    kv_put_text(&pairs, "note", span_of("so would this"));
    kv_put_text(&pairs, "second", span_of(large));
    kv_put_text(&pairs, "third", span_of(large));
    attach(world, data_op_Update, &pairs, NULL);
    kv_free(&pairs);
    expect(world, "Reply error invalid_attribute\n");
    cr_assert(data_is(world, CALL, "note", "as before"));
    cr_assert_eq(interaction_content(world->core->interactions, interaction_by_conn(world->core->interactions, CALL)),
                 content);
    attach_text(world, data_op_Attach, "first", "this one fits");
    expect(world, "Reply ok\nEventAttachedDataChanged first\n");
    treatment_end(world, CALL, "4711"); /* and the strategy goes on where it was */
    cr_assert(data_is(world, CALL, "account", "4711"));
    world_free(world);
}

/* The values under a key, in their order, with a space behind each. */
static const char *all_of(struct core_world *world, const char *key)
{
    static char texts[256];
    struct kv data;
    struct kv_pair pair;
    uint32_t at = 0;
    size_t length = 0;
    kv_init(&data);
    cr_assert(core_data(world->core, CALL, &data));
    texts[0] = 0;
    while (kv_next(kv_span(&data), &at, &pair))
        if (span_is(pair.key, key))
            length += (size_t)snprintf(texts + length, sizeof texts - length, "%.*s ", (int)pair.value.span.length,
                                       (const char *)pair.value.span.bytes);
    kv_free(&data);
    return texts;
}

/* `account` is a key that the strategy declares. */
Test(core_userdata, of_a_key_that_comes_twice_all_is_kept_and_the_first_counts)
{
    static const char *const keys[] = {"note", "account"};
    struct core_world *world = world_new();
    struct kv pairs;
    kv_init(&pairs);
    for (unsigned at = 0; at < 4; at++) kv_put_text(&pairs, keys[at % 2], span_of(at < 2 ? "first" : "second"));
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_kv(writer, EventCallCreated_data, &pairs);
    world_post(world);
    for (unsigned at = 0; at < 2; at++) cr_assert_str_eq(all_of(world, keys[at]), "first second ");
    route_request(world, CALL, 0);
    for (unsigned at = 0; at < 2; at++) {
        cr_assert_str_eq(all_of(world, keys[at]), "first second ");
        attach_text(world, data_op_Update, keys[at], "one");
        cr_assert_str_eq(all_of(world, keys[at]), "one ");
    }
    attach(world, data_op_Attach, &pairs, NULL);
    for (unsigned at = 0; at < 2; at++) cr_assert_str_eq(all_of(world, keys[at]), "first second ");
    attach(world, data_op_DeletePair, NULL, "note");
    cr_assert_str_eq(all_of(world, "note"), "");
    kv_free(&pairs);
    world_end(world);
}
