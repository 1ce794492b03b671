/* tests/unit/sip_signal.c - What a whole exchange (sip_world.h) says by SIP: to telephones behind routers, of calls that
 * go out again, and who gets through when it is full. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sip_world.h"

TestSuite(sip_signal, .timeout = 60);

static struct world *world;
static struct peer *caller, *agent, *expert, *outlet;

static void begin_with(const char *const (*settings)[2])
{
    world = world_new(settings);
    caller = world_peer(world, "127.0.0.2", "");
    agent = world_peer(world, "127.0.0.3", "7001");
    expert = world_peer(world, "127.0.0.3", "7002");
    (void)world_peer(world, "127.0.0.2", "");
    outlet = world_peer(world, "127.0.0.4", "+4930"); /* its port is that of `outbound` */
}

static void begin(void)
{
    begin_with(NULL);
}

static void finish(void)
{
    world_free(world);
}

static struct telephone *telephone(const char *dn)
{
    return telephones_find(&world->exchange.telephones, dn);
}

/* --- Telephones behind routers --- */

Test(sip_signal, a_telephone_behind_a_router_is_asked_before_that_forgets_it, .init = begin, .fini = finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    peer_registers(world, expert);
    world_run(world, 24000);
    cr_assert(agent->status == 200 && expert->status == 200);
    cr_assert_eq(agent->asked, 0, "its REGISTER has opened the way");
    world_run(world, 2000);
    cr_assert_eq(agent->asked, 1);
    world_run(world, 50000);
    cr_assert_eq(agent->asked, 3);
    cr_assert_eq(expert->asked, 0, "it is reached at its Contact: no router is between");
    cr_assert_eq(*world->logged, '\0', "%s", world->logged);
    telephone_is(&world->exchange, telephone("7001"), false);
    world_run(world, 30000);
    cr_assert_eq(agent->asked, 3);
}

Test(sip_signal, a_telephone_that_answers_nothing_is_told_once, .init = begin, .fini = finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    world_run(world, 20000);
    agent->deaf = true;
    world_run(world, 40000);
    cr_assert(strstr(world->logged, "dn=7001: it answers nothing at 127.0.0.3:50"), "%s", world->logged);
    *world->logged = '\0';
    world_run(world, 50000);
    cr_assert(*world->logged == '\0' && telephone("7001")->alive.silent, "%s", world->logged);
    agent->deaf = false;
    peer_registers(world, agent);
    world_run(world, 30000);
    cr_assert_not(telephone("7001")->alive.silent);
}

Test(sip_signal, what_a_telephone_sends_to_keep_its_way_open_is_no_fault, .init = begin, .fini = finish)
{
    peer_sends(agent, "\r\n\r\n");
    peer_sends(agent, "");
    world_run(world, 100);
    cr_assert_eq(world->refused, 0);
    peer_sends(agent, "\r\nWhat?\r\n");
    world_run(world, 100);
    cr_assert_eq(world->refused, 1);
}
