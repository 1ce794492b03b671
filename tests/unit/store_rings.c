/* tests/unit/store_rings.c - Agents' lists of calls, wrap-ups and favourites in the contact store. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/store_world.h"

TestSuite(store_rings, .timeout = 60);

static struct store_ring ring_of(const char *agent, const char *name, const char *number, int64_t at)
{
    return (struct store_ring){
        .tenant = "", .agent = agent, .external_id = span_of(name), .number = span_of(number), .wraps = true, .at = at};
}

static void take_ring(void *out, const struct store_ring_shown *shown)
{
    char *text = ((struct listed *)out)->text;
    snprintf(text + strlen(text), sizeof(struct listed) - strlen(text), "%s%s:%s:%s ", shown->inside ? "*" : "",
             (const char *)shown->number.bytes, (const char *)shown->outcome.bytes, (const char *)shown->wrapup.bytes);
}

static const char *rings(struct store_world *world, const char *agent, bool unwrapped)
{
    static struct listed listed;
    listed.text[0] = '\0';
    bool good = unwrapped ? store_rings_unwrapped(world->store, "", agent, take_ring, &listed, &world->error)
                          : store_rings(world->store, "", agent, 0, 0, take_ring, &listed, &world->error);
    cr_assert(good, "%s", world->error.text);
    return listed.text;
}

/* The call rings, is answered unless it was missed, and is over. */
static void talks(struct store_world *world, const char *name, const char *number, bool answered)
{
    struct store_ring ring = ring_of("ann", name, number, 10);
    cr_assert(store_ring(world->store, &ring, &world->error), "%s", world->error.text);
    ring.at = 20;
    if (answered) cr_assert(store_ring_answered(world->store, &ring, &world->error), "%s", world->error.text);
    ring.at = 30;
    cr_assert(store_ring_over(world->store, &ring, "missed", &world->error), "%s", world->error.text);
}

Test(store_rings, a_call_waits_for_its_wrap_up_until_its_agent_is_done)
{
    struct store_world world;
    struct store_ring_key key;
    world_new(&world);
    talks(&world, "c1#1", "+33145550101", true);
    talks(&world, "c2#1", "+33145550102", false);
    cr_expect_str_eq(rings(&world, "ann", false), "+33145550102:missed: +33145550101:answered: ");
    cr_expect_str_eq(rings(&world, "bob", false), "");
    cr_expect_str_eq(rings(&world, "ann", true), "+33145550101:answered: ", "what was missed has no wrap-up");
    world_again(&world);
    struct store_ring_wrapped said = {
        .tenant = "", .agent = "ann", .ring = 1, .wrapup = span_of("sold"), .note = span_of("a letter")};
    GOOD(store_ring_wrapped(world.store, &said, &key, &world.error));
    cr_expect_str_eq(key.external_id, "c1#1");
    cr_expect_str_eq(rings(&world, "ann", true), "+33145550101:answered:sold ");
    said.agent = "bob";
    cr_expect_not(store_ring_wrapped(world.store, &said, &key, &world.error), "it is not another's");
    cr_expect_eq(world.error.code, ERROR_UNKNOWN);
    said.agent = "ann", said.done = 40;
    GOOD(store_ring_wrapped(world.store, &said, &key, &world.error));
    cr_expect_str_eq(rings(&world, "ann", true), "");
    cr_expect_not(store_ring_wrapped(world.store, &said, &key, &world.error), "it is done once");
    /* It comes back to the same telephone. */
    talks(&world, "c1#1", "+33145550101", true);
    cr_expect_str_eq(rings(&world, "ann", true), "+33145550101:answered:sold ");
    world_free(&world);
}

Test(store_rings, the_list_is_bounded_and_keeps_what_is_not_done)
{
    struct store_world world;
    char name[16];
    world_new(&world);
    talks(&world, "first", "+33145550101", true);
    for (int i = 0; i < STORE_RINGS_MAX + 5; i++) {
        snprintf(name, sizeof name, "c%d", i);
        talks(&world, name, "+33145550102", false);
    }
    snprintf(name, sizeof name, "%d", STORE_RINGS_MAX + 1);
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM rings"), name);
    cr_expect_str_eq(rings(&world, "ann", true), "+33145550101:answered: ");
    world_free(&world);
}

static void take_favourite(void *out, struct span kind, struct span name, struct span shown)
{
    char *text = ((struct listed *)out)->text;
    snprintf(text + strlen(text), sizeof(struct listed) - strlen(text), "%s:%s:%s ", (const char *)kind.bytes,
             (const char *)name.bytes, (const char *)shown.bytes);
}

Test(store_rings, favourites_are_each_agents_own_and_so_many_at_most)
{
    struct store_world world;
    struct listed listed = {0};
    char name[16];
    world_new(&world);
    struct store_favourite one = {.tenant = "", .agent = "ann", .kind = "agent", .name = span_of("bob"), .made = 5};
    GOOD(store_favourite(world.store, &one, true, &world.error));
    one.shown = span_of("Bob Hill");
    GOOD(store_favourite(world.store, &one, true, &world.error));
    GOOD(store_favourites(world.store, "", "ann", take_favourite, &listed, &world.error));
    cr_expect_str_eq(listed.text, "agent:bob:Bob Hill ");
    for (int i = 1; i < STORE_FAVOURITES_MAX; i++) {
        snprintf(name, sizeof name, "q%d", i);
        struct store_favourite queue = {.tenant = "", .agent = "ann", .kind = "queue", .name = span_of(name)};
        GOOD(store_favourite(world.store, &queue, true, &world.error));
    }
    GOOD(store_favourite(world.store, &one, true, &world.error));
    struct store_favourite more = {.tenant = "", .agent = "ann", .kind = "number", .name = span_of("1800")};
    cr_expect_not(store_favourite(world.store, &more, true, &world.error));
    cr_expect_eq(world.error.code, ERROR_LIMIT);
    GOOD(store_favourite(world.store, &one, false, &world.error));
    GOOD(store_favourite(world.store, &more, true, &world.error));
    listed.text[0] = '\0';
    GOOD(store_favourites(world.store, "", "bob", take_favourite, &listed, &world.error));
    cr_expect_str_eq(listed.text, "");
    world_free(&world);
}

Test(store_rings, an_erased_person_is_in_no_list)
{
    struct store_world world;
    int64_t contacts, count;
    struct store_key key;
    world_new(&world);
    struct store_arrival call = {.tenant = "",
                                 .media = "voice",
                                 .external_id = span_of("c1#1"),
                                 .kind = STORE_phone,
                                 .address = span_of("+33145550101"),
                                 .received = 10};
    GOOD(store_put(world.store, &call, &key, &world.error));
    talks(&world, "c1#1", "+33145550101", true);
    talks(&world, "c2#1", "+33145550109", true); /* no contact has this number */
    struct store_ring_key ring;
    struct store_ring_wrapped said = {.tenant = "", .agent = "ann", .ring = 1, .note = span_of("is ill")};
    GOOD(store_ring_wrapped(world.store, &said, &ring, &world.error));
    struct store_favourite often = {
        .tenant = "", .agent = "ann", .kind = "number", .name = span_of("+33 1 45 55 01 01")};
    GOOD(store_favourite(world.store, &often, true, &world.error));
    GOOD(store_erase(world.store, key.contact, 50, &count, &world.error));
    cr_expect_str_eq(rings(&world, "ann", false), "+33145550109:answered: :answered: ");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM rings WHERE note IS NOT NULL"), "0");
    /* the agent was not done with the call, and says what came of it */
    said.done = 60;
    GOOD(store_ring_wrapped(world.store, &said, &ring, &world.error));
    cr_expect_str_eq(ring.external_id, "c1#1");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM rings WHERE note IS NOT NULL"), "0");
    said.ring = 2;
    GOOD(store_ring_wrapped(world.store, &said, &ring, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT note FROM rings WHERE note IS NOT NULL"), "is ill");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM favourites"), "0");
    (void)store_forget(world.store, span_of("+33145550109"), 60, &contacts, &count, &world.error);
    cr_expect_str_eq(rings(&world, "ann", false), ":answered: :answered: ");
    /* a name of SIP is no number, and a call may be known by its own name alone */
    call = (struct store_arrival){.tenant = "",
                                  .media = "voice",
                                  .external_id = span_of("c3#1"),
                                  .kind = STORE_other,
                                  .address = span_of("bob@sip.example"),
                                  .received = 10};
    GOOD(store_put(world.store, &call, &key, &world.error));
    talks(&world, "c3#1", "anonymous", true);
    talks(&world, "c4#1", "Bob@sip.example", true);
    talks(&world, "c5#1", "eve@sip.example", true);
    often.name = span_of("bob@sip.example");
    GOOD(store_favourite(world.store, &often, true, &world.error));
    GOOD(store_erase(world.store, key.contact, 50, &count, &world.error));
    cr_expect_str_eq(rings(&world, "ann", false),
                     "eve@sip.example:answered: :answered: :answered: :answered: :answered: ");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM favourites"), "0");
    (void)store_forget(world.store, span_of("eve@sip.example"), 60, &contacts, &count, &world.error);
    cr_expect_str_eq(rings(&world, "ann", false), ":answered: :answered: :answered: :answered: :answered: ");
    world_free(&world);
}
