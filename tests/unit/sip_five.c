/* tests/unit/sip_five.c - A whole exchange with five peers, for the tests (sip_five.h). */
#include "tests/unit/sip_five.h"

#include <string.h>

struct sip_world *world;
struct sip_peer *caller, *agent, *expert, *outlet;

void five_begin_at(const char *const (*settings)[2], const char *trunk, const char *telephones, const char *beyond)
{
    world = world_new(settings);
    caller = world_peer(world, trunk, "");
    agent = world_peer(world, telephones, "7001");
    expert = world_peer(world, telephones, "7002");
    (void)world_peer(world, trunk, "");
    outlet = world_peer(world, beyond, "+4930"); /* its port is that of `outbound` */
}

void five_begin_with(const char *const (*settings)[2])
{
    five_begin_at(settings, "127.0.0.2", "127.0.0.3", "127.0.0.4");
}

void five_begin(void)
{
    five_begin_with(NULL);
}

void five_finish(void)
{
    world_free(world);
}

struct telephone *five_telephone(const char *dn)
{
    return telephones_find(&world->exchange.telephones, dn);
}

void five_dials(struct sip_peer *as, const char *number, unsigned hops)
{
    as->hops = hops;
    peer_calls(world, as, number);
    world_run(world, 100);
}

unsigned five_counted(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) count++;
    return count;
}
